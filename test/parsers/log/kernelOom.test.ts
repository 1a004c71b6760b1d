import { describe, expect, it } from 'vitest'
import { bareLines, kernelSamples, oomsOf, sample, substance } from './kernelSample.ts'

/** The same facts read from the text in another way. */
const truthOf = (text: string) => {
  const killed = [...text.matchAll(/Killed process (\d+) \((.*)\) total-vm:(\d+)kB, anon-rss:(\d+)kB/g)]
  const bySelf = new Map(
    killed.map((match) => [Number(match[1]), { comm: match[2], anonRssBytes: Number(match[4]) * 1024 }]),
  )
  return {
    victims: [...bySelf],
    constraint: /constraint=(\w+)/.exec(text)![1],
    limit: /memory: usage \d+kB, limit (\d+)kB/.exec(text)?.[1],
    owner: /oom_memcg=([^,]*)/.exec(text)?.[1],
    task: /,task_memcg=([^,]*)/.exec(text)![1],
    invokerPid: Number(/PID: (\d+) Comm/.exec(text)![1]),
    rows: [...text.matchAll(/^\[ *\d+\.\d+\] \[ *\d+\] +\d+ +\d+ +\d+/gm)].length,
  }
}

describe('real reports', () => {
  it.each(kernelSamples)('%s is read whole', (name) => {
    const text = sample(name)
    const truth = truthOf(text)
    const events = oomsOf(text)
    expect(events).toHaveLength(1)
    const event = events[0]!
    expect(event.victims.map(({ pid, comm, anonRssBytes }) => [pid, { comm, anonRssBytes }])).toEqual(truth.victims)
    expect(event).toMatchObject({
      outcome: 'killed',
      constraint: truth.constraint,
      ownerCgroup: truth.owner ?? null,
      taskCgroup: truth.task,
      pageSizeBytes: 4096,
      quoted: false,
      mixed: false,
      missing: [],
      manual: name.includes('sysrq'),
      order: name.includes('sysrq') ? -1 : 0,
      scope: truth.owner === undefined ? 'global' : 'memcg',
    })
    expect(event.invoker?.pid).toBe(truth.invokerPid)
    expect(event.memory?.limitBytes ?? null).toBe(truth.limit === undefined ? null : Number(truth.limit) * 1024)
    expect(event.tasks).toHaveLength(truth.rows)
    expect(event.tasks?.every((task) => task.rssBytes !== null && task.comm !== '')).toBe(true)
    expect(event.memInfo === null).toBe(event.scope === 'memcg')
    expect(event.stats === null).toBe(event.scope === 'global')
    const cited = event.cited.map((line) => line.text).join('\n')
    expect(cited).toContain('invoked oom-killer')
    expect(cited).toContain('oom-kill:constraint')
    expect(cited).toContain('Killed process')
  })

  it('reads the memory of the host to the last block', () => {
    const { memInfo } = oomsOf(sample('kernel-7.2-cgroup-v2-global.txt'))[0]!
    expect(memInfo).toMatchObject({ ramPages: 65_406, totalSwapBytes: 0, freeSwapBytes: 0 })
    const dma32 = memInfo!.zones.find((zone) => zone.name === 'DMA32')!
    expect(dma32.bytes).toMatchObject({ free: 1396 * 1024, min: 1632 * 1024 })
    expect(dma32.freeBlocks!.reduce((sum, block) => sum + block.sizeBytes * block.count, 0)).toBeLessThanOrEqual(
      1500 * 1024,
    )
    expect(memInfo!.zones[0]!.lowmemReservePages).toEqual([0, 188, 188, 188, 188])
    expect(memInfo!.hugepages).toHaveLength(2)
  })

  it('gives no limit as null, and keeps memory+swap apart from swap', () => {
    const v1 = oomsOf(sample('kernel-5.10-cgroup-v1-cgroup-limit.txt'))[0]!
    expect(v1.memorySwap).toEqual({ usageBytes: 65_536 * 1024, limitBytes: null, failcnt: 0 })
    expect(v1.swap).toBeNull()
    expect(v1.kmem?.usageBytes).toBe(184 * 1024)
    expect(v1.stats?.['anon']).toBe(66_908_160)
  })

  it('counts the members of an oom.group once', () => {
    const event = oomsOf(sample('kernel-7.2-cgroup-v2-oom-group.txt'))[0]!
    expect(event.victims.map((victim) => victim.comm)).toEqual(['hog', 'sibling'])
    expect(event.groupCgroup).toBe('/system.slice/app.service')
  })

  it('tells five kills of one slice apart', () => {
    const events = oomsOf(sample('innocent-victim-dmesg.txt'))
    expect(events.map((event) => [event.victims[0]?.pid, event.tasks?.length])).toEqual([
      [350, 2],
      [375, 2],
      [401, 2],
      [403, 2],
      [621, 1],
    ])
  })

  it('takes a kill in dmesg and journal for one', () => {
    const both = oomsOf(sample('host-global-dmesg.txt') + sample('host-global-journal.txt'))
    expect(both.map((event) => event.victims[0]?.pid)).toEqual([303, 335])
    expect(both[0]!.cited.length).toBe(6)
  })
})

const KILLED =
  'Memory cgroup out of memory: Killed process 144 (hog) total-vm:58420kB, anon-rss:56960kB, file-rss:0kB, shmem-rss:576kB, UID:0 pgtables:148kB oom_score_adj:0'

describe('what a lone line says', () => {
  it('is a whole kill, whose constraint and owner are null', () => {
    expect(oomsOf(KILLED)).toMatchObject([
      {
        outcome: 'killed',
        scope: 'memcg',
        constraint: null,
        ownerCgroup: null,
        invoker: null,
        tasks: null,
        memory: null,
      },
    ])
  })

  it.each([
    [
      '2.6.24',
      'Out of memory: kill process 7 (a) score 12 or a child\nKilled process 8 (b)',
      { pid: 8, comm: 'b', anonRssBytes: null },
      'global',
    ],
    [
      '3.10',
      'Memory cgroup out of memory: Kill process 7 (a) score 12 or sacrifice child\nKilled process 8 (b) total-vm:10kB, anon-rss:4kB, file-rss:0kB',
      { pid: 8, comm: 'b', anonRssBytes: 4096 },
      'memcg',
    ],
    [
      'EL6',
      'Out of memory: Kill process 7 (a) score 12 or sacrifice child\nKilled process 7, UID 48, (httpd) total-vm:10kB, anon-rss:4kB, file-rss:0kB',
      { pid: 7, comm: 'httpd', uid: 48 },
      'global',
    ],
    [
      '5.0',
      'Out of memory: Killed process 7 (a) total-vm:10kB, anon-rss:4kB, file-rss:0kB, shmem-rss:0kB',
      { pid: 7, comm: 'a' },
      'global',
    ],
    [
      'vsz',
      'Out of memory: Kill process 7 (a) score 1 or a child\nKilled process 7 (a) vsz:10kB, anon-rss:4kB, file-rss:0kB',
      { pid: 7, totalVmBytes: 10_240 },
      'global',
    ],
    [
      'the allocating task',
      'Out of memory (oom_kill_allocating_task): Killed process 7 (a) total-vm:10kB, anon-rss:4kB, file-rss:0kB',
      { pid: 7 },
      'global',
    ],
    [
      'a cpuset of 2.6',
      'No available memory in cpuset: kill process 7 (a) score 1 or a child\nKilled process 7 (a)',
      { pid: 7 },
      'cpuset',
    ],
    [
      'a hostile name',
      'Out of memory: Killed process 7 (a) total-vm:1kB (b) total-vm:2kB, anon-rss:4kB, file-rss:0kB',
      { comm: 'a) total-vm:1kB (b', totalVmBytes: 2048 },
      'global',
    ],
    [
      'a name that looks like a kill',
      'Out of memory: Killed process 7 (Killed process 1) total-vm:2kB, anon-rss:4kB, file-rss:0kB',
      { pid: 7, comm: 'Killed process 1' },
      'global',
    ],
  ])('%s', (_, text, victim, scope) => {
    const events = oomsOf(text)
    expect(events).toHaveLength(1)
    expect(events[0]).toMatchObject({ scope, outcome: 'killed', victims: [victim] })
  })

  it.each([
    'OOM victim 12 (x) is already exiting. Skip killing the task',
    'oom_reaper: reaped process 12 (x), now anon-rss:0kB, file-rss:0kB, shmem-rss:0kB',
    'oom_kill_process+0x1bd/0x4e0',
    'OOM killer disabled.',
    'sysrq: OOM request ignored. No task eligible',
    'Huh VM_FAULT_OOM leaked out to the #PF handler. Retrying PF',
    '[     35]     0    35        0        0        0        0             0 oom_reaper',
    'memory: usage 81920kB, limit 81920kB, failcnt 74',
    'PHP Fatal error:  Out of memory (allocated 2097152 bytes)',
    'low memory: 871,566,307 KiB available',
    'FATAL: Memory exhaustion detected',
  ])('is no kill: %s', (text) => {
    expect(oomsOf(text)).toEqual([])
  })

  it('knows the endings without a victim', () => {
    expect(
      oomsOf('Out of memory and no killable processes...\nKernel panic - not syncing: System is deadlocked on memory'),
    ).toMatchObject([{ outcome: 'panic', scope: 'global', victims: [] }])
    expect(oomsOf('Kernel panic - not syncing: Out of memory: compulsory panic_on_oom is enabled')).toMatchObject([
      { outcome: 'panic' },
    ])
    expect(oomsOf('Memory cgroup out of memory and no killable processes...')).toMatchObject([
      { outcome: 'no-victim', scope: 'memcg' },
    ])
  })

  it('reads the oom-kill line by its names', () => {
    const line =
      'oom-kill:constraint=CONSTRAINT_CPUSET,nodemask=0,2-3,cpuset=emulator,mems_allowed=0-1,4,global_oom,task_memcg=/a,b.service,task=x,y=1,pid=5,uid=0'
    expect(oomsOf(line)).toMatchObject([
      {
        outcome: 'chosen',
        scope: 'cpuset',
        nodemask: '0,2-3',
        cpuset: 'emulator',
        memsAllowed: '0-1,4',
        taskCgroup: '/a,b.service',
        chosen: { pid: 5, comm: 'x,y=1', uid: 0 },
      },
    ])
  })

  it('reads the two cgroups of kernels before 5.0, victim first', () => {
    expect(oomsOf(`Task in /docker/abc killed as a result of limit of /docker\n${KILLED}`)).toMatchObject([
      { taskCgroup: '/docker/abc', ownerCgroup: '/docker' },
    ])
  })

  it('reads every layout of the task table by its header', () => {
    const table = (header: string, row: string) =>
      oomsOf(
        `${header}\n${row}\nOut of memory: Killed process 9 (my app) total-vm:400kB, anon-rss:4kB, file-rss:0kB`,
      )[0]!.tasks
    const expected = { pid: 9, comm: 'my app', rssPages: 50, totalVmPages: 100 }
    expect(
      table(
        '[ pid ]   uid  tgid total_vm      rss cpu oom_adj name',
        '[    9]     0     9      100       50   0       0 my app',
      ),
    ).toMatchObject([expected])
    expect(
      table(
        '[ pid ]   uid  tgid total_vm      rss nr_ptes swapents oom_score_adj name',
        '[    9]     0     9      100       50       3        0         -1000 my app',
      ),
    ).toMatchObject([{ ...expected, oomScoreAdj: -1000 }])
    expect(
      table(
        '[ pid ]   uid  tgid total_vm      rss nr_ptes nr_pmds swapents vendor oom_score_adj name',
        '[    9]     0     9      100       50   3   3     0  77     0 my app',
      ),
    ).toMatchObject([{ ...expected, pgtablesBytes: 6 * 4096 }])
  })
})

describe('torn and mixed reports', () => {
  const text = sample('kernel-6.12-cgroup-v2-cgroup-limit.txt')
  const lines = text.trimEnd().split('\n')
  const other = sample('kernel-7.2-cgroup-v2-slice-limit.txt').trimEnd().split('\n')

  it('keeps what is stated of a report without a head', () => {
    const tail = lines.slice(lines.findIndex((line) => line.includes('pgfault'))).join('\n')
    expect(oomsOf(tail)).toMatchObject([
      { outcome: 'killed', invoker: null, memory: null, constraint: 'CONSTRAINT_MEMCG', victims: [{ pid: 139 }] },
    ])
  })

  it('claims no kill from a head alone', () => {
    expect(oomsOf(lines.slice(0, 10).join('\n'))).toMatchObject([
      { outcome: 'unresolved', victims: [], constraint: null },
    ])
  })

  it('takes two heads before one kill for two events, the first unresolved', () => {
    const events = oomsOf([...lines.slice(0, 5), ...other].join('\n'))
    expect(events.map((event) => event.outcome)).toEqual(['unresolved', 'killed'])
    expect(events[1]!.memory?.limitBytes).toBe(83_886_080)
  })

  it('keeps interleaved reports apart by their callers', () => {
    const withCaller = (list: readonly string[], caller: string): string[] =>
      list.map((line) => line.replace(/^(\[ *)\d+(\.\d+\])/, `$110$2[ ${caller}]`))
    const mixed = zip(withCaller(lines, 'T139'), withCaller(other, 'T118'))
    const events = oomsOf(mixed.join('\n'))
    expect(events.map(substance).toSorted(byJson)).toEqual(
      [...oomsOf(text), ...oomsOf(other.join('\n'))].map(substance).toSorted(byJson),
    )
  })

  it('takes no numbers when mixed reports cannot be told apart', () => {
    const plain = (list: readonly string[]): string[] =>
      list.map((line) => line.replace(/^(\[ *)\d+(\.\d+\])/, '$110$2'))
    const events = oomsOf(zip(plain(lines), plain(other)).join('\n'))
    const killed = events.filter((event) => event.outcome === 'killed')
    expect(
      killed.flatMap((event) => event.victims.map((victim) => victim.pid)).toSorted((a, b) => (a ?? 0) - (b ?? 0)),
    ).toEqual([118, 139])
    for (const event of events)
      expect([event.memory, event.tasks, event.invoker]).toEqual(event.mixed ? [null, null, null] : expect.anything())
    expect(events.some((event) => event.mixed)).toBe(true)
  })

  it('marks a report inside another program’s line as quoted', () => {
    const quoted = `Nov 12 09:15:02 web01 bot[9]: they said: x\nNov 12 09:15:03 web01 bot[9]: ${KILLED}`
    expect(oomsOf(quoted)).toMatchObject([{ quoted: true, victims: [{ pid: 144 }] }])
    expect(oomsOf(`{"level":30,"msg":${JSON.stringify(bareLines(text).join('\n'))}}`)).toMatchObject([
      { quoted: true, ownerCgroup: '/system.slice/app.service' },
    ])
  })

  it('does not take the memory of a failed allocation for the report’s', () => {
    const failure =
      'kworker/0:1: page allocation failure: order:4, mode:0x40dc0(GFP_KERNEL|__GFP_COMP), nodemask=(null)'
    const events = oomsOf(
      [
        lines[0],
        `[    9.536700] ${failure}`,
        '[    9.536701] Mem-Info:',
        '[    9.536702] 7 pages RAM',
        ...lines.slice(1),
      ].join('\n'),
    )
    expect(events).toMatchObject([{ memInfo: null, scope: 'memcg' }])
  })
})

const zip = (left: readonly string[], right: readonly string[]): string[] =>
  Array.from({ length: Math.max(left.length, right.length) }, (_, index) => [left[index], right[index]])
    .flat()
    .filter((line) => line !== undefined)

const byJson = (left: unknown, right: unknown): number => (JSON.stringify(left) < JSON.stringify(right) ? -1 : 1)
