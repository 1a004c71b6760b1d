/** What the draft leaves to people; each is one line that begins with this mark. */
const MARK = '**TODO(human):**'

export interface OpenQuestion {
  /** Which of the page's marks it is, from 0. */
  readonly index: number
  readonly question: string
}

/** The open questions of a postmortem, in order. */
export const openQuestions = (markdown: string): readonly OpenQuestion[] =>
  markdown
    .split('\n')
    .filter((line) => line.includes(MARK))
    .map((line, index) => ({ index, question: line.slice(line.indexOf(MARK) + MARK.length).trim() }))

/**
 * Puts answers in place of questions. An answer is a person's own text: line ends become blanks, and it can neither
 * spell a mark of ours nor end a region.
 */
export const answerQuestions = (markdown: string, answers: ReadonlyMap<number, string>): string => {
  let index = -1
  return markdown
    .split('\n')
    .map((line) => {
      const at = line.indexOf(MARK)
      if (at === -1) return line
      index += 1
      const answer = answers.get(index)?.replaceAll(/\s+/g, ' ').trim() ?? ''
      return answer === ''
        ? line
        : `${line.slice(0, at)}${answer.replaceAll('<!--', '<! --').replaceAll('TODO(human)', 'TODO (human)')}`
    })
    .join('\n')
}
