import { describe, expect, it } from 'vitest'
import { cannotForkRule } from '../../src/rules/cannotFork.ts'
import { diskFullMessageRule, diskFullRule } from '../../src/rules/diskFull.ts'
import { memoryHighThrottleRule } from '../../src/rules/memoryHighThrottle.ts'
import { memoryAvailableRule, memoryPressureRule } from '../../src/rules/memoryPressure.ts'
import { swapThrashRule } from '../../src/rules/swapThrash.ts'
import { READ_AT_MS, factsOf, scenarioSteps } from './sampleEvidence.ts'
import type { TestStep } from './sampleEvidence.ts'

const CGROUP = '/sys/fs/cgroup/system.slice/a.service'
const pressure = (full: string, command = '/proc/pressure/memory'): TestStep => ({
  step: 'files',
  command,
  stdout: `some avg10=${full} avg60=${full} avg300=0.00 total=1\nfull avg10=${full} avg60=${full} avg300=0.00 total=1\n`,
})

describe('memory-high-throttle', () => {
  const throttled = (high: number): readonly TestStep[] => [
    { step: 'files', command: `${CGROUP}/memory.events`, stdout: `low 0\nhigh ${high}\nmax 0\noom 0\noom_kill 0\n` },
    { step: 'files', command: `${CGROUP}/memory.high`, stdout: '157286400\n' },
    { step: 'files', command: `${CGROUP}/memory.current`, stdout: '181751808\n' },
    pressure('93.60', `${CGROUP}/memory.pressure`),
  ]

  it('is likely from one look, in the real capture', () => {
    const claims = memoryHighThrottleRule.check(factsOf(scenarioSteps('systemd-memory-high')))
    expect(claims).toMatchObject([{ confidence: 'likely', unit: 'queue_worker.service', limitBytes: 157_286_400 }])
    expect(claims[0]!.citations.map((one) => one.text)).toEqual([
      'high 3102',
      '181751808',
      '157286400',
      'full avg10=93.60 avg60=82.06 avg300=32.23 total=117777067',
    ])
  })

  it('is certain when the counter rises between two looks', () => {
    expect(memoryHighThrottleRule.check(factsOf([...throttled(100), ...throttled(180)]))).toMatchObject([
      { confidence: 'certain' },
    ])
  })

  it('is not claimed when the counter stands still: history alone', () => {
    expect(memoryHighThrottleRule.check(factsOf([...throttled(100), ...throttled(100)]))).toEqual([])
  })

  it.each(['systemd-healthy', 'systemd-worker-memcg', 'systemd-slice-limit'])('is not found in %s', (scenario) => {
    expect(memoryHighThrottleRule.check(factsOf(scenarioSteps(scenario)))).toEqual([])
  })

  it('is possible where MemoryHigh lies below MemoryMax on a host without swap, and not with swap', () => {
    const steps = (swapKib: number): readonly TestStep[] => [
      { step: 'files', command: '/proc/meminfo', stdout: `MemTotal: 1000000 kB\nSwapTotal: ${swapKib} kB\n` },
      { step: 'files', command: `${CGROUP}/memory.events`, stdout: 'high 0\nmax 0\noom 0\noom_kill 0\n' },
      { step: 'files', command: `${CGROUP}/memory.high`, stdout: '800000000\n' },
      { step: 'files', command: `${CGROUP}/memory.max`, stdout: '1000000000\n' },
    ]
    expect(memoryHighThrottleRule.check(factsOf(steps(0)))).toMatchObject([
      { confidence: 'possible', unit: 'a.service' },
    ])
    expect(memoryHighThrottleRule.check(factsOf(steps(500_000)))).toEqual([])
  })
})

describe('memory-pressure', () => {
  it('is found for the host and for a unit', () => {
    const claims = memoryPressureRule.check(
      factsOf([pressure('12.00'), pressure('50.00', `${CGROUP}/memory.pressure`)]),
    )
    expect(claims.map((claim) => claim.unit)).toEqual([null, 'a.service'])
  })

  it('is found neither in a calm host nor in pressure on the processor', () => {
    expect(memoryPressureRule.check(factsOf(scenarioSteps('systemd-healthy')))).toEqual([])
    expect(memoryPressureRule.check(factsOf([pressure('1.00'), pressure('99.00', '/proc/pressure/cpu')]))).toEqual([])
  })

  it('says that it cannot tell when only a unit was read', () => {
    expect(() => memoryPressureRule.check(factsOf([pressure('1.00', `${CGROUP}/memory.pressure`)]))).toThrow(
      'whole host',
    )
  })

  it('is likely without PSI when hardly anything is available and evicted pages come back', () => {
    const steps = (refaults: number): readonly TestStep[] => [
      { step: 'a', command: '/proc/meminfo', stdout: 'MemTotal: 1000000 kB\nMemAvailable: 20000 kB\n' },
      { step: 'a', command: '/proc/vmstat', stdout: 'workingset_refault_file 10\n' },
      { step: 'b', command: '/proc/vmstat', stdout: `workingset_refault_file ${refaults}\n` },
    ]
    expect(memoryAvailableRule.check(factsOf(steps(900)))).toMatchObject([
      { kind: 'memory-pressure', confidence: 'likely' },
    ])
    expect(memoryAvailableRule.check(factsOf(steps(10)))).toEqual([])
    expect(() => memoryAvailableRule.check(factsOf(steps(900).slice(0, 2)))).toThrow('only once')
  })
})

describe('swap-thrash', () => {
  const steps = (pages: number, full: string | null): readonly TestStep[] => [
    { step: 'a', command: '/proc/vmstat', stdout: 'pswpin 100\npswpout 100\n', startedAtMs: READ_AT_MS },
    {
      step: 'b',
      command: '/proc/vmstat',
      stdout: `pswpin ${100 + pages}\npswpout 100\n`,
      startedAtMs: READ_AT_MS + 2000,
    },
    ...(full === null ? [] : [pressure(full)]),
  ]

  it('is certain from a rate and a host that stands still', () => {
    const claims = swapThrashRule.check(factsOf(steps(8000, '45.00')))
    expect(claims).toMatchObject([{ confidence: 'certain' }])
    expect(claims[0]!.summary).toContain('4000 pages a second')
  })

  it('is only possible where nobody measures standstill', () => {
    expect(swapThrashRule.check(factsOf(steps(8000, null)))).toMatchObject([{ confidence: 'possible' }])
  })

  it('is not claimed from a slow rate, from a calm host or from one look', () => {
    expect(swapThrashRule.check(factsOf(steps(100, '45.00')))).toEqual([])
    expect(swapThrashRule.check(factsOf(steps(8000, '1.00')))).toEqual([])
    expect(() => swapThrashRule.check(factsOf(steps(8000, '45.00').slice(0, 1)))).toThrow('only once')
  })
})

describe('disk-full', () => {
  const df = (row: string): TestStep => ({
    step: 'df',
    parser: 'df',
    stdout: `Filesystem 1024-blocks Used Available Capacity Mounted on\n${row}\n`,
  })
  const said: TestStep = {
    step: 'log',
    command: 'journalctl -b',
    parser: 'log',
    stdout: 'Nov 23 15:21:46 web01 app[7]: write /var/lib/app/x: No space left on device\n',
  }

  it('is certain when nothing is left or a program was refused, likely near the end', () => {
    expect(diskFullRule.check(factsOf([df('/dev/vda 100 100 0 100% /')]))).toMatchObject([{ confidence: 'certain' }])
    expect(diskFullRule.check(factsOf([df('/dev/vda 100 98 2 98% /')]))).toMatchObject([{ confidence: 'likely' }])
    const [claim] = diskFullRule.check(factsOf([df('/dev/vda 100 98 2 98% /'), said]))
    expect(claim).toMatchObject({ confidence: 'certain' })
    expect(claim!.citations).toHaveLength(2)
  })

  it('is found when only the inodes are used up', () => {
    const steps = [
      df('/dev/vda 100 50 50 50% /'),
      {
        step: 'i',
        parser: 'df-inodes',
        stdout: 'Filesystem Inodes IUsed IFree IUse% Mounted on\n/dev/vda 100 100 0 100% /\n',
      },
    ]
    expect(diskFullRule.check(factsOf(steps))[0]!.summary).toContain('inodes')
  })

  it.each([
    '/dev/loop3 100 100 0 100% /snap/core/1',
    'udev 100 100 0 100% /dev',
    'tmpfs 100 100 0 100% /dev/shm',
    '/dev/sr0 100 100 0 100% /media/cd',
    '/dev/vda 100 97 3 97% /',
  ])('is not found for %s', (row) => {
    expect(diskFullRule.check(factsOf([df(row)]))).toEqual([])
  })

  it('is likely from the words of a program alone, and doubted when every file system has room', () => {
    expect(diskFullMessageRule.check(factsOf([said]))).toMatchObject([{ confidence: 'likely' }])
    const [claim] = diskFullMessageRule.check(factsOf([said, df('/dev/vda 100 50 50 50% /')]))
    expect(claim).toMatchObject({ confidence: 'possible' })
    expect(claim!.doubts).toHaveLength(1)
    expect(diskFullMessageRule.check(factsOf([said, df('/dev/vda 100 100 0 100% /')]))).toEqual([])
  })
})

describe('cannot-fork', () => {
  it('is certain when Medic itself could not start a step', () => {
    const step: TestStep = {
      step: 'ps',
      command: 'ps aux',
      parser: null,
      outcome: { outcome: 'not-run', reason: 'cannot fork: the host cannot start processes' },
    }
    expect(cannotForkRule.check(factsOf([step]))).toMatchObject([{ confidence: 'certain', unit: null }])
  })

  it('is read from the kernel log, in the real capture, with the cgroup that forked', () => {
    const claims = cannotForkRule.check(factsOf(scenarioSteps('systemd-fork-fail', 'image_tools.service')))
    // Kernel log and journal hold the same lines: one finding a cgroup.
    expect(claims.filter((claim) => claim.unit === 'image_tools.service')).toHaveLength(1)
    expect(claims.every((claim) => claim.confidence === 'certain')).toBe(true)
  })

  it('is likely from a counter at its limit', () => {
    const steps: readonly TestStep[] = [
      { step: 'f', command: `${CGROUP}/pids.events`, stdout: 'max 7\n' },
      { step: 'f', command: `${CGROUP}/pids.max`, stdout: '20\n' },
      { step: 'f', command: `${CGROUP}/pids.current`, stdout: '20\n' },
    ]
    expect(cannotForkRule.check(factsOf(steps))).toMatchObject([{ confidence: 'likely', unit: 'a.service' }])
    expect(cannotForkRule.check(factsOf(steps.slice(0, 1)))).toMatchObject([{ confidence: 'possible' }])
  })

  it('is not claimed for a cancelled step, a calm host, or ENOMEM', () => {
    const cancelled: TestStep = { step: 'ps', parser: null, outcome: { outcome: 'not-run', reason: 'cancelled' } }
    const enomem: TestStep = { step: 'input', parser: 'log', stdout: 'bash: fork: Cannot allocate memory\n' }
    expect(cannotForkRule.check(factsOf([cancelled]))).toEqual([])
    expect(cannotForkRule.check(factsOf(scenarioSteps('systemd-healthy')))).toEqual([])
    expect(cannotForkRule.check(factsOf([enomem]))).toEqual([])
  })
})
