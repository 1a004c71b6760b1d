/**
 * A copy may lose its line breaks: `[ 12.300000] mem-Info:[ 12.300001] active_anon:…`. Several kernel lines in one
 * are taken apart where the next one's stamp, or a decisive sentence, begins inside the text.
 */
const MARK = /(?:(?:[A-Z][a-z]{2} {1,2}\d{1,2} \d\d:\d\d:\d\d \S{1,64} )?kernel: )?(?:<\d>)?\[ {0,6}\d{1,7}\.\d{6}\]/g
const IS_GLUED = /\.\d{6}\][^[]{0,2000}[^[\s][^[]{0,2000}\[ {0,6}\d{1,7}\.\d{6}\]/
const SENTENCE =
  /(?<=[a-z)])(?=(?:Memory cgroup o|O)ut of memory: [Kk]ill(?:ed)? process \d)|(?<=child|\)|kB)(?=Killed process \d)/
const HAS_SENTENCE = /[Kk]ill(?:ed)? process \d.{1,400}[Kk]ill(?:ed)? process \d/

/** The lines in a line, by the stamps inside it: itself alone nearly always. */
export const atStamps = (line: string): readonly string[] =>
  line.length >= 60 && IS_GLUED.test(line) ? partsOf(line) : [line]

/** The sentences in a message, where a decisive one follows another without a break. */
export const atSentences = (text: string): readonly string[] =>
  text.length >= 60 && HAS_SENTENCE.test(text) ? text.split(SENTENCE) : [text]

const partsOf = (line: string): readonly string[] => {
  const parts: string[] = []
  let from = 0
  let textFrom = 0
  for (const match of line.matchAll(MARK)) {
    // Two stamps side by side are one line's.
    if (line.slice(textFrom, match.index).trim() !== '') {
      if (match.index > from) parts.push(line.slice(from, match.index).trimEnd())
      from = match.index
    }
    textFrom = match.index + match[0].length
  }
  return [...parts, line.slice(from)]
}
