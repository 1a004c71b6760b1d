import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ParseError } from '../../../src/domain/errors.ts'
import { logParser } from '../../../src/parsers/log/log.ts'
import { bareLines, kernelSamples, oomsOf, sample, substance } from './kernelSample.ts'

/** Every way a kernel line reaches Medic, as a function of its words and its number. */
const DRESSES: Record<string, (words: string, index: number) => string> = {
  bare: (words) => words,
  'dmesg with callers': (words) => `[   12.713120][   T71] ${words}`,
  'dmesg -T': (words) => `[Mon Jan 26 01:49:41 2026] ${words}`,
  'dmesg -T in Russian': (words) => `[Пн янв 26 01:49:41 2026] ${words}`,
  'dmesg -x': (words) => `kern  :info  : [   12.713120] ${words}`,
  'dmesg iso': (words) => `2026-11-12T09:15:02,713120+00:00 ${words}`,
  kmsg: (words, index) => `6,${index},12713120,-;${words}`,
  'RFC 3164': (words) => `Nov 12 09:15:02 web01 kernel: [   12.713120] ${words}`,
  'RFC 5424': (words) => `<6>1 2026-11-12T09:15:02.713+00:00 web01 kernel - - - ${words}`,
  'journalctl short': (words) => `Nov 12 09:15:02 web01 kernel: ${words}`,
  'journalctl short-iso': (words) => `2026-11-12T09:15:02+0000 web01 kernel: ${words}`,
  'journalctl with-unit': (words) => `Thu 2026-11-12 09:15:02 UTC web01 kernel: ${words}`,
  'journalctl json': (words) =>
    JSON.stringify({ MESSAGE: words, _TRANSPORT: 'kernel', __REALTIME_TIMESTAMP: '1795446437543226' }),
  'journalctl json of bytes': (words) =>
    JSON.stringify({ MESSAGE: [...new TextEncoder().encode(words)], SYSLOG_IDENTIFIER: 'kernel' }),
  'docker json': (words) =>
    JSON.stringify({ log: `[   12.713120] ${words}\n`, stream: 'stdout', time: '2026-11-12T09:15:02Z' }),
  CRI: (words) => `2026-11-12T09:15:02.713000000Z stderr F ${words}`,
  compose: (words) => `worker-1  | [   12.713120] ${words}`,
  mail: (words) => `> [   12.713120] ${words}`,
  HTML: (words) => `&gt; [   12.713120] ${words.replaceAll('<', '&lt;').replaceAll('>', '&gt;')}`,
  colours: (words) => `\x1b[32m[   12.713120] \x1b[0m\x1b[33m${words}\x1b[0m`,
  CRLF: (words) => `[   12.713120] ${words}\r`,
}

describe.each(Object.entries(DRESSES))('a report in the dress of %s', (_, dress) => {
  it.each(kernelSamples.filter((name) => /6\.1-|7\.2-/.test(name)))('%s says the same', (name) => {
    const text = sample(name)
    const dressed = bareLines(text).map(dress).join('\n')
    expect(oomsOf(dressed).map(substance)).toEqual(oomsOf(text).map(substance))
  })
})

/** A mail client's wrap: at the last blank before the column, else in the middle of the word. */
const wrap = (line: string, column: number): string[] => {
  const parts: string[] = []
  let rest = line
  while (rest.length > column) {
    const blank = rest.lastIndexOf(' ', column)
    const at = blank > 20 ? blank : column
    parts.push(rest.slice(0, at))
    rest = rest.slice(at).replace(/^ /, '')
  }
  return [...parts, rest]
}

describe('wrapped and mixed', () => {
  it.each([72, 76, 80, 100])('finds the kill and its numbers when lines are wrapped at %i columns', (column) => {
    for (const name of kernelSamples) {
      const text = sample(name)
      const wrapped = text
        .split('\n')
        .flatMap((line) => wrap(line, column))
        .join('\n')
      const [event, ...more] = oomsOf(wrapped)
      const [whole] = oomsOf(text)
      expect(more).toEqual([])
      expect(event).toMatchObject({
        victims: whole!.victims,
        constraint: whole!.constraint,
        ownerCgroup: whole!.ownerCgroup,
        taskCgroup: whole!.taskCgroup,
        memory: whole!.memory,
        invoker: whole!.invoker,
      })
    }
  })

  it('finds it between the lines of other programs', () => {
    const text = sample('kernel-6.1-cgroup-v2-global.txt')
    const noisy = bareLines(text)
      .flatMap((words, index) => [
        `Nov 12 09:15:02 web01 kernel: ${words}`,
        `Nov 12 09:15:02 web01 app[${index}]: anon 1`,
        `Nov 12 09:15:02 web01 cron[7]: [    9]     0     9 1 1 1 1 1 x`,
      ])
      .join('\n')
    expect(oomsOf(noisy).map(substance)).toEqual(oomsOf(text).map(substance))
  })

  it('opens a block of statistics that a syslog daemon wrote as #012', () => {
    const lines = bareLines(sample('kernel-5.10-cgroup-v2-cgroup-limit.txt'))
    const from = lines.findIndex((line) => line.startsWith('Memory cgroup stats'))
    const to = lines.findIndex((line) => line.startsWith('Tasks state'))
    const folded = [...lines.slice(0, from), lines.slice(from, to).join('#012'), ...lines.slice(to)]
    const text = folded.map((words) => `Nov 12 09:15:02 web01 kernel: ${words}`).join('\n')
    expect(oomsOf(text)[0]!.stats).toEqual(oomsOf(sample('kernel-5.10-cgroup-v2-cgroup-limit.txt'))[0]!.stats)
    expect(Object.keys(oomsOf(text)[0]!.stats!)).toHaveLength(30)
  })
})

const TEXTS = kernelSamples.map((name) => sample(name).trimEnd().split('\n'))
const VICTIMS = new Map(kernelSamples.map((name, index) => [index, oomsOf(sample(name))[0]!]))

/** A known report, cut, repeated, thinned out and dressed at random. */
const damaged = fc
  .record({
    index: fc.integer({ min: 0, max: TEXTS.length - 1 }),
    dress: fc.constantFrom(...Object.values(DRESSES)),
    keep: fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 20, maxLength: 20 }),
    column: fc.option(fc.integer({ min: 20, max: 120 })),
    times: fc.integer({ min: 1, max: 3 }),
    from: fc.integer({ min: 0, max: 100 }),
  })
  .map(({ index, dress, keep, column, times, from }) => {
    const lines = TEXTS[index]!.slice(from % TEXTS[index]!.length)
    const kept = lines
      .filter((_, at) => keep[at % keep.length]! > 1)
      .map((line) => line.replace(/^\[ *\d+\.\d+\] /, ''))
    const cut = column === null ? kept : kept.map((line) => line.slice(0, column + (line.length % 40)))
    return { index, text: Array.from({ length: times }, () => cut.map(dress).join('\n')).join('\n') }
  })

describe('no damage invents anything', () => {
  it('names only true victims and true numbers of a cut, thinned and repeated report', () => {
    fc.assert(
      fc.property(damaged, ({ index, text }) => {
        const truth = VICTIMS.get(index)!
        for (const event of oomsOf(text)) {
          for (const victim of event.victims) {
            const known = truth.victims.find((candidate) => candidate.pid === victim.pid)
            expect(known).toBeDefined()
            expect([known!.comm, null]).toContain(victim.comm)
            expect([known!.anonRssBytes, null]).toContain(victim.anonRssBytes)
            expect([known!.totalVmBytes, null]).toContain(victim.totalVmBytes)
          }
          expect([truth.memory?.limitBytes, null, undefined]).toContain(event.memory?.limitBytes)
          expect([truth.constraint, null]).toContain(event.constraint)
          expect([truth.ownerCgroup, null]).toContain(event.ownerCgroup)
          expect([truth.taskCgroup, null]).toContain(event.taskCgroup)
          for (const task of event.tasks ?? []) {
            const row = truth.tasks!.find((candidate) => candidate.pid === task.pid)
            expect(row).toMatchObject({ rssPages: task.rssPages, totalVmPages: task.totalVmPages })
          }
        }
      }),
      { numRuns: 300 },
    )
  })

  it('names each victim once, however the reports of two events are interleaved', () => {
    const [left, right] = [TEXTS[0]!, TEXTS.at(-2)!]
    const pids = new Set(
      [...VICTIMS.get(0)!.victims, ...VICTIMS.get(TEXTS.length - 2)!.victims].map((victim) => victim.pid),
    )
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 50, maxLength: 300 }), (turns) => {
        const queues = [[...left], [...right]]
        const mixed = turns.flatMap((turn) => queues[turn ? 1 : 0]!.splice(0, 1))
        const text = [...mixed, ...queues.flat()].map((line) => line.replace(/^\[ *\d+/, '[   10')).join('\n')
        const victims = oomsOf(text).flatMap((event) => event.victims.map((victim) => victim.pid))
        expect(new Set(victims).size).toBe(victims.length)
        for (const pid of victims) expect(pids.has(pid)).toBe(true)
        expect(victims.length).toBe(pids.size)
      }),
      { numRuns: 200 },
    )
  })

  it('throws nothing but ParseError on any text', () => {
    const words = fc.constantFrom(
      'Killed process ',
      ' invoked oom-killer:',
      'oom-kill:constraint=CONSTRAINT_MEMCG,',
      ',pid=1,uid=0',
      '[ pid ]',
      ' name',
      'Mem-Info:',
      '{"MESSAGE":',
      '{"log":"',
      '}',
      '"',
      '\n',
      '#012',
      '\\n',
      '> ',
      '[   1.5] ',
      'Node 0 DMA free:1kB',
      '\x1b[',
      '\0',
      '(',
      ') total-vm:1kB',
      'Memory cgroup stats for /',
      'Task in /',
      '&gt;',
      '=3D',
      '=\n',
      '__CURSOR=',
      'MESSAGE',
    )
    fc.assert(
      fc.property(fc.array(fc.oneof(words, fc.string()), { maxLength: 60 }), (parts) => {
        try {
          expect(logParser.parse(parts.join('')).events.length).toBeGreaterThanOrEqual(0)
        } catch (error) {
          expect(error).toBeInstanceOf(ParseError)
        }
      }),
      { numRuns: 500 },
    )
  })
})

describe('size', () => {
  const cpuMs = (work: () => void): number => {
    const before = process.cpuUsage()
    work()
    const { user, system } = process.cpuUsage(before)
    return (user + system) / 1000
  }

  it('reads 10 MB of kernel log in a few seconds of CPU, on a busy machine too', () => {
    const text = sample('host-global-journal.txt')
    const big = text.repeat(Math.ceil(10e6 / text.length))
    expect(cpuMs(() => expect(logParser.parse(big).lineCount).toBeGreaterThan(50_000))).toBeLessThan(6000)
  })

  it.each([
    ['one line without end', 'a'.repeat(10e6)],
    ['brackets', '[ '.repeat(5e6)],
    ['torn reports', 'x invoked oom-killer: gfp_mask=0x1, order=0, oom_score_adj=0\n'.repeat(100_000)],
    [
      'kills',
      Array.from(
        { length: 60_000 },
        (_, pid) => `Out of memory: Killed process ${pid} (x) total-vm:1kB, anon-rss:1kB, file-rss:0kB`,
      ).join('\n'),
    ],
    ['nearly names', `Killed process 1 (${') total-vm:'.repeat(1e6)}`],
    ['quotes', '> '.repeat(3e6)],
    ['unfinished colours', '\x1b['.repeat(3e6)],
    ['open braces', '{"log":"'.repeat(1e6)],
  ])('reads hostile input in linear time: %s', (_, text) => {
    // One to three seconds on a busy machine; a reading that is not linear takes minutes.
    expect(cpuMs(() => logParser.parse(text))).toBeLessThan(10_000)
  })
})
