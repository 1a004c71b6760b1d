import { describe, expect, it } from 'vitest'
import type { Evidence, StoredEvidence } from '../../src/domain/evidence.ts'
import type { RunEvent, Suspect } from '../../src/domain/run.ts'
import { findFileParser, findParser } from '../../src/parsers/registry.ts'
import type { FactView } from '../../src/parsers/facts.ts'
import { execute } from '../../src/runbook/execute.ts'
import { checkParameters } from '../../src/runbook/parameters.ts'
import { parseRunbook } from '../../src/runbook/parse.ts'
import { ReplayedConnection, type Samples } from './replayedConnection.ts'

const IDS = new Set(['ps', 'meminfo', 'systemctl-show', 'df'])

const NOW = Date.UTC(2026, 10, 12, 9, 0, 0)

const runbook = (body: string, timeout = '60s') =>
  parseRunbook(
    `---
id: demo
title: Demo
description: x
timeout: ${timeout}
parameters:
  unit: {type: unit, description: x, default: ""}
  since: {type: duration, description: x, default: 1h}
---
${body}`,
    'demo.md',
    IDS,
  )

const WORKER: Suspect = { unit: 'worker.service', cgroup: '/system.slice/worker.service', reason: 'killed' }

interface Options {
  readonly samples?: Samples
  readonly given?: Record<string, string>
  readonly suspects?: (facts: FactView) => readonly Suspect[]
  readonly resumeFrom?: readonly StoredEvidence[]
  readonly timeout?: string
  readonly signal?: AbortSignal
  readonly onEvent?: (event: RunEvent) => void
  readonly beforeChange?: (connection: ReplayedConnection) => Promise<void>
}

const run = async (body: string, options: Options = {}) => {
  const book = runbook(body, options.timeout)
  const connection = new ReplayedConnection(options.samples ?? {})
  const events: RunEvent[] = []
  const stream = execute({
    runbook: book,
    parameters: checkParameters(book, options.given ?? {}, NOW),
    connection,
    parsers: { findParser, findFileParser },
    clean: (text) => {
      const clean = text.replaceAll('hunter2', '[REDACTED]').replace(/[\u0000-\u0008\u000B-\u001F]/g, '')
      return { text: clean, redactions: text.split('hunter2').length - 1 }
    },
    findSuspects: options.suspects ?? (() => []),
    ...(options.resumeFrom === undefined ? {} : { resumeFrom: options.resumeFrom }),
    beforeChange: async () => options.beforeChange?.(connection),
    signal: options.signal ?? new AbortController().signal,
    now: () => NOW,
    graceMs: 20,
  })
  for await (const event of stream) {
    events.push(event)
    options.onEvent?.(event)
  }
  const evidence = events.flatMap((event) => (event.type === 'evidence' ? [event.evidence] : []))
  const inOrder = evidence.toSorted((one, other) => Number(one.id.slice(1)) - Number(other.id.slice(1)))
  return { connection, events, evidence, inOrder }
}

const told = (evidence: readonly Evidence[]) =>
  evidence.map((one) => {
    const { result } = one
    const end = result.outcome === 'exited' ? result.exitCode : result.outcome
    return [one.id, one.step, one.subject, end]
  })

const sh = (name: string, more = '', body = 'true') => `\`\`\`sh {name=${name} ${more}}\n${body}\n\`\`\`\n\n`
const files = (name: string, body: string, more = '') => `\`\`\`files {name=${name} ${more}}\n${body}\n\`\`\`\n\n`

describe('order', () => {
  it('numbers evidence as the runbook has it, and streams it as it arrives', async () => {
    const { evidence, inOrder } = await run(`# A\n\n${sh('one')}${sh('two')}${sh('three')}# B\n\n${sh('four')}`, {
      samples: { steps: { one: { rank: 3 }, two: { rank: 1 }, three: { rank: 2 } } },
    })
    expect(evidence.map((one) => one.id)).toEqual(['E2', 'E3', 'E1', 'E4'])
    expect(inOrder.map((one) => one.step)).toEqual(['one', 'two', 'three', 'four'])
  })

  it('counts the files of a glob before what follows it, in path order', async () => {
    const { inOrder } = await run(`# A\n\n${files('slices', '/sys/b\n/sys/*.slice/x')}${sh('after')}`, {
      samples: { files: { '/sys/b': '1', '/sys/user.slice/x': '3', '/sys/system.slice/x': '2' } },
    })
    expect(inOrder.map((one) => [one.id, one.command, one.result.stdout])).toEqual([
      ['E1', '/sys/b', '1'],
      ['E2', '/sys/system.slice/x', '2'],
      ['E3', '/sys/user.slice/x', '3'],
      ['E4', 'true', ''],
    ])
  })

  it('gives the same numbers whatever the order of arrival', async () => {
    const body = `# A\n\n${files('f', '/a\n/x/*')}${sh('one')}${sh('two')}`
    const shared = { files: { '/a': '1', '/x/1': '', '/x/2': '' } }
    const first = await run(body, { samples: { ...shared, steps: { one: { rank: 1 } } } })
    const second = await run(body, { samples: { ...shared, steps: { two: { rank: 1 } } } })
    expect(told(first.inOrder)).toEqual(told(second.inOrder))
  })
})

describe('readings', () => {
  it('parses what was asked for and says why when it cannot', async () => {
    const { inOrder } = await run(
      `# A\n\n${sh('good', 'parse=meminfo')}${sh('bad', 'parse=meminfo')}${sh('none')}${sh('fails', 'parse=meminfo')}`,
      {
        samples: {
          steps: {
            good: { stdout: 'MemTotal: 100 kB\n' },
            bad: { stdout: 'rubbish\n' },
            fails: { exitCode: 127, stderr: 'sh: meminfo: not found\n' },
          },
        },
      },
    )
    expect(inOrder.map((one) => one.reading)).toEqual([
      { status: 'parsed', parser: 'meminfo', facts: expect.objectContaining({ totalBytes: 102_400 }) },
      { status: 'unparsed', parser: 'meminfo', reason: expect.stringContaining('MemTotal') },
      { status: 'none', reason: 'text for people' },
      { status: 'none', reason: 'exit code 127 without output: sh: meminfo: not found' },
    ])
  })

  it('takes the parser of a file from its name, and tells missing from denied', async () => {
    const { inOrder } = await run(`# A\n\n${files('k', '/proc/meminfo\n/proc/none\n/proc/secret')}`, {
      samples: { files: { '/proc/meminfo': 'MemTotal: 1 kB\n', '/proc/secret': null } },
    })
    expect(inOrder.map((one) => [one.command, one.parser, one.reading.status])).toEqual([
      ['/proc/meminfo', 'meminfo', 'parsed'],
      ['/proc/none', null, 'none'],
      ['/proc/secret', null, 'none'],
    ])
    expect(inOrder.map((one) => one.result)).toMatchObject([
      { outcome: 'exited' },
      { outcome: 'not-run', reason: 'missing: no such file' },
      { outcome: 'not-run', reason: 'denied: permission denied' },
    ])
  })

  it('gives no evidence for a missing file that is optional', async () => {
    const { inOrder } = await run(`# A\n\n${files('v1', '/a\n/b', 'optional')}${sh('next')}`, {
      samples: { files: { '/b': 'x' } },
    })
    expect(told(inOrder)).toEqual([
      ['E1', 'v1', null, 0],
      ['E2', 'next', null, 0],
    ])
  })

  it('cleans every text before anyone sees it, and counts', async () => {
    const { inOrder } = await run(`# A\n\n${sh('leaky')}`, {
      samples: { steps: { leaky: { stdout: 'pw=hunter2\u0007\n', stderr: 'hunter2' } } },
    })
    expect(inOrder[0]).toMatchObject({ redactions: 2, result: { stdout: 'pw=[REDACTED]\n', stderr: '[REDACTED]' } })
  })

  it('keeps the text of a step that was cut', async () => {
    const { inOrder } = await run(`# A\n\n${sh('slow', 'parse=meminfo')}`, {
      samples: { steps: { slow: { outcome: 'timed-out', stdout: 'MemTotal: 5 kB\nMem' } } },
    })
    expect(inOrder[0]).toMatchObject({ result: { outcome: 'timed-out' }, reading: { status: 'parsed' } })
  })
})

describe('suspects', () => {
  const BODY = `# A\n\n${sh('host')}# B\n\n${sh('show', 'each=suspects')}${files('counters', '/sys/fs/cgroup{cgroup}/memory.max', 'each=suspects')}`

  it('runs a step for each, with its names as values', async () => {
    const other: Suspect = { unit: 'b.service', cgroup: null, reason: 'x' }
    const { connection, events, inOrder } = await run(BODY, { suspects: () => [WORKER, other] })
    expect(events.find((event) => event.type === 'suspects')).toEqual({ type: 'suspects', suspects: [WORKER, other] })
    expect(
      connection.commands.slice(1).map((command) => [command.subject, command.env['UNIT'], command.env['CGROUP']]),
    ).toEqual([
      ['worker.service', 'worker.service', '/system.slice/worker.service'],
      ['b.service', 'b.service', ''],
    ])
    expect(connection.reads).toEqual([['/sys/fs/cgroup/system.slice/worker.service/memory.max']])
    expect(told(inOrder)).toEqual([
      ['E1', 'host', null, 0],
      ['E2', 'show', 'worker.service', 0],
      ['E3', 'show', 'b.service', 0],
      ['E4', 'counters', 'worker.service', 'not-run'],
      ['E5', 'counters', 'b.service', 'not-run'],
    ])
    expect(inOrder[4]!.result).toMatchObject({ reason: 'b.service has no control group: it is not running' })
  })

  it('looks at the unit a person named first, and learns its control group on the way', async () => {
    const { connection } = await run(`${BODY}# C\n\n${files('again', '/sys{cgroup}/x', 'each=suspects')}`, {
      given: { unit: 'worker' },
      samples: { steps: { show: { stdout: 'Id=worker.service\nControlGroup=/system.slice/worker.service\n' } } },
    })
    expect(connection.reads).toEqual([['/sys/system.slice/worker.service/x']])
  })

  it('drops names that a hostile host made up', async () => {
    const { connection } = await run(BODY, {
      suspects: () => [
        { unit: '$(reboot).service', cgroup: null, reason: 'x' },
        { unit: '-x.service', cgroup: null, reason: 'x' },
        { ...WORKER, cgroup: '/../../etc' },
      ],
    })
    expect(connection.commands.map((command) => command.subject)).toEqual([null, 'worker.service'])
    expect(connection.reads).toEqual([])
  })

  it('leaves out what `when` rules out, and asks when it cannot tell', async () => {
    const table = 'PID ARGS\n1 /sbin/init\n'
    const body = `# A\n\n${sh('ps', 'parse=ps')}# B\n\n${sh('node', 'when=node')}${sh('both', 'when=ps')}`
    const known = await run(body, { samples: { steps: { ps: { stdout: table } } } })
    expect(known.inOrder.map((one) => one.step)).toEqual(['ps', 'both'])
    const unknown = await run(body, {})
    expect(unknown.inOrder.map((one) => one.step)).toEqual(['ps', 'node'])
  })

  it('says nothing of a phase for a case that is not the case, but of one without suspects', async () => {
    const table = 'PID ARGS\n1 /sbin/init\n'
    const body = `# A\n\n${sh('ps', 'parse=ps')}# B\n\n${sh('node', 'when=node')}# C\n\n${sh('unit', 'each=suspects')}`
    const { events } = await run(body, { samples: { steps: { ps: { stdout: table } } } })
    expect(events.flatMap((event) => (event.type === 'phase' ? [event.title] : []))).toEqual(['A', 'C'])
  })
})

describe('limits', () => {
  it('gives values as environment and never as text', async () => {
    const { connection } = await run(`# A\n\n${sh('a', '', 'journalctl -u "$UNIT"')}`, {
      given: { unit: 'x', since: '90m' },
    })
    expect(connection.commands[0]).toMatchObject({
      script: 'journalctl -u "$UNIT"',
      env: { UNIT: 'x.service', SINCE: '2026-11-12 07:30:00 UTC', SINCE_SECONDS: '5400' },
      timeoutMs: 15_000,
      sudo: false,
    })
  })

  it('is more patient once the host shows pressure', async () => {
    const body = `# A\n\n${files('k', '/proc/meminfo')}# B\n\n${sh('a')}${sh('b', 'timeout=3s')}`
    const short = await run(body, { samples: { files: { '/proc/meminfo': 'MemTotal: 100 kB\nMemAvailable: 4 kB\n' } } })
    expect(short.connection.commands.map((command) => command.timeoutMs)).toEqual([40_000, 3000])
    const roomy = await run(body, {
      samples: { files: { '/proc/meminfo': 'MemTotal: 100 kB\nMemAvailable: 50 kB\n' } },
    })
    expect(roomy.connection.commands.map((command) => command.timeoutMs)).toEqual([15_000, 3000])
  })

  it('goes on without processes when the host cannot fork', async () => {
    const { connection, inOrder } = await run(
      `# A\n\n${files('k', '/proc/meminfo')}${sh('a')}# B\n\n${files('l', '/proc/meminfo')}`,
      {
        samples: { canFork: false, files: { '/proc/meminfo': 'MemTotal: 1 kB\n' } },
      },
    )
    expect(connection.commands).toEqual([])
    expect(told(inOrder)).toEqual([
      ['E1', 'k', null, 0],
      ['E2', 'a', null, 'not-run'],
      ['E3', 'l', null, 0],
    ])
    expect(inOrder[1]!.result).toMatchObject({ reason: expect.stringMatching(/^cannot fork/) })
  })

  it('keeps what arrived when a person cancels, and marks the rest', async () => {
    const abort = new AbortController()
    const { inOrder } = await run(`# A\n\n${sh('quick')}${sh('stuck')}# B\n\n${sh('later')}${files('f', '/a')}`, {
      samples: { steps: { quick: { stdout: 'x' }, stuck: { outcome: 'hangs', rank: 2 } } },
      signal: abort.signal,
      onEvent: (event) => {
        if (event.type === 'evidence') abort.abort()
      },
    })
    expect(told(inOrder)).toEqual([
      ['E1', 'quick', null, 0],
      ['E2', 'stuck', null, 'timed-out'],
      ['E3', 'later', null, 'not-run'],
      ['E4', 'f', null, 'not-run'],
    ])
    expect(inOrder[2]!.result).toMatchObject({ reason: 'cancelled' })
  })

  it('ends at its own time limit even if the connection never answers', async () => {
    const started = performance.now()
    const { inOrder } = await run(`# A\n\n${sh('stuck')}`, {
      timeout: '50ms',
      samples: { steps: { stuck: { outcome: 'hangs' } } },
    })
    expect(inOrder).toHaveLength(1)
    expect(performance.now() - started).toBeLessThan(5000)
  })

  it('says unknown when the connection breaks or forgets a step, and goes on', async () => {
    const broken = await run(`# A\n\n${sh('a')}${files('f', '/a')}# B\n\n${files('g', '/a')}`, {
      samples: { breaks: true, files: { '/a': 'x' } },
    })
    expect(told(broken.inOrder)).toEqual([
      ['E1', 'a', null, 'unknown'],
      ['E2', 'f', null, 0],
      ['E3', 'g', null, 0],
    ])
    const silent = await run(`# A\n\n${sh('a')}${sh('b')}`, { samples: { steps: { a: { outcome: 'unanswered' } } } })
    expect(told(silent.inOrder)).toEqual([
      ['E1', 'a', null, 'unknown'],
      ['E2', 'b', null, 0],
    ])
  })
})

describe('steps that change something', () => {
  const change = (name: string) => sh(name, 'risk=change undo="rm -f /tmp/flag"')
  const body = `# A\n\n${sh('before')}${sh('too')}${change('one')}${change('two')}${sh('after')}# B\n\n${change('three')}${sh('last')}`

  it('go one by one, with what only reads before and after them', async () => {
    const { connection, inOrder } = await run(body)
    expect(connection.flights).toEqual([['before', 'too'], ['one'], ['two'], ['after'], ['three'], ['last']])
    expect(told(inOrder).map(([, step, , end]) => [step, end])).toEqual(
      ['before', 'too', 'one', 'two', 'after', 'three', 'last'].map((step) => [step, 0]),
    )
  })

  it('are asked for once, after what reads before them and before the first of them', async () => {
    const seen: string[][] = []
    await run(body, { beforeChange: async ({ flights }) => void seen.push(flights.flat()) })
    expect(seen).toEqual([['before', 'too']])
  })

  it('do not run when they are refused then', async () => {
    let connection: ReplayedConnection | undefined
    const refused = run(body, {
      beforeChange: async (own) => {
        connection = own
        throw new Error('not as it was')
      },
    })
    await expect(refused).rejects.toThrow('not as it was')
    expect(connection?.flights.flat()).toEqual(['before', 'too'])
  })

  it.each([
    ['fails', { exitCode: 3 }],
    ['gives no answer', { outcome: 'unanswered' as const }],
    ['runs out of time', { outcome: 'timed-out' as const }],
  ])('stop when one %s, and what only reads still runs', async (_how, sample) => {
    const { connection, inOrder } = await run(body, { samples: { steps: { one: sample } } })
    expect(connection.flights.flat()).toEqual(['before', 'too', 'one', 'after', 'last'])
    for (const name of ['two', 'three']) {
      const { result } = inOrder.find(({ step }) => step === name)!
      expect(result).toMatchObject({ outcome: 'not-run', reason: 'one did not end well before it' })
    }
  })
})

describe('resuming', () => {
  it('runs only what is missing and ends with the same evidence', async () => {
    const body = `# A\n\n${files('f', '/a\n/x/*')}${sh('one')}${sh('two')}# B\n\n${sh('show', 'each=suspects')}`
    const options = {
      samples: { files: { '/a': '1', '/x/1': '', '/x/2': '' }, steps: { one: { stdout: 'x' } } },
      suspects: () => [WORKER],
    }
    const whole = await run(body, options)
    const stored = whole.inOrder
      .filter((one) => one.step !== 'two' && one.step !== 'show')
      .map((one): StoredEvidence => {
        const { reading, ...rest } = one
        expect(reading.status).not.toBe('unparsed')
        return rest
      })
    const resumed = await run(body, { ...options, resumeFrom: stored })
    expect(resumed.connection.commands.map((command) => command.step)).toEqual(['two', 'show'])
    expect(resumed.connection.reads).toEqual([])
    expect(resumed.inOrder).toEqual(whole.inOrder)
  })
})
