/**
 * A copy may lose its line breaks: `[ 12.300000] mem-Info:[ 12.300001] active_anon:…`. Several kernel lines in one
 * are taken apart where the next one's stamp, or a decisive sentence, begins inside the text.
 */
const MARK =
  /(?:(?:[A-Z][a-z]{2} {1,2}\d{1,2} \d\d:\d\d:\d\d \S{1,64} )?kernel: )?(?:<\d>)?\[(?: {0,6}\d{1,10}\.\d{6}|[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4})\]/g
/** A report that some program packed into a string: its line breaks are written out. */
const isPacked = (line: string): boolean => line.includes(String.raw`\n`) && line.trimStart().startsWith('{')
const SENTENCE =
  /(?<=[a-z)])(?=(?:Memory cgroup o|O)ut of memory: [Kk]ill(?:ed)? process \d)|(?<=child|\)|kB)(?=Killed process \d)/
const HAS_SENTENCE = /[Kk]ill(?:ed)? process \d.{1,400}[Kk]ill(?:ed)? process \d/

/** A sentence of a person, and the line that is pasted behind it: `We hit this as well: Apr  8 17:46:37 db kernel: …` */
const SENTENCE_BEFORE =
  /^ {0,40}(?![A-Z][a-z]{2} {1,2}\d)[A-Za-z"'*(][^[\]{}]{0,200}[a-z]{2} [^[\]{}]{1,200}[:,.>"'`(] {0,2}(?=[A-Z][a-z]{2} {1,2}\d{1,2} \d\d:\d\d:\d\d \S{1,64} kernel: )/

/** Where a pasted line begins behind somebody's sentence; 0 when it does not. */
export const behindSentence = (text: string): number =>
  text.indexOf(' kernel: ', 30) < 0 ? 0 : (SENTENCE_BEFORE.exec(text.slice(0, 600))?.[0].length ?? 0)

/** A terminal fills a short line with blanks up to its edge, and a copy of it may lose the break behind them. */
const PADDED = / {3,400}(?=[A-Z][a-z]{2} {1,2}\d{1,2} \d\d:\d\d:\d\d \S{1,64} kernel: )/

/** The lines in a line, by the stamps inside it: itself alone nearly always. */
export const atStamps = (line: string): readonly string[] => {
  if (hasInnerStamp(line)) return isPacked(line) ? [line] : partsOf(line)
  return line.indexOf(' kernel: ', 60) > 0 && line.trimStart().length > 60 ? line.trim().split(PADDED) : [line]
}

/** Where a kernel stamp may end behind the first one; cheap, because every line of a log is asked. */
const hasInnerStamp = (line: string): boolean => {
  for (let at = line.indexOf(']', 30); at >= 0; at = line.indexOf(']', at + 1)) {
    if (line.charAt(at - 7) === '.' || (line.charAt(at - 5) === ' ' && line.charAt(at - 8) === ':')) return true
  }
  return false
}

/** The sentences in a message, where a decisive one follows another without a break. */
export const atSentences = (text: string): readonly string[] =>
  text.length >= 60 && HAS_SENTENCE.test(text) ? text.split(SENTENCE) : [text]

const partsOf = (line: string): readonly string[] => {
  const parts: string[] = []
  let from = 0
  /** Where the text behind the last stamp begins; what stands before the first stamp is its prefix. */
  let textFrom: number | null = null
  for (const match of line.matchAll(MARK)) {
    // Two stamps side by side are one line's.
    if (textFrom !== null && line.slice(textFrom, match.index).trim() !== '') {
      if (match.index > from) parts.push(line.slice(from, match.index).trimEnd())
      from = match.index
    }
    textFrom = match.index + match[0].length
  }
  return [...parts, line.slice(from)]
}
