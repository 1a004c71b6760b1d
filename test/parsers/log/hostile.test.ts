import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { kernelRecognizers } from '../../../src/parsers/log/kernel/kernelRegistry.ts'
import { recognizers } from '../../../src/parsers/log/registry.ts'
import { recognize } from './recognize.ts'

const PROGRAMS = recognizers.filter((recognizer) => !kernelRecognizers.includes(recognizer))

/** The beginnings that make the expressions run, so that random text gets past the cheap checks. */
const STARTS = [
  'a.service: ',
  'a.service: Killing process 1 (',
  'Unit ',
  '/etc/systemd/system/a.service:1: ',
  "/etc/systemd/system/a.service:1: Invalid x '",
  'Killed /',
  'Killed /a due to memory used ',
  'sending SIGTERM to process 1 uid 0 "',
  'FATAL ERROR: ',
  '# Fatal process out of memory: ',
  '[1:0x1] 1 ms: ',
  'java.lang.OutOfMemoryError: ',
  'Allowed memory size of 1 bytes exhausted ',
  'Allowed memory size of 1 bytes exhausted (tried to allocate 1 bytes) in ',
  'MemoryError',
  'runtime: out of memory: ',
  'Cannot allocate memory',
  'xrealloc: ',
  'ENOMEM ',
  'No space left on device ',
  'Resource temporarily unavailable ',
  'TaskOOM event ',
  'OOMKilled ',
  'CrashLoopBackOff ',
  'restarting failed container ',
  'WORKER TIMEOUT (pid:',
  'container oom ',
  'x : COMMAND=',
  'type=SYSCALL msg=audit(',
  'ERROR low memory ',
  ' execution timed out (',
]

describe('hostile lines', () => {
  it('never throw', () => {
    const text = fc
      .tuple(fc.constantFrom('', ...STARTS), fc.string({ unit: 'binary', maxLength: 300 }))
      .map(([start, rest]) => start + rest)
    fc.assert(
      fc.property(fc.array(text, { maxLength: 20 }), (texts) => {
        for (const recognizer of PROGRAMS) recognize(recognizer, texts)
      }),
      { numRuns: 300 },
    )
  })

  it.each([
    ' ',
    'a',
    '1',
    '(',
    '/',
    '"',
    ': ',
    'a.service ',
    'Killed /a due to memory pressure for /',
    '[1:0x1] 1 ms: A',
    'FATAL ERROR: ',
    'MemoryError.',
  ])('of 8 KB take no time that grows with a power of their length: %j', (unit) => {
    const long = unit.repeat(Math.ceil(8192 / unit.length)).slice(0, 8192)
    const started = performance.now()
    for (const start of ['', ...STARTS]) {
      for (const recognizer of PROGRAMS) recognize(recognizer, [start + long, long + start])
    }
    // 32 starts × 21 recognizers × 2 lines: milliseconds when linear, minutes when not.
    expect(performance.now() - started).toBeLessThan(2500)
  })

  it('by the ten thousand of one kind are folded, not kept', () => {
    const texts = Array.from({ length: 10_000 }, () => 'bash: fork: Cannot allocate memory')
    for (const recognizer of PROGRAMS) expect(recognize(recognizer, texts).length).toBeLessThan(5)
  })
})
