import type { LogLine } from '../lines/line.ts'
import type { GoOomEvent } from './runtimeEvents.ts'
import { foldingRecognizer, isKernelLine, numberOf, toldBy } from '../telling.ts'

/**
 * The Go runtime gives up (exit 2):
 *   runtime: out of memory: cannot allocate 4194304-byte block (66781184 in use)
 *   fatal error: out of memory
 * Not: `goroutine stack exceeds …` (recursion), `makeslice: len out of range` (a bug).
 */
export const golangRecognizer = foldingRecognizer<GoOomEvent>('golang', (line) => read(line), {
  key: () => 'go',
  isEcho: () => true,
  // The two lines are printed by one throw.
  within: { ms: 2000, lines: 3 },
})

const BLOCK = /^runtime: out of memory: cannot allocate (-?\d{1,20})-byte block(?: \((\d{1,20}) in use\)|\s{0,4}$)/
/** In front the words of who started the program; behind it the escaped line breaks of a message in a message. */
const FATAL =
  /(?:^|(?:stderr|stdout|output|error|stopped|failed|died): {1,2}["'`]?|\\n|["'`])fatal error: (runtime: out of memory|out of memory(?: allocating (?:heap arena (?:map|metadata)|allArenas))?|runtime: cannot allocate memory|failed to reserve page summary memory|failed to allocate aligned heap memory; too many retries|cannot allocate (?:memory|heap metadata)|runtime: cannot (?:map pages in|reserve) arena (?:virtual )?address space)(?: \(.{0,80}\))?[\\"'`*]{0,16}\s{0,4}$/

const ADDRESS_SPACE = /reserve/

const read = (line: LogLine): GoOomEvent | null => {
  if (isKernelLine(line)) return null
  const text = line.text.trimStart()
  if (text.startsWith('runtime: out of memory')) {
    const block = BLOCK.exec(text)
    if (block === null) return null
    return {
      type: 'go-oom',
      ...toldBy(line),
      requestedBytes: numberOf(block[1]),
      inUseBytes: numberOf(block[2]),
      addressSpace: false,
    }
  }
  if (!text.includes('fatal error: ')) return null
  const fatal = FATAL.exec(text)
  if (fatal === null) return null
  return {
    type: 'go-oom',
    ...toldBy(line),
    requestedBytes: null,
    inUseBytes: null,
    addressSpace: ADDRESS_SPACE.test(fatal[1] ?? ''),
  }
}
