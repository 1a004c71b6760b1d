import { KILLED_WORDS } from '../lines/languages.ts'
import type { Sighting } from './sighting.ts'

const literal = (word: string): string => word.replace(/[()]/g, String.raw`\$&`)

/** gcc's driver about a compiler it started, in the language of the user; in brackets the program's name. */
const COMPILERS = String.raw`(?:cc1(?:plus|obj|objplus)?|lto1|lto-wrapper|collect2|f951|gnat1|d21|go1|as|ld)`

const killedCompiler = (word: string): Sighting => ({
  needle: word,
  reporter: 'gcc',
  pattern: new RegExp(
    String.raw`: ${literal(word)} ?[(（]\p{L}{2,12} ?${COMPILERS}[)）]|: ${literal(word)} signal terminated program ${COMPILERS}\b|terminated with signal 9 \[${literal(word)}\]`,
    'u',
  ),
  seenAs: 'signal',
})

/** make about the shell it started: `make[3]: *** [display_mode_vba.o] Killed`. */
const killedRecipe = (word: string): Sighting => ({
  needle: word,
  reporter: 'make',
  pattern: new RegExp(
    String.raw`^(?:g|mingw32-)?make(?:\[\d{1,3}\])?: \*\*\* \[.{1,400}\] ${literal(word)}\s{0,4}$`,
    'u',
  ),
  seenAs: 'signal',
})

/** Builds, service managers and launchers of parallel programs about a child that ended by SIGKILL. */
export const BUILD_SIGHTINGS: readonly Sighting[] = [
  ...KILLED_WORDS.flatMap((word) => [killedCompiler(word), killedRecipe(word)]),
  {
    needle: 'Killed (signal 9)',
    reporter: 'mpirun',
    pattern: /\bTERMINATED WITH THE EXIT STRING: Killed \(signal 9\)/,
    seenAs: 'signal',
  },
  {
    needle: 'KILLED BY SIGNAL: 9',
    reporter: 'mpirun',
    pattern: /^= {1,8}KILLED BY SIGNAL: 9 \(Killed\)/,
    seenAs: 'signal',
  },
  {
    needle: 'shutdown with signal 9',
    reporter: 'text-generation-inference',
    pattern: /\bShard process was signaled to shutdown with signal 9\b/,
    seenAs: 'signal',
  },
  {
    needle: 'return code = -9',
    reporter: 'deepspeed',
    pattern: /\bexits with return code = -9\b/,
    seenAs: 'signal',
  },
  // Its sentence is wrapped at eighty columns.
  {
    needle: 'killed (i.e. SIGKILL)',
    reporter: 'cabal',
    pattern: /^(?:.{0,400}\bprocess was )?killed \(i\.e\. SIGKILL\)\. The typical reason\b/,
    seenAs: 'signal',
  },
]
