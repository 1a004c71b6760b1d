import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { appOwnMessageRule } from '../../src/rules/appOwnMessage.ts'
import { containerNoticeRule } from '../../src/rules/containerNotice.ts'
import { crashLoopRule } from '../../src/rules/crashLoop.ts'
import { earlyoomRule } from '../../src/rules/earlyoom.ts'
import { goOomRule } from '../../src/rules/goOom.ts'
import { jvmHeapRule } from '../../src/rules/jvmHeap.ts'
import { killedUnknownSenderRule } from '../../src/rules/killedUnknownSender.ts'
import { mallocEnomemRule } from '../../src/rules/mallocEnomem.ts'
import { phpFpmChildrenRule } from '../../src/rules/phpFpmChildren.ts'
import { phpLimitRule } from '../../src/rules/phpLimit.ts'
import { pythonMemoryErrorRule } from '../../src/rules/pythonMemoryError.ts'
import type { Rule } from '../../src/rules/rule.ts'
import { segfaultExitRule } from '../../src/rules/segfaultExit.ts'
import { systemdOomdRule } from '../../src/rules/systemdOomd.ts'
import { timeoutKillRule } from '../../src/rules/timeoutKill.ts'
import { unitFailedRule } from '../../src/rules/unitFailed.ts'
import { unitOomNoticeRule } from '../../src/rules/unitOomNotice.ts'
import { v8HeapRule } from '../../src/rules/v8Heap.ts'
import { watchdogRule } from '../../src/rules/watchdog.ts'
import { claimsOf, journal } from './logClaims.ts'

const sample = (name: string): string =>
  readFileSync(join(import.meta.dirname, 'samples', 'programs', `${name}.txt`), 'utf8')

const U = 'queue_worker.service'
const EXIT: readonly [number, string, string] = [
  2,
  'systemd[1]',
  `${U}: Main process exited, code=killed, status=9/KILL`,
]
const SIGNAL: readonly [number, string, string] = [2, 'systemd[1]', `${U}: Failed with result 'signal'.`]

const RULES: Record<string, Rule> = {
  oomd: systemdOomdRule,
  earlyoom: earlyoomRule,
  timeout: timeoutKillRule,
  watchdog: watchdogRule,
  unknown: killedUnknownSenderRule,
  v8: v8HeapRule,
  notice: unitOomNoticeRule,
  loop: crashLoopRule,
  failed: unitFailedRule,
  app: appOwnMessageRule,
}

describe('in captures of real machines', () => {
  it.each([
    ['systemd-oomd', { oomd: 2, unknown: 0, notice: 0, failed: 0 }],
    ['earlyoom', { earlyoom: 2, unknown: 0, failed: 0, loop: 0, notice: 0 }],
    ['stop-timeout', { timeout: 1, unknown: 0, failed: 0 }],
    ['watchdog', { loop: 1, failed: 0, unknown: 0 }],
    ['killed-by-hand', { unknown: 1, notice: 0, failed: 0 }],
    ['heap-oom', { v8: 3, failed: 0, notice: 0, unknown: 0, loop: 1 }],
    ['heap-oom-core', { v8: 2, failed: 0 }],
    ['pm2-child-killed', { notice: 1, unknown: 0, v8: 0 }],
    ['child-killed-default', { notice: 2, unknown: 0, failed: 0 }],
    ['crash-loop', { loop: 1, failed: 1, app: 5, notice: 0, unknown: 0, v8: 0 }],
    ['segfault', { loop: 1, failed: 1, unknown: 0 }],
    [
      'healthy',
      { oomd: 0, earlyoom: 0, timeout: 0, watchdog: 0, unknown: 0, v8: 0, notice: 0, loop: 0, failed: 0, app: 0 },
    ],
  ] as const)('%s', (name, expected) => {
    const text = sample(name)
    const counts = Object.fromEntries(Object.keys(expected).map((key) => [key, claimsOf(RULES[key]!, text).length]))
    expect(counts).toEqual(expected)
  })

  it('reads a journal twice and still claims each kill once', () => {
    const text = sample('systemd-oomd')
    expect(claimsOf(systemdOomdRule, text, [U, text])).toHaveLength(2)
  })

  it("takes max_children from FPM's own log, once a saturation", () => {
    const claims = claimsOf(phpFpmChildrenRule, sample('php8.2-fpm.log'))
    expect(claims.length).toBeGreaterThan(0)
    expect(claims.at(-1)).toMatchObject({
      confidence: 'certain',
      summary: 'PHP-FPM pool www reached pm.max_children (2)',
    })
  })

  it('names the probable sender of a kill by hand', () => {
    expect(claimsOf(killedUnknownSenderRule, sample('killed-by-hand'))).toMatchObject([
      {
        unit: U,
        confidence: 'certain',
        summary: expect.stringContaining('`kill -9 345` was run within seconds of it'),
      },
    ])
  })
})

describe('killed-unknown-sender', () => {
  it('is what is left when nobody claims the SIGKILL', () => {
    expect(claimsOf(killedUnknownSenderRule, journal(EXIT, SIGNAL))).toMatchObject([
      { kind: 'killed-unknown-sender', unit: U, confidence: 'likely', citations: [{ line: 1 }, { line: 2 }] },
    ])
  })

  it.each([
    [
      'the kernel',
      [
        1,
        'kernel',
        'Out of memory: Killed process 345 (MainThread) total-vm:1000kB, anon-rss:900kB, file-rss:0kB, shmem-rss:0kB, UID:33 pgtables:100kB oom_score_adj:0',
      ],
    ],
    [
      'systemd-oomd',
      [
        1,
        'systemd-oomd[9]',
        `Killed /system.slice/${U} due to memory pressure for /system.slice being 46.96% > 20.00% for > 5s with reclaim activity`,
      ],
    ],
    ['earlyoom', [1, 'earlyoom[9]', 'sending SIGKILL to process 345 uid 33 "MainThread": badness 971, VmRSS 213 MiB']],
    ['a stop time-out', [1, 'systemd[1]', `${U}: State 'stop-sigterm' timed out. Killing.`]],
    ["systemd's SIGKILL", [1, 'systemd[1]', `${U}: Killing process 345 (MainThread) with signal SIGKILL.`]],
    ['the notice', [1, 'systemd[1]', `${U}: A process of this unit has been killed by the OOM killer.`]],
  ] as const)('is silent when %s did it', (_, line) => {
    expect(claimsOf(killedUnknownSenderRule, journal(line, EXIT, SIGNAL))).toEqual([])
  })

  const killed = (pid: number): string =>
    `Out of memory: Killed process ${pid} (php-fpm) total-vm:1000kB, anon-rss:900kB, file-rss:0kB, shmem-rss:0kB, UID:33 pgtables:100kB oom_score_adj:0`

  it('knows a pid again in a log whose clock has no zone', () => {
    const fpm =
      '[29-Nov-2026 01:50:11] WARNING: [pool www] child 342 exited on signal 9 (SIGKILL) after 28.478137 seconds from start\n'
    expect(claimsOf(killedUnknownSenderRule, journal([1, 'kernel', killed(342)]), fpm)).toEqual([])
    expect(claimsOf(killedUnknownSenderRule, journal([1, 'kernel', killed(341)]), fpm)).toHaveLength(1)
  })

  it('lets a unit that waits for a container tell of its death by status 137, and no other unit', () => {
    const relayed: [number, string, string] = [
      2,
      'systemd[1]',
      'shop.service: Main process exited, code=exited, status=137/n/a',
    ]
    const notice = (unit: string): [number, string, string] => [
      1,
      'systemd[1]',
      `${unit}: A process of this unit has been killed by the OOM killer.`,
    ]
    const container = `docker-${'4f1c9a60'.repeat(8)}.scope`
    expect(claimsOf(killedUnknownSenderRule, journal(notice(container), relayed))).toEqual([])
    expect(claimsOf(killedUnknownSenderRule, journal(notice('other.service'), relayed))).toHaveLength(1)
    expect(claimsOf(unitOomNoticeRule, journal(notice(container)))).toMatchObject([
      { kind: 'container-oom', container: '4f1c9a60'.repeat(8) },
    ])
  })

  it('is not silenced by a kill of another unit or of another hour', () => {
    const other =
      'Killed /system.slice/other.service due to memory pressure for / being 46.96% > 20.00% for > 5s with reclaim activity'
    expect(claimsOf(killedUnknownSenderRule, journal([1, 'systemd-oomd[9]', other], EXIT, SIGNAL))).toHaveLength(1)
    const early: [number, string, string] = [
      -3600,
      'systemd[1]',
      `${U}: A process of this unit has been killed by the OOM killer.`,
    ]
    expect(claimsOf(killedUnknownSenderRule, journal(early, EXIT, SIGNAL))).toHaveLength(1)
  })

  it("does not take gunicorn's guess for a kill by memory, nor for unknown after its own time-out", () => {
    const guess: [number, string, string] = [
      3,
      'gunicorn[1]',
      '[ERROR] Worker (pid:4711) was sent SIGKILL! Perhaps out of memory?',
    ]
    expect(claimsOf(killedUnknownSenderRule, journal(guess))).toMatchObject([
      { victims: [{ pid: 4711 }], confidence: 'likely' },
    ])
    const timeout: [number, string, string] = [1, 'gunicorn[1]', '[CRITICAL] WORKER TIMEOUT (pid:4711)']
    expect(claimsOf(killedUnknownSenderRule, journal(timeout, guess))).toEqual([])
    expect(claimsOf(timeoutKillRule, journal(timeout, guess))).toMatchObject([{ victims: [{ pid: 4711 }] }])
    expect(claimsOf(appOwnMessageRule, journal(guess))).toEqual([])
  })

  it('says less of status 137, and nothing of status 1 or SIGTERM', () => {
    const exit = (status: string): string => journal([2, 'systemd[1]', `${U}: Main process exited, code=${status}`])
    expect(claimsOf(killedUnknownSenderRule, exit('exited, status=137/n/a'))).toMatchObject([
      { confidence: 'possible' },
    ])
    expect(claimsOf(killedUnknownSenderRule, exit('exited, status=1/FAILURE'))).toEqual([])
    expect(claimsOf(killedUnknownSenderRule, exit('killed, status=15/TERM'))).toEqual([])
  })
})

describe('one event told by several', () => {
  const LIMIT =
    'Allowed memory size of 134217728 bytes exhausted (tried to allocate 65488 bytes) in /srv/a.php on line 7'

  it('PHP, FPM and nginx tell one php-limit', () => {
    const claims = claimsOf(
      phpLimitRule,
      journal(
        [1, 'php', `PHP Fatal error:  ${LIMIT}`],
        [1, 'php-fpm8.2', `[pool www] child 9 said into stderr: "NOTICE: PHP message: PHP Fatal error:  ${LIMIT}"`],
      ),
      journal([
        2,
        'nginx',
        `2026/11/12 09:15:02 [error] 9#9: *1 FastCGI sent in stderr: "PHP message: PHP Fatal error:  ${LIMIT}" while reading`,
      ]),
    )
    expect(claims).toMatchObject([
      {
        kind: 'php-limit',
        limitBytes: 134_217_728,
        count: 1,
        citations: [{ evidence: 'E1' }, { evidence: 'E1' }, { evidence: 'E2' }],
      },
    ])
  })

  it('two requests that fail alike stay two', () => {
    expect(
      claimsOf(
        phpLimitRule,
        journal([1, 'php', `PHP Fatal error:  ${LIMIT}`], [2, 'php', `PHP Fatal error:  ${LIMIT}`]),
      ),
    ).toHaveLength(2)
  })

  it("PHP's words about the system are malloc-enomem", () => {
    const text = journal([
      1,
      'php',
      'PHP Fatal error:  Out of memory (allocated 2097152) (tried to allocate 20480 bytes) in /a.php on line 1',
    ])
    expect(claimsOf(phpLimitRule, text)).toEqual([])
    expect(claimsOf(mallocEnomemRule, text)).toMatchObject([{ summary: 'the system refused php memory (20 KiB)' }])
  })

  it('repeats are folded with their count', () => {
    const many = journal(
      ...Array.from({ length: 30 }, (_, at): [number, string, string] => [
        at,
        'bash[7]',
        'fork: Cannot allocate memory',
      ]),
    )
    expect(claimsOf(mallocEnomemRule, many)).toMatchObject([{ count: 30 }])
  })

  it('the notice and the result are one memcg-oom that says what it cannot tell', () => {
    const text = journal(
      [1, 'systemd[1]', `${U}: A process of this unit has been killed by the OOM killer.`],
      [3, 'systemd[1]', `${U}: Failed with result 'oom-kill'.`],
    )
    expect(claimsOf(unitOomNoticeRule, text)).toMatchObject([
      {
        kind: 'memcg-oom',
        confidence: 'likely',
        unit: U,
        at: '2026-11-12T09:15:01.000Z',
        cgroup: null,
        limitBytes: null,
        constraint: null,
        doubts: [expect.stringContaining('missing')],
      },
    ])
  })

  it('an oom-kill result that oomd explains is no memcg-oom', () => {
    const text = journal(
      [1, 'systemd[1]', `${U}: systemd-oomd killed 1 process(es) in this unit.`],
      [1, 'systemd[1]', `${U}: Failed with result 'oom-kill'.`],
    )
    expect(claimsOf(unitOomNoticeRule, text)).toEqual([])
    expect(claimsOf(systemdOomdRule, text)).toMatchObject([{ unit: U, confidence: 'certain', cgroup: null }])
  })

  it('a user manager that notices its child is not a second kill', () => {
    const text = journal(
      [1, 'systemd[1]', 'user@1000.service: A process of this unit has been killed by the OOM killer.'],
      [1, 'systemd[812]', 'app.service: A process of this unit has been killed by the OOM killer.'],
    )
    expect(claimsOf(unitOomNoticeRule, text)).toMatchObject([{ unit: 'app.service' }])
  })

  it('docker and containerd about one container are one', () => {
    const id = 'b'.repeat(64)
    const text = journal(
      [1, 'containerd[9]', `level=info msg="TaskOOM event container_id:\\"${id}\\""`],
      [2, 'dockerd[9]', `container oom ${id} (image=api:1, name=api)`],
    )
    expect(claimsOf(containerNoticeRule, text)).toMatchObject([{ kind: 'container-oom', container: id, unit: null }])
  })
})

describe('what is said of a cause', () => {
  it.each([
    ['Java heap space', 'Java heap'],
    ['Metaspace', 'metaspace'],
    ['Direct buffer memory', 'direct buffers'],
  ])('the JVM pool of %s is named', (detail, pool) => {
    expect(claimsOf(jvmHeapRule, `java.lang.OutOfMemoryError: ${detail}`)).toMatchObject([
      { summary: expect.stringContaining(pool), at: null, unit: null },
    ])
  })

  it('address space is told from a full heap', () => {
    expect(
      claimsOf(v8HeapRule, '# Fatal process out of memory: Failed to reserve virtual memory for CodeRange'),
    ).toMatchObject([{ kind: 'v8-heap', why: expect.stringContaining('address space') }])
  })

  it('an absurd number in an own message is called wrong', () => {
    expect(claimsOf(appOwnMessageRule, 'low memory: 871,566,307 KiB available')).toMatchObject([
      { why: expect.stringContaining('831 GiB') },
    ])
  })

  it('a MemoryError without its traceback is likely only', () => {
    expect(claimsOf(pythonMemoryErrorRule, 'MemoryError')).toMatchObject([{ confidence: 'likely' }])
  })

  it('the unit is named when exactly one ended right after in just that way', () => {
    const words: [number, string, string] = [
      1,
      'node[9]',
      'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory',
    ]
    const abort = (unit: string): [number, string, string] => [
      2,
      'systemd[1]',
      `${unit}: Main process exited, code=killed, status=6/ABRT`,
    ]
    expect(claimsOf(v8HeapRule, journal(words, abort(U)))).toMatchObject([
      { unit: U, citations: [{ line: 1 }, { line: 2 }] },
    ])
    expect(claimsOf(v8HeapRule, journal(words, abort(U), abort('other.service')))).toMatchObject([{ unit: null }])
    expect(claimsOf(v8HeapRule, journal([9, words[1], words[2]], abort(U)))).toMatchObject([{ unit: null }])
    expect(claimsOf(v8HeapRule, journal(words, EXIT))).toMatchObject([{ unit: null }])
    const go: [number, string, string] = [1, 'api[9]', 'fatal error: runtime: out of memory']
    const status: [number, string, string] = [
      1,
      'systemd[1]',
      `${U}: Main process exited, code=exited, status=2/INVALIDARGUMENT`,
    ]
    expect(claimsOf(goOomRule, journal(go, status))).toMatchObject([{ unit: U }])
  })

  it('a log about one unit gives its name, a log of the host gives none', () => {
    const text = 'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory'
    expect(claimsOf(v8HeapRule, [U, text])).toMatchObject([{ unit: U }])
    expect(claimsOf(v8HeapRule, text)).toMatchObject([{ unit: null }])
  })
})

describe('segfault by systemd’s word', () => {
  const exit = journal([2, 'systemd[1]', `${U}: Main process exited, code=dumped, status=11/SEGV`])

  it("stands in for the kernel's line where that was not read", () => {
    expect(claimsOf(segfaultExitRule, exit)).toMatchObject([{ kind: 'segfault', unit: U, confidence: 'certain' }])
  })

  it("is silent beside the kernel's line", () => {
    const kernel = 'python3[345]: segfault at 0 ip 00007f00 sp 00007ffc error 4 in libc.so.6[7f00+155000]'
    expect(claimsOf(segfaultExitRule, journal([2, 'kernel', kernel]), exit)).toEqual([])
  })
})

describe('exit code 137 in what Kubernetes prints', () => {
  it('is explained by OOMKilled above it, and by nothing beside Error', () => {
    const described = (reason: string): string =>
      `    Last State:     Terminated\n      Reason:       ${reason}\n      Exit Code:    137`
    expect(claimsOf(killedUnknownSenderRule, described('OOMKilled'))).toEqual([])
    expect(claimsOf(killedUnknownSenderRule, described('Error'))).toMatchObject([{ confidence: 'possible' }])
    expect(claimsOf(containerNoticeRule, described('Error'))).toEqual([])
  })
})

describe('a unit that dies for days', () => {
  const cycles = journal(
    ...Array.from({ length: 1500 }, (_, at): [number, string, string][] => [
      [at * 90, 'systemd[1]', `${U}: Watchdog timeout (limit 3s)!`],
      [at * 90, 'systemd[1]', `${U}: Killing process ${at} (MainThread) with signal SIGABRT.`],
      [at * 90, 'systemd[1]', `${U}: Main process exited, code=killed, status=6/ABRT`],
      [at * 90, 'systemd[1]', `${U}: Failed with result 'watchdog'.`],
      [at * 90 + 2, 'systemd[1]', `${U}: Scheduled restart job, restart counter is at ${at + 1}.`],
    ]).flat(),
  )

  it('is told completely, each time with its own lines', () => {
    const claims = claimsOf(watchdogRule, cycles)
    expect(claims).toHaveLength(1500)
    expect(claims[1499]).toMatchObject({
      victims: [{ pid: 1499 }],
      citations: [{ line: 7496 }, {}, {}, { line: 7499 }],
    })
  })

  it('costs no rule more than seconds', () => {
    const started = performance.now()
    for (const rule of Object.values(RULES)) claimsOf(rule, cycles)
    // Ten readings of 7500 lines: a second or two when linear, minutes when not.
    expect(performance.now() - started).toBeLessThan(15_000)
  })
})

describe('crash-loop', () => {
  const restart = (second: number, counter: number): [number, string, string] => [
    second,
    'systemd[1]',
    `${U}: Scheduled restart job, restart counter is at ${counter}.`,
  ]

  it('needs three restarts within ten minutes', () => {
    expect(claimsOf(crashLoopRule, journal(restart(1, 1), restart(10, 2)))).toEqual([])
    expect(claimsOf(crashLoopRule, journal(restart(1, 1), restart(10, 2), restart(20, 3)))).toMatchObject([
      { unit: U, confidence: 'certain' },
    ])
    expect(claimsOf(crashLoopRule, journal(restart(1, 1), restart(2000, 2), restart(4000, 3)))).toEqual([])
  })

  it('counts restarts whose lines are missing', () => {
    expect(claimsOf(crashLoopRule, journal(restart(1, 3), restart(60, 9)))).toHaveLength(1)
  })

  it("takes systemd 219's words", () => {
    expect(
      claimsOf(crashLoopRule, journal([1, 'systemd', `start request repeated too quickly for ${U}`])),
    ).toMatchObject([{ unit: U }])
  })
})

describe('unit-failed', () => {
  it('is folded per unit and exit, and names set-up failures', () => {
    const exit = (second: number): [number, string, string][] => [
      [second, 'systemd[1]', `${U}: Main process exited, code=exited, status=203/EXEC`],
      [second, 'systemd[1]', `${U}: Failed with result 'exit-code'.`],
    ]
    expect(claimsOf(unitFailedRule, journal(...exit(1), ...exit(20)))).toMatchObject([
      { count: 2, why: expect.stringContaining('never memory') },
    ])
  })

  it('leaves an abort to the runtime that said why', () => {
    const text = journal(
      [1, 'node[9]', 'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory'],
      [2, 'systemd[1]', `${U}: Main process exited, code=dumped, status=6/ABRT`],
      [2, 'systemd[1]', `${U}: Failed with result 'core-dump'.`],
    )
    expect(claimsOf(unitFailedRule, text)).toEqual([])
  })

  it('is not a clean end', () => {
    expect(
      claimsOf(
        unitFailedRule,
        journal(
          [1, 'systemd[1]', `${U}: Main process exited, code=exited, status=0/SUCCESS`],
          [1, 'systemd[1]', `${U}: Deactivated successfully.`],
        ),
      ),
    ).toEqual([])
  })
})
