import { describe, expect, it } from 'vitest'
import { collectionsIn, traceGcRecognizer } from '../../../src/parsers/log/programs/traceGc.ts'
import { v8Recognizer } from '../../../src/parsers/log/programs/v8.ts'
import { recognize } from './recognize.ts'

const MIB = 1024 ** 2
const GC24 =
  '[341:0x11d33000]    16628 ms: Mark-Compact (reduce) 63.2 (65.4) -> 61.8 (64.4) MB, pooled: 0 MB, 871.13 / 0.00 ms  (+ 82.2 ms in 14 steps since start of marking, biggest step 14.8 ms, walltime since start of marking 990 ms) (average mu = 0.138, current mu = 0.045) finalize incremental marking via stack guard; GC in old space requested'
const FATAL = 'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory'

describe("V8's last words", () => {
  it('are joined with the numbers of the last collection', () => {
    expect(recognize(v8Recognizer, ['<--- Last few GCs --->', GC24, '<--- JS stacktrace --->', FATAL])).toMatchObject([
      {
        type: 'v8-heap',
        where: 'Reached heap limit',
        pid: 341,
        usedBytes: Math.round(61.8 * MIB),
        mu: 0.045,
        worker: false,
        cited: [{ line: 2 }, { line: 4 }],
      },
    ])
  })

  it.each([
    'Ineffective mark-compacts near heap limit',
    'MarkCompactCollector: young object promotion failed',
    'CALL_AND_RETRY_LAST',
    'Scavenger: semi-space copy',
    'invalid table size',
    'NewSpace::Rebalance',
    'Committing semi space failed.',
  ])('name the place: %s', (where) => {
    expect(
      recognize(v8Recognizer, [`FATAL ERROR: ${where} Allocation failed - JavaScript heap out of memory`]),
    ).toMatchObject([{ where, pid: null, usedBytes: null }])
  })

  it.each([
    ['FATAL ERROR: CALL_AND_RETRY_0 Allocation failed - process out of memory', 'CALL_AND_RETRY_0'],
    [
      '# Fatal process out of memory: Failed to reserve virtual memory for CodeRange',
      'Failed to reserve virtual memory for CodeRange',
    ],
    ['# Fatal JavaScript out of memory: Reached heap limit', 'Reached heap limit'],
    [`0|worker  | ${FATAL}`, 'Reached heap limit'],
  ])('in other forms: %s', (text, where) => {
    expect(recognize(v8Recognizer, ['#', text, '#'])).toMatchObject([{ type: 'v8-heap', where }])
  })

  it("are a worker's own, told once over three lines", () => {
    expect(
      recognize(v8Recognizer, [
        'Error [ERR_WORKER_OUT_OF_MEMORY]: Worker terminated due to reaching memory limit: JS heap out of memory',
        '    at [kOnExit] (node:internal/worker:320:26) {',
        "  code: 'ERR_WORKER_OUT_OF_MEMORY'",
      ]),
    ).toMatchObject([{ worker: true, where: null, cited: [{ line: 1 }, { line: 3 }] }])
  })

  it.each([
    'RangeError: Array buffer allocation failed',
    'RangeError: Invalid string length',
    'RangeError: Map maximum size exceeded',
    'RangeError: Invalid array length',
    'the process heap out of memory problem was discussed',
    'JavaScript heap out of memory',
    `we saw "${FATAL}" last week`,
    `${FATAL} means that you need more heap`,
    'see FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory',
  ])('are not in: %s', (text) => expect(recognize(v8Recognizer, [text])).toEqual([]))

  it("are never the kernel's", () => {
    expect(recognize(v8Recognizer, [FATAL], { source: 'kernel' })).toEqual([])
  })

  it('take no numbers from another process', () => {
    const recognition = v8Recognizer.start()
    const line = { time: { atMs: null, atText: null, bootSeconds: null }, caller: null, quoted: false, source: 'node' }
    recognition.accept({ ...line, number: 1, text: GC24, raw: GC24, sourcePid: 341 })
    recognition.accept({ ...line, number: 2, text: FATAL, raw: FATAL, sourcePid: 999 })
    expect(recognition.finish()).toMatchObject([{ pid: null, usedBytes: null }])
  })
})

describe('--trace-gc lines', () => {
  it.each([
    [
      '12',
      '[9:0x4a]       59 ms: Mark-sweep 6.5 (9.0) -> 5.1 (10.0) MB, 3.1 / 0.0 ms  (average mu = 1.000, current mu = 1.000) allocation failure ',
      true,
      1,
    ],
    [
      '18',
      '[9:0x4a]       59 ms: Mark-sweep (reduce) 6.5 (9.0) -> 5.1 (10.0) MB, 3.1 / 0.0 ms  (average mu = 0.9, current mu = 0.8) allocation failure; scavenge might not succeed',
      true,
      0.8,
    ],
    [
      '20',
      '[9:0x4a]       59 ms: Mark-Compact 6.5 (9.0) -> 5.1 (10.0) MB, 3.10 / 0.00 ms  (average mu = 0.9, current mu = 0.8) task; scavenge might not succeed',
      true,
      0.8,
    ],
    [
      '24',
      '[9:0x4a]       59 ms: Scavenge 6.5 (9.0) -> 5.1 (10.0) MB, pooled: 0 MB, 0.61 / 0.00 ms  (average mu = 1.000, current mu = 1.000) background allocation failure; ',
      false,
      1,
    ],
    [
      '22 minor',
      '[9:0x4a]       59 ms: Minor Mark-Compact 6.5 (9.0) -> 5.1 (10.0) MB, 0.61 / 0.00 ms  (average mu = 1.000, current mu = 1.000) task',
      false,
      1,
    ],
  ])('of Node %s', (_, text, isFull, mu) => {
    expect(collectionsIn(text)).toMatchObject([
      { pid: 9, isolate: '0x4a', uptimeMs: 59, usedMib: 5.1, committedMib: 10, isFull, mu },
    ])
  })

  it('are read when they are glued together or start inside a word', () => {
    const one =
      '[20574:0x4a]  59 ms: Scavenge 6.5 (9.0) -> 5.1 (10.0) MB, 1 / 0 ms  (average mu = 1.000, current mu = 1.000) task'
    expect(collectionsIn(`lu${one}${one.replace('59', '61')}`)).toHaveLength(2)
  })

  const full = (pid: number, uptimeMs: number, used: number) =>
    `[${pid}:0x4a] ${uptimeMs} ms: Mark-Compact ${used + 5} (99.0) -> ${used}.0 (90.0) MB, 3 / 0 ms  (average mu = 0.9, current mu = 0.8) task`

  it('give one event a process, with full collections only', () => {
    const texts = [10, 20, 30, 40, 50].map((used, index) => full(9, 1000 * (index + 1), used))
    expect(recognize(traceGcRecognizer, texts)).toMatchObject([
      {
        type: 'v8-gc-trace',
        pid: 9,
        fullCount: 5,
        minorCount: 0,
        full: [{ usedBytes: 10 * MIB }, {}, {}, {}, { usedBytes: 50 * MIB }],
      },
    ])
  })

  it('are cut where the uptime falls: another process with the same pid', () => {
    const texts = [...[1, 2, 3].map((n) => full(1, n * 1000, n)), ...[1, 2, 3].map((n) => full(1, n * 900, n))]
    expect(recognize(traceGcRecognizer, texts)).toEqual([])
  })

  it('stay small however many there are', () => {
    const texts = Array.from({ length: 5000 }, (_, index) => full(9, index, 10))
    const [event] = recognize(traceGcRecognizer, texts)
    expect(event).toMatchObject({ fullCount: 5000 })
    expect(event?.type === 'v8-gc-trace' && event.full.length).toBeLessThanOrEqual(400)
  })
})
