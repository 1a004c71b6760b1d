import { assert, property, string } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ParseError } from '../../src/domain/errors.ts'
import { bootIdParser } from '../../src/parsers/bootId.ts'
import { cgroupEventsParser } from '../../src/parsers/cgroupEvents.ts'
import { cgroupMemoryStatParser } from '../../src/parsers/cgroupMemoryStat.ts'
import { cgroupFileOf } from '../../src/parsers/cgroupPath.ts'
import { cgroupV1OomControlParser } from '../../src/parsers/cgroupV1OomControl.ts'
import { cgroupValueParser } from '../../src/parsers/cgroupValue.ts'
import { dfParser } from '../../src/parsers/df.ts'
import { dfInodesParser } from '../../src/parsers/dfInodes.ts'
import { meminfoParser } from '../../src/parsers/meminfo.ts'
import type { Parser } from '../../src/parsers/parser.ts'
import { pidsEventsParser } from '../../src/parsers/pidsEvents.ts'
import { pressureParser } from '../../src/parsers/pressure.ts'
import { findFileParser } from '../../src/parsers/registry.ts'
import { swapsParser } from '../../src/parsers/swaps.ts'
import { systemctlCatParser } from '../../src/parsers/systemctlCat.ts'
import { systemctlFailedParser } from '../../src/parsers/systemctlFailed.ts'
import { systemctlShowParser } from '../../src/parsers/systemctlShow.ts'
import { systemdVersionParser } from '../../src/parsers/systemdVersion.ts'
import { unitOfCgroup } from '../../src/parsers/unitOfCgroup.ts'
import { uptimeParser } from '../../src/parsers/uptime.ts'
import { vmstatParser } from '../../src/parsers/vmstat.ts'
import { sample } from '../rules/sampleEvidence.ts'

describe('files of the host', () => {
  it('reads /proc/meminfo in bytes', () => {
    expect(meminfoParser.parse(sample('systemd-worker-memcg', 'file-proc-meminfo.txt'))).toMatchObject({
      totalBytes: 481_040 * 1024,
      availableBytes: 381_992 * 1024,
      swapTotalBytes: 0,
      slabUnreclaimableBytes: 13_732 * 1024,
      hugePagesTotalCount: 0,
      balloonBytes: null,
    })
  })

  it('says null for the available memory of a kernel before 3.14', () => {
    expect(meminfoParser.parse('MemTotal: 10 kB\nMemFree: 5 kB\n').availableBytes).toBeNull()
  })

  it('reads the counters of /proc/vmstat', () => {
    expect(vmstatParser.parse(sample('systemd-worker-memcg', 'file-proc-vmstat.txt'))).toMatchObject({
      oomKillCount: 3,
      swapInPages: 0,
      allocStallCount: 0,
    })
    expect(vmstatParser.parse('pswpin 18446744073709551615\nallocstall 4').swapInPages).toBeNull()
    expect(vmstatParser.parse('nr_free_pages 1').oomKillCount).toBeNull()
  })

  it('reads pressure, with and without a full line', () => {
    const { some, full } = pressureParser.parse(sample('systemd-memory-high', 'file-proc-pressure-memory.txt'))
    expect([some.avg10Percent, full?.avg60Percent, full?.totalUs]).toEqual([69.84, 58.7, 83_339_255])
    expect(pressureParser.parse('some avg10=0.00 avg60=0.00 avg300=0.00 total=0\n').full).toBeNull()
  })

  it('tells no swap from swap', () => {
    expect(swapsParser.parse(sample('systemd-worker-memcg', 'file-proc-swaps.txt')).areas).toEqual([])
    const text = 'Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n/swap\\040file  file  524284  1024  -2\n'
    expect(swapsParser.parse(text).areas).toEqual([
      { path: '/swap\\040file', type: 'file', sizeBytes: 524_284 * 1024, usedBytes: 1_048_576 },
    ])
  })

  it('reads boot id, uptime and the version of systemd', () => {
    expect(bootIdParser.parse('0ce954f4-6c38-43d2-b177-66aacbb81ea3\n').bootId).toHaveLength(36)
    expect(uptimeParser.parse(sample('systemd-worker-memcg', 'file-proc-uptime.txt')).uptimeSeconds).toBe(133.56)
    expect(systemdVersionParser.parse(sample('systemd-worker-memcg', 'systemctl-version.txt'))).toEqual({
      version: 252,
      detail: '252.39-1~deb12u2',
      defaultHierarchy: 'unified',
    })
    expect(systemdVersionParser.parse('systemd 219\n+PAM').version).toBe(219)
  })
})

describe('files of a cgroup', () => {
  it('reads counters, statistics and single numbers', () => {
    expect(cgroupEventsParser.parse(sample('systemd-memory-high', 'cgroup-memory.events.txt')).highCount).toBe(3102)
    expect(cgroupMemoryStatParser.parse(sample('systemd-memory-high', 'cgroup-memory.stat.txt')).anonBytes).toBe(
      180_473_856,
    )
    expect(cgroupValueParser.parse('max\n').value).toBe('infinity')
    expect(cgroupValueParser.parse('209715200\n').value).toBe(209_715_200)
    expect(cgroupValueParser.parse('9223372036854771712\n').value).toBe('infinity')
    expect(pidsEventsParser.parse('max 12\n').maxCount).toBe(12)
    expect(cgroupV1OomControlParser.parse('oom_kill_disable 0\nunder_oom 0\noom_kill 1\n')).toEqual({
      killDisabled: false,
      underOom: false,
      oomKillCount: 1,
    })
  })

  it.each([
    ['/sys/fs/cgroup/system.slice/a.service/memory.events.local', '/system.slice/a.service', 'memory.events.local'],
    ['cat /sys/fs/cgroup/memory/system.slice/a.service/memory.failcnt', '/system.slice/a.service', 'memory.failcnt'],
    ['/sys/fs/cgroup/memory.pressure', '/', 'memory.pressure'],
  ])('knows the cgroup of %s', (command, cgroup, file) => {
    expect(cgroupFileOf(command)).toEqual({ cgroup, file })
  })

  it('knows no cgroup of other commands', () => {
    expect(cgroupFileOf('cat "/sys/fs/cgroup$CGROUP/memory.max"')).toBeNull()
    expect(cgroupFileOf('/proc/meminfo')).toBeNull()
  })

  it('finds the innermost unit and never a slice, a login of nobody or a hostile name', () => {
    expect(unitOfCgroup('/user.slice/user-1000.slice/user@1000.service/app.slice/foo.service')).toBe('foo.service')
    expect(unitOfCgroup('/system.slice/a\\x2db.service/sub')).toBe('a\\x2db.service')
    expect(unitOfCgroup('/user.slice/user-1000.slice/session-4.scope')).toBe('session-4.scope')
    expect([unitOfCgroup('/system.slice'), unitOfCgroup('/'), unitOfCgroup('/init.scope')]).toEqual([null, null, null])
    expect(unitOfCgroup('/system.slice/$(reboot).service')).toBeNull()
  })

  it('chooses a parser by the name of a file', () => {
    expect(findFileParser('/proc/pressure/memory')?.id).toBe('pressure')
    expect(findFileParser('/sys/fs/cgroup/a.slice/memory.max')?.id).toBe('cgroup-value')
    expect(findFileParser('/sys/fs/cgroup/a.slice/constructor')).toBeUndefined()
  })
})

describe('df', () => {
  it('reads blocks of any size and human sizes', () => {
    const text =
      'Filesystem     1024-blocks   Used Available Capacity Mounted on\n/dev/vda           3024412 596992   2256200      21% /my disk\n'
    expect(dfParser.parse(text).filesystems).toEqual([
      {
        source: '/dev/vda',
        mount: '/my disk',
        sizeBytes: 3_024_412 * 1024,
        usedBytes: 596_992 * 1024,
        availableBytes: 2_256_200 * 1024,
        usedPercent: 21,
        line: 2,
      },
    ])
    const human = dfParser.parse(sample('systemd-healthy', 'df-h.txt')).filesystems
    expect(human.find((one) => one.mount === '/')).toMatchObject({ usedPercent: 21, usedBytes: 583 * 2 ** 20 })
  })

  it('joins a row whose source is too long for its column', () => {
    const text =
      'Filesystem 1K-blocks Used Available Use% Mounted on\n/dev/mapper/a-very-long-name\n 100 99 1 99% /data\n'
    expect(dfParser.parse(text).filesystems).toMatchObject([
      { source: '/dev/mapper/a-very-long-name', usedPercent: 99, line: 3 },
    ])
  })

  it('reads inodes, also where a file system has none', () => {
    const text = 'Filesystem Inodes IUsed IFree IUse% Mounted on\n/dev/vda 100 100 0 100% /\n/dev/vdb 0 0 0 - /b\n'
    expect(dfInodesParser.parse(text).filesystems.map((one) => [one.mount, one.usedPercent])).toEqual([
      ['/', 100],
      ['/b', null],
    ])
    expect(() => dfInodesParser.parse(sample('systemd-healthy', 'df-h.txt'))).toThrow('"Inodes"')
  })
})

describe('systemctl --failed', () => {
  it('reads failed units with and without the legend', () => {
    const { units } = systemctlFailedParser.parse(sample('systemd-crash-loop', 'systemctl-failed.txt'))
    expect(units).toEqual([{ unit: 'queue_worker.service', description: 'Email queue worker (NestJS)', line: 2 }])
    expect(systemctlFailedParser.parse('a.service loaded failed failed A\n').units).toHaveLength(1)
  })

  it('finds none in an empty list', () => {
    expect(systemctlFailedParser.parse(sample('systemd-healthy', 'systemctl-failed.txt')).units).toEqual([])
    expect(systemctlFailedParser.parse('').units).toEqual([])
  })
})

const PARSERS: readonly Parser[] = [
  bootIdParser,
  cgroupEventsParser,
  cgroupMemoryStatParser,
  cgroupV1OomControlParser,
  cgroupValueParser,
  dfParser,
  dfInodesParser,
  meminfoParser,
  pidsEventsParser,
  pressureParser,
  swapsParser,
  systemctlCatParser,
  systemctlFailedParser,
  systemctlShowParser,
  systemdVersionParser,
  uptimeParser,
  vmstatParser,
]

describe.each(PARSERS.map((parser) => [parser.id, parser] as const))('%s', (_, parser) => {
  it('throws ParseError only, whatever it is given', () => {
    assert(
      property(string({ unit: 'binary', maxLength: 300 }), (text) => {
        try {
          parser.parse(text)
        } catch (error) {
          expect(error).toBeInstanceOf(ParseError)
        }
      }),
    )
  })

  it.each([
    'a'.repeat(500_000),
    'a_1 '.repeat(100_000),
    '# /systemd/'.repeat(40_000),
    '=\n'.repeat(100_000),
    `${' '.repeat(300_000)}x`,
  ])('is quick on a hostile text', (text) => {
    const before = performance.now()
    try {
      parser.parse(text)
    } catch (error) {
      expect(error).toBeInstanceOf(ParseError)
    }
    expect(performance.now() - before).toBeLessThan(2000)
  })
})
