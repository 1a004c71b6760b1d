import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Evidence } from '../../src/domain/evidence.ts'
import type { Claim } from '../../src/domain/finding.ts'
import { factsFrom } from '../../src/parsers/facts.ts'
import { logParser } from '../../src/parsers/log/log.ts'
import { cpusetOomRule } from '../../src/rules/cpusetOom.ts'
import { globalOomRule } from '../../src/rules/globalOom.ts'
import { kernelMemoryRule } from '../../src/rules/kernelMemory.ts'
import { memcgOomRule } from '../../src/rules/memcgOom.ts'
import { pageAllocFailureRule } from '../../src/rules/pageAllocFailure.ts'
import { segfaultRule } from '../../src/rules/segfault.ts'

const sample = (name: string): string =>
  readFileSync(join(import.meta.dirname, '..', 'parsers', 'log', 'samples', name), 'utf8')

const RULES = [cpusetOomRule, globalOomRule, kernelMemoryRule, memcgOomRule, pageAllocFailureRule, segfaultRule]

/** What the kernel's rules claim about texts, each one evidence. */
const claimsOf = (...texts: readonly string[]): readonly Claim[] => {
  const evidence = texts.map((stdout, index): Evidence => ({
    id: `E${index + 1}`,
    step: `log-${index}`,
    subject: null,
    command: 'dmesg',
    parser: 'log',
    redactions: 0,
    result: {
      outcome: 'exited',
      exitCode: 0,
      step: 'log',
      subject: null,
      stdout,
      stderr: '',
      droppedBytes: 0,
      startedAtMs: 0,
      durationMs: 1,
    },
    reading: { status: 'parsed', parser: 'log', facts: logParser.parse(stdout) },
  }))
  const facts = factsFrom(evidence, { fromMs: null, toMs: null })
  return RULES.flatMap((rule) => rule.check(facts))
}

const KILLED =
  'Killed process 41877 (node) total-vm:4000000kB, anon-rss:200000kB, file-rss:0kB, shmem-rss:0kB, UID:33 pgtables:100kB oom_score_adj:0'
const oomKill = (owner: string, task: string): string =>
  `oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=${owner},task_memcg=${task},task=node,pid=41877,uid=33`
const UNIT = '/system.slice/queue_worker.service'
const USAGE = 'memory: usage 204800kB, limit 204800kB, failcnt 9'
const report = (owner: string, task: string): string =>
  `node invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0\n${USAGE}\n${oomKill(owner, task)}\nMemory cgroup out of memory: ${KILLED}`

describe('whose limit it was', () => {
  it('says in one sentence that a unit reached its own limit', () => {
    expect(claimsOf(report(UNIT, UNIT))).toMatchObject([
      {
        kind: 'memcg-oom',
        confidence: 'certain',
        summary:
          "the kernel killed node (pid 41877) of queue_worker.service: the unit's own limit of 200 MiB was reached",
        unit: 'queue_worker.service',
        cgroup: UNIT,
        limitBytes: 209_715_200,
        constraint: 'CONSTRAINT_MEMCG',
        invoker: { comm: 'node' },
        container: null,
        largestTask: null,
        culprit: null,
        at: null,
        atText: null,
        doubts: [],
      },
    ])
  })

  it('names the slice when the limit is further up', () => {
    const [claim] = claimsOf(sample('kernel-7.2-cgroup-v2-slice-limit.txt'))
    expect(claim).toMatchObject({
      kind: 'memcg-oom',
      unit: 'app.service',
      cgroup: '/system.slice',
      limitBytes: 83_886_080,
    })
    expect(claim!.summary).toBe(
      'the kernel killed hog (pid 118) of app.service: system.slice, which it is part of, reached its limit of 80 MiB',
    )
  })

  const ID = '0123456789ab'.repeat(6).slice(0, 64)
  const POD =
    '/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod12345678_1234_1234_1234_123456789abc.slice'
  it.each([
    [`/system.slice/docker-${ID}.scope`, ID],
    [`/docker/${ID}`, ID],
    [`${POD}/cri-containerd-${ID}.scope`, ID],
    [`/machine.slice/libpod-${ID}.scope`, ID],
    ['/lxc/web', 'web'],
    ['/lxc.payload.web/system.slice/app.service', 'web'],
  ])('calls the limit of %s a container’s', (path, container) => {
    expect(claimsOf(report(path, path))).toMatchObject([{ kind: 'container-oom', container, confidence: 'certain' }])
  })

  it('calls a pod’s limit the pod’s', () => {
    const [claim] = claimsOf(report(POD, `${POD}/cri-containerd-${ID}.scope`))
    expect(claim).toMatchObject({ kind: 'container-oom', container: ID, cgroup: POD })
    expect(claim!.summary).toContain('pod 12345678-1234-1234-1234-123456789abc')
  })

  it('keeps a host out of memory global, even if a container’s process died', () => {
    const text = `oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,global_oom,task_memcg=/docker/${ID},task=node,pid=41877,uid=33\nOut of memory: ${KILLED}`
    expect(claimsOf(text)).toMatchObject([{ kind: 'global-oom', container: ID, limitBytes: null, cgroup: null }])
  })

  it('does not mistake a login or a user’s unit', () => {
    const user = '/user.slice/user-1000.slice/user@1000.service/app.slice/foo.service'
    expect(claimsOf(report(user, user))).toMatchObject([{ kind: 'memcg-oom', unit: 'foo.service' }])
    const login = '/user.slice/user-0.slice/session-4.scope'
    expect(claimsOf(report(login, login))).toMatchObject([{ kind: 'memcg-oom', unit: 'session-4.scope' }])
  })

  it('calls full memory nodes by their name', () => {
    const text = `oom-kill:constraint=CONSTRAINT_CPUSET,nodemask=0,cpuset=x,mems_allowed=0,global_oom,task_memcg=${UNIT},task=node,pid=41877,uid=33\nOut of memory: ${KILLED}`
    expect(claimsOf(text)).toMatchObject([{ kind: 'cpuset-oom', constraint: 'CONSTRAINT_CPUSET' }])
  })
})

describe('how sure it is', () => {
  it('is certain about a lone kill line, with everything else null', () => {
    expect(claimsOf(`Memory cgroup out of memory: ${KILLED}`)).toMatchObject([
      {
        kind: 'memcg-oom',
        confidence: 'certain',
        unit: null,
        cgroup: null,
        limitBytes: null,
        constraint: null,
        culprit: null,
        why: null,
      },
    ])
  })

  it('lowers a torn line and a quoted one', () => {
    expect(claimsOf('Out of memory: Killed process 41877 (no')).toMatchObject([
      { confidence: 'likely', victims: [{ pid: 41_877, comm: null }] },
    ])
    expect(claimsOf(`Nov 12 09:15:02 web01 bot[3]: Out of memory: ${KILLED}`)).toMatchObject([{ confidence: 'likely' }])
  })

  it('claims a call of the killer without a kill as possible only', () => {
    const head = report(UNIT, UNIT).split('\n').slice(0, 2).join('\n')
    expect(claimsOf(head)).toMatchObject([{ kind: 'memcg-oom', confidence: 'possible', victims: [] }])
  })

  it('claims nothing where nobody died', () => {
    expect(claimsOf('OOM victim 12 (x) is already exiting. Skip killing the task')).toEqual([])
    expect(claimsOf('exited with status 137, out of memory? SIGKILL')).toEqual([])
    expect(claimsOf('')).toEqual([])
  })

  it('makes one claim of a kill that dmesg and journal tell, with the lines of both', () => {
    const claims = claimsOf(sample('host-global-dmesg.txt'), sample('host-global-journal.txt'))
    expect(claims.map((claim) => claim.victims[0]?.pid)).toEqual([303, 335])
    expect(new Set(claims[0]!.citations.map((citation) => citation.evidence))).toEqual(new Set(['E1', 'E2']))
  })
})

describe('the numbers of the report', () => {
  it('states order, masks, limits, swap and zones as printed', () => {
    const [host] = claimsOf(sample('host-global-dmesg.txt'))
    expect(host!.report).toMatchObject({ order: 0, swapTotalBytes: 0, swapFreeBytes: 0, memory: null })
    expect(host!.report!.gfpMask).toMatch(/^0x[0-9a-f]+$/)
    expect(host!.report!.ramBytes).toBe(host!.report!.ramPages! * 4096)
    expect(host!.report!.zones.map((zone) => zone.name)).toContain('DMA')
    expect(host!.report!.zones.every((zone) => zone.freeBytes !== null && zone.minBytes !== null)).toBe(true)
  })

  it('states what the group used, and nothing of the host', () => {
    const [limit] = claimsOf(
      'kernel: memory: usage 81920kB, limit 81920kB, failcnt 74\nkernel: swap: usage 0kB, limit 9007199254740988kB, failcnt 0\n' +
        'kernel: Memory cgroup out of memory: Killed process 7 (a) total-vm:1kB, anon-rss:1kB, file-rss:0kB',
    )
    expect(limit!.report).toEqual({
      order: null,
      gfpMask: null,
      gfpFlags: null,
      memory: { usageBytes: 83886080, limitBytes: 83886080, failcnt: 74 },
      swap: { usageBytes: 0, limitBytes: null, failcnt: 0 },
      memorySwap: null,
      kernelMemory: null,
      ramPages: null,
      ramBytes: null,
      swapTotalBytes: null,
      swapFreeBytes: null,
      zones: [],
    })
  })

  it('is null where no number is stated', () => {
    expect(
      claimsOf('kernel: Out of memory: Killed process 7 (a) total-vm:1kB, anon-rss:1kB, file-rss:0kB')[0]!.report,
    ).toBeNull()
  })
})

describe('victim, invoker, biggest and culprit', () => {
  it('keeps the bystander that asked apart from the culprit', () => {
    const [first] = claimsOf(sample('host-global-dmesg.txt'))
    expect(first).toMatchObject({
      kind: 'global-oom',
      invoker: { pid: 1, comm: 'systemd' },
      largestTask: { pid: 303, comm: 'MainThread', rssBytes: 63_981 * 4096 },
      culprit: { comm: 'MainThread', unit: 'queue_worker.service', isVictim: true },
    })
    expect(first!.why).toContain('there is no swap')
    expect(first!.why).toContain('truly out of memory')
  })

  it('blames nobody when one table cannot tell the leak from its neighbour', () => {
    const claims = claimsOf(sample('innocent-victim-dmesg.txt'))
    expect(claims).toHaveLength(5)
    expect(claims.map((claim) => claim.culprit)).toEqual([null, null, null, null, null])
  })

  it('calls a small victim innocent and names the many that held the memory', () => {
    const rows = Array.from(
      { length: 40 },
      (_, index) =>
        `[${String(100 + index).padStart(7)}]    33 ${100 + index}    50000     5000    94208        0             0 apache2`,
    )
    const text = [
      'Tasks state (memory values in pages):',
      '[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name',
      ...rows,
      '[  41877]    33 41877  1000000    40000    94208        0             0 node',
      `oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,global_oom,task_memcg=${UNIT},task=node,pid=41877,uid=33`,
      `Out of memory: ${KILLED}`,
    ].join('\n')
    const [claim] = claimsOf(text)
    expect(claim!.largestTask).toMatchObject({ comm: 'node' })
    expect(claim!.culprit).toMatchObject({ comm: 'apache2', unit: null, isVictim: false })
    expect(claim!.culprit!.why).toContain('innocent victim')
  })

  it('says first that a person asked', () => {
    const [claim] = claimsOf(sample('kernel-6.1-cgroup-v2-sysrq-f.txt'))
    expect(claim).toMatchObject({ kind: 'global-oom', culprit: null })
    expect(claim!.summary).toMatch(/^somebody asked the kernel to kill/)
    expect(claim!.why).toContain('sysrq f')
  })
})

describe('the other kernel rules', () => {
  it('finds no kernel memory in ordinary reports, and finds it where slabs hold the RAM', () => {
    const global = sample('kernel-7.2-cgroup-v2-global.txt')
    expect(claimsOf(global).map((claim) => claim.kind)).toEqual(['global-oom'])
    const slabs = global
      .replace(/slab_unreclaimable:\d+/, 'slab_unreclaimable:20000')
      .replace(/active_anon:\d+ inactive_anon:0 iso/, 'active_anon:20000 inactive_anon:0 iso')
    const claim = claimsOf(slabs).find((candidate) => candidate.kind === 'kernel-memory')
    expect(claim!.summary).toMatch(
      /^the kernel itself held \d\d % of 203 MiB RAM when memory ran out, most of it slab unreclaimable/,
    )
  })

  it('tells a failed allocation without a kill', () => {
    const line =
      '[ 9.5] kworker/u8:2: page allocation failure: order:5, mode:0x40dc0(GFP_KERNEL|__GFP_COMP|__GFP_ZERO), nodemask=(null)'
    expect(claimsOf(line, line)).toMatchObject([
      { kind: 'page-alloc-failure', confidence: 'certain', invoker: { comm: 'kworker/u8:2' }, victims: [], count: 1 },
    ])
    expect(claimsOf('swapper/0: page allocation failure: order:7, mode:0xcc1(GFP_KERNEL|GFP_DMA)')).toMatchObject([
      { confidence: 'certain' },
    ])
  })

  it('tells a crash, and never blames memory for it', () => {
    const line =
      '[   26.559516] python3[343]: segfault at 0 ip 00007fb8631f1d76 sp 00007ffd25eebfc0 error 4 in libc.so.6[7fb8630a2000+155000] likely on CPU 1 (core 1, socket 0)'
    const journal = line.replace('[   26.559516] ', 'Nov 23 15:11:25 web01 kernel: ')
    expect(claimsOf(line, journal)).toMatchObject([
      { kind: 'segfault', confidence: 'certain', victims: [{ pid: 343, comm: 'python3' }] },
    ])
    expect(claimsOf('traps: app[99] trap invalid opcode ip:55 sp:7f error:0 in app[400000+1000]')).toMatchObject([
      { kind: 'segfault', summary: 'app (pid 99) crashed: invalid opcode in app' },
    ])
    expect(claimsOf('traps: app[99] general protection fault ip:55 sp:7f error:0 in app[400000+1000]')).toMatchObject([
      { kind: 'segfault' },
    ])
  })
})
