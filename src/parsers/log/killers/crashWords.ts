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

/** A shell about a crash on a bad address in the words of the user's language. */
export const CRASH_WORDS: readonly Sighting[] = SEGFAULT_WORDS.map((word) => inOtherWords(word))
