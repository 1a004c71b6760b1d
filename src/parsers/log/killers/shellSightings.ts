import type { Sighting } from './sighting.ts'
import { KILLED_WORDS } from '../lines/languages.ts'
import { onProgress, OVER_PROGRESS } from './progress.ts'

/** `run.sh: line 3:  8156 `, in the languages of bash: `Zeile 3:`, `ligne 3 :`, `第 3 行：`. */
export const AT_LINE = String.raw`(?:^|: ?|：|, )(?:(?:line|[\p{L}]{1,10}) ?)?\d{1,7} ?(?:行|列)?[:：] {0,6}(\d{1,10}) `
/** With the word in front the blanks behind may be lost in a copy. */
const AT_NAMED_LINE = String.raw`(?:^|: ?)(?:line|Zeile|ligne|línea|linea|linha|строка|rij|rad|řádek|linia|行|第) ?\d{1,7} ?(?:行)?[:：] {0,6}(?<pid>\d{1,10}) `

const aboutChild = (word: string): RegExp => {
  const killed = word.replace(/[()]/g, String.raw`\$&`)
  return new RegExp(String.raw`${AT_LINE}${killed}(?: {2}|\s{0,4}$)|${AT_NAMED_LINE}${killed} \S`, 'u')
}

/** How shells tell of a child that ended by SIGKILL, and what stands beside them in batch systems. */
export const SHELL_SIGHTINGS: readonly Sighting[] = [
  ...KILLED_WORDS.map((word): Sighting => ({
    needle: word,
    reporter: 'shell',
    pattern: aboutChild(word),
    seenAs: 'signal',
  })),
  // The later part of a pipeline has no line number, and csh's job one in brackets.
  {
    needle: ' Killed ',
    reporter: 'shell',
    pattern: /^(?:\[\d{1,4}\] {1,8}[+-]? {0,4}| {1,12})(\d{2,10}) Killed {6,60}\S/,
    seenAs: 'signal',
  },
  // dash names its line only, zsh its child, and macOS the signal's number.
  {
    needle: 'illed',
    reporter: 'shell',
    pattern:
      /^(?:\/\S{0,200}\/)?sh: (?:line )?\d{1,7}: Killed\s{0,4}$|^zsh: killed {4,10}\S|^Killed: 9(?:\s{0,4}$| {4,})/,
    seenAs: 'signal',
  },
  {
    needle: 'Killed',
    reporter: 'shell',
    pattern: onProgress('Killed'),
    seenAs: 'signal',
  },
  {
    needle: '] Killed',
    reporter: 'make',
    pattern: /^g?make(?:\[\d{1,3}\])?: \*\*\* \[.{1,1000}\] Killed(?:: 9)?\s{0,4}$/,
    seenAs: 'signal',
  },
  { needle: 'Killed ', reporter: 'shell', pattern: OVER_PROGRESS, seenAs: 'signal' },
  // Copied out of a page the columns are lost; a footnote (`[1] 2023 killed the plan`) names no program.
  {
    needle: ' killed ',
    reporter: 'shell',
    pattern:
      /(?:^|`)\[\d{1,4}\] {1,4}(?:[+-] {1,4})?(\d{2,10}) killed {1,12}(?:[^\s/=.]{0,60}[/=.]\S|(?:python3?|node|npm|npx|yarn|pnpm|bun|cargo|make|ninja|cmake|go|java|ruby|docker|bash|sudo|pip3?|conda|ffmpeg|g?cc|g\+\+) )/,
    seenAs: 'signal',
  },
  {
    needle: ' Killed ',
    reporter: 'shell',
    pattern: /^\[\d{1,4}\][+-] {1,4}Killed {1,9}\S/,
    seenAs: 'signal',
  },
  {
    needle: ' Killed: 9',
    reporter: 'shell',
    pattern: /: line \d{1,7}: {1,6}(\d{1,10}) Killed: 9(?: {2}|\s{0,4}$)/,
    seenAs: 'signal',
  },
  {
    needle: ': Killed',
    reporter: 'slurm',
    pattern: /^srun: error: \S{1,255}: tasks? [\d,-]{1,200}: Killed\s{0,4}$/,
    seenAs: 'signal',
  },
]
