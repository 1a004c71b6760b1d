import { SEGFAULT_WORDS } from '../lines/languages.ts'
import { AT_LINE } from './shellSightings.ts'
import type { Sighting } from './sighting.ts'

/** bash in another language than English: `./run.sh: Zeile 12:  3319 Speicherzugriffsfehler  (Speicherabzug …`. */
const inOtherWords = (word: string): Sighting => {
  const crashed = word.replace(/[()]/g, String.raw`\$&`)
  return {
    needle: word,
    reporter: 'shell',
    pattern: new RegExp(
      String.raw`${AT_LINE}${crashed}(?: {1,4}\(| {2}|\s{0,4}$)|^(?:\[\d{1,4}\][+-]? {1,4})?${crashed}(?: {1,4}\([^)]{3,60}\)| {10,40}\S.{0,400})?\s{0,4}$`,
      'u',
    ),
    seenAs: 'signal',
  }
}

/** A crash on a bad address in the words of the user's language, of a tool that watches memory, or as a number. */
export const CRASH_WORDS: readonly Sighting[] = [
  ...SEGFAULT_WORDS.map((word) => inOtherWords(word)),
  {
    needle: 'Segmentation fault - invalid',
    reporter: 'fortran',
    pattern:
      /^(?:Program received signal SIGSEGV|Program received signal 11 \(SIGSEGV\)): Segmentation fault - invalid memory reference\./,
    seenAs: 'signal',
  },
  {
    needle: 'Process terminating with',
    reporter: 'valgrind',
    pattern: /^==(\d{1,10})== Process terminating with default action of signal 11 \(SIGSEGV\)/,
    seenAs: 'signal',
  },
  {
    needle: 'ORA-07445: ',
    reporter: 'oracle',
    pattern: /\bORA-07445: exception encountered: core dump \[.{0,300}\] \[SIGSEGV\]/,
    seenAs: 'signal',
  },
  {
    needle: '-11',
    reporter: 'a parent',
    pattern:
      /(?:\b(?:exit|return) ?(?:status|code)(?: was)?|\bexitcode|\bexited unexpectedly \(code)["']?:? {0,2}-11(?![\d-]|\.\d| (?:is|means?)\b)/,
    seenAs: 'signal',
  },
  // Windows: an access violation, as it is or as a number without a sign.
  {
    needle: '1073741819',
    reporter: 'a parent',
    pattern: /\b[Ee]xit(?:ed)?(?: with)?(?: ?code| ?status)?:? -1073741819\b/,
    seenAs: 'status',
  },
  {
    needle: '3221225477',
    reporter: 'a parent',
    pattern: /\b[Ee]xit(?:ed)?(?: with)?(?: ?code| ?status)?:? 3221225477\b/,
    seenAs: 'status',
  },
]
