import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ParseError } from '../../src/domain/errors.ts'
import { freeParser } from '../../src/parsers/free.ts'
import { listBootsParser } from '../../src/parsers/listBoots.ts'
import { loadavgParser } from '../../src/parsers/loadavg.ts'
import { nodeProcessesParser } from '../../src/parsers/nodeProcesses.ts'
import { osReleaseParser } from '../../src/parsers/osRelease.ts'
import { packageChangesParser } from '../../src/parsers/packageChanges.ts'
import { maxChildrenOf, phpFpmProcessesParser } from '../../src/parsers/phpFpmProcesses.ts'
import { psParser } from '../../src/parsers/ps.ts'
import { timedatectlParser } from '../../src/parsers/timedatectl.ts'
import { vmstatSamplesParser } from '../../src/parsers/vmstatSamples.ts'
import { whoParser } from '../../src/parsers/who.ts'

const sample = (path: string): string => readFileSync(join(import.meta.dirname, 'samples', path), 'utf8')

describe('free', () => {
  it('reads bytes', () => {
    expect(freeParser.parse(sample('free/debian12.txt'))).toEqual({
      totalBytes: 492_584_960,
      usedBytes: 80_490_496,
      freeBytes: 296_992_768,
      sharedBytes: 2_818_048,
      cacheBytes: 130_797_568,
      availableBytes: 412_094_464,
      swapTotalBytes: 0,
      swapUsedBytes: 0,
    })
  })

  it('reads the human form with the precision it has', () => {
    const facts = freeParser.parse(sample('free/debian12-human.txt'))
    expect(facts.totalBytes / 2 ** 20).toBeCloseTo(469, 0)
  })

  it('takes an old free without "available" as it is', () => {
    const old =
      '             total       used       free     shared    buffers     cached\nMem:          1000        600        400          5         10        200\n'
    expect(freeParser.parse(old)).toMatchObject({ totalBytes: 1000, availableBytes: null, swapTotalBytes: null })
  })
})

describe('vmstat samples', () => {
  it('keeps the averages since boot apart from the samples', () => {
    const facts = vmstatSamplesParser.parse(sample('vmstatSamples/debian12.txt'))
    expect(facts.sinceBoot).toMatchObject({ runningCount: 2, idlePercent: 53, line: 3 })
    expect(facts.samples).toHaveLength(2)
    expect(facts.samples[1]).toMatchObject({
      freeBytes: 123_888 * 1024,
      swapInBytesPerSecond: 0,
      waitPercent: 0,
      line: 5,
    })
  })
})

describe('ps', () => {
  it('finds names with blanks by the width of their column', () => {
    const text =
      '    PID    PPID USER     STAT   RSS NLWP ELAPSED COMMAND         COMMAND\n    605       1 root     Ssl  60000   12      90 PM2 v5.4: God D PM2 v5.4.3: God Daemon (/root/.pm2)\n'
    expect(psParser.parse(text).processes[0]).toMatchObject({ pid: 605, threadCount: 12, runningSeconds: 90 })
  })

  it('reads every process of a real host, in order, with its line', () => {
    const text = sample('ps/debian12-pm2.txt')
    const { processes } = psParser.parse(text)
    expect(processes).toHaveLength(text.trimEnd().split('\n').length - 1)
    for (const process of processes) expect(text.split('\n')[process.line - 1]).toContain(String(process.pid))
    expect(processes.find((process) => process.pid === 1)).toMatchObject({
      ppid: 0,
      user: 'root',
      comm: 'systemd',
      args: '/sbin/init',
    })
    const rss = processes.map((process) => process.rssBytes ?? 0)
    expect(rss).toEqual(rss.toSorted((one, other) => other - one))
  })

  it('reads ps aux, whose only command column is the command line', () => {
    const { processes } = psParser.parse(sample('ps/debian12-aux.txt'))
    expect(processes.find((process) => process.pid === 1)).toMatchObject({
      user: 'root',
      comm: 'init',
      args: '/sbin/init',
    })
  })

  it('leaves broken rows out and refuses a text without a table', () => {
    expect(psParser.parse('PID ARGS\n1 init\n… 300 bytes left out …\n2 x\n').processes).toHaveLength(2)
    expect(() => psParser.parse('sh: ps: not found')).toThrow(ParseError)
  })
})

describe('small files and commands', () => {
  it('reads /proc/loadavg', () => {
    expect(loadavgParser.parse('1.14 0.67 0.27 1/95 426\n')).toEqual({
      load1: 1.14,
      load5: 0.67,
      load15: 0.27,
      runnableCount: 1,
      taskCount: 95,
    })
  })

  it('reads os-release', () => {
    expect(osReleaseParser.parse(sample('osRelease/debian12.txt'))).toEqual({
      name: 'Debian GNU/Linux 12 (bookworm)',
      id: 'debian',
      likeIds: [],
      versionId: '12',
    })
    expect(osReleaseParser.parse('ID=\'rocky\'\nID_LIKE="rhel centos fedora"\n')).toMatchObject({
      id: 'rocky',
      likeIds: ['rhel', 'centos', 'fedora'],
      name: null,
    })
  })

  it('reads both forms of timedatectl', () => {
    expect(timedatectlParser.parse(sample('timedatectl/debian12.txt'))).toEqual({
      timezone: 'Etc/UTC',
      ntpEnabled: false,
      synchronized: false,
    })
    const old =
      '      Local time: Mon 2026-11-23 15:03:56 UTC\n       Time zone: Asia/Jakarta (WIB, +0700)\n     NTP enabled: yes\nNTP synchronized: yes\n'
    expect(timedatectlParser.parse(old)).toEqual({ timezone: 'Asia/Jakarta', ntpEnabled: true, synchronized: true })
  })

  it('reads boots with and without a header, and no time it cannot know', () => {
    expect(listBootsParser.parse(sample('listBoots/debian12.txt')).boots).toHaveLength(3)
    expect(listBootsParser.parse(sample('listBoots/debian12.txt')).boots[2]).toEqual({
      index: 0,
      bootId: 'c6121736965d4a79b114a20d9854e9d2',
      firstEntryAtMs: Date.UTC(2026, 10, 23, 15, 1, 24),
      lastEntryAtMs: Date.UTC(2026, 10, 23, 15, 3, 57),
      line: 4,
    })
    const old = ' 0 c6121736965d4a79b114a20d9854e9d2 Mon 2026-11-23 15:01:24 WIB\u2014Mon 2026-11-23 15:03:57 WIB\n'
    expect(listBootsParser.parse(old).boots[0]).toMatchObject({ index: 0, firstEntryAtMs: null })
  })

  it('reads who, and an empty answer as nobody', () => {
    const text =
      'dora     pts/0        2026-11-23 15:02   .          812 (10.0.2.2)\nroot     tty1         2026-11-23 15:01 00:05         230\n'
    expect(whoParser.parse(text).logins).toEqual([
      { user: 'dora', terminal: 'pts/0', sinceText: '2026-11-23 15:02', from: '10.0.2.2', line: 1 },
      { user: 'root', terminal: 'tty1', sinceText: '2026-11-23 15:01', from: null, line: 2 },
    ])
    expect(whoParser.parse('')).toEqual({ logins: [] })
  })

  it('reads dpkg and rpm records', () => {
    const text =
      '2026-11-23 15:03:56 upgrade libc6:amd64 2.36-9 2.36-10\n2026-11-23 15:03:57 install php8.2 <none> 8.2.1\n# note\n'
    expect(packageChangesParser.parse(text).changes).toEqual([
      {
        package: 'libc6:amd64',
        action: 'upgrade',
        fromVersion: '2.36-9',
        toVersion: '2.36-10',
        atText: '2026-11-23 15:03:56',
        line: 1,
      },
      {
        package: 'php8.2',
        action: 'install',
        fromVersion: null,
        toVersion: '8.2.1',
        atText: '2026-11-23 15:03:57',
        line: 2,
      },
    ])
    const rpm = 'openssl-3.0.7-27.el9.x86_64                   Mon 23 Nov 2026 03:03:56 PM UTC\n'
    expect(packageChangesParser.parse(rpm).changes[0]).toMatchObject({
      package: 'openssl-3.0.7-27.el9.x86_64',
      action: 'installed-or-upgraded',
    })
  })
})

describe('node processes', () => {
  const block = `[process 377]
Name: MainThread
PPid: 1
VmRSS: 218820 kB
RssAnon: 175824 kB
Threads: 11
cgroup: /system.slice/queue_worker.service
exe: /usr/bin/node
command-flags: --max_old_space_size=512 --trace-gc
command-other-flags: 0
environment: MALLOC_ARENA_MAX=2
node-options: --max-old-space-size=768
node-options-other-flags: 1
`
  it('lets the command line win over NODE_OPTIONS', () => {
    expect(nodeProcessesParser.parse(block).processes[0]).toMatchObject({
      pid: 377,
      rssBytes: 218_820 * 1024,
      anonBytes: 175_824 * 1024,
      swapBytes: null,
      unit: 'queue_worker.service',
      maxOldSpaceMib: 512,
      maxOldSpaceFrom: 'command line',
      nodeOptionsFlags: ['--max-old-space-size=768'],
      nodeOptionsOtherCount: 1,
      environment: ['MALLOC_ARENA_MAX=2'],
    })
  })

  it('tells an environment nobody may read from an empty one', () => {
    const [denied] = nodeProcessesParser.parse('[process 1]\nnode-options: (not readable)\n').processes
    expect(denied).toMatchObject({ nodeOptionsFlags: null, nodeOptionsOtherCount: null, maxOldSpaceMib: null })
    const [empty] = nodeProcessesParser.parse('[process 1]\nnode-options:\nnode-options-other-flags: 0\n').processes
    expect(empty).toMatchObject({ nodeOptionsFlags: [], nodeOptionsOtherCount: 0 })
    expect(nodeProcessesParser.parse('# no node process\n')).toEqual({ processes: [] })
  })
})

describe('php-fpm', () => {
  it('joins a master with its children and settings', () => {
    const text = `[master 235]
config: /etc/php/8.2/fpm/php-fpm.conf
rss: 20324
child: 247 6000 www
child: 248 6000 www
setting: global error_log /var/log/php8.2-fpm.log
setting: www pm.max_children 2
setting: www php_admin_value[memory_limit] 128M
`
    const [master] = phpFpmProcessesParser.parse(text).masters
    expect(master).toMatchObject({ pid: 235, rssBytes: 20_324 * 1024, line: 1 })
    expect(master!.children).toHaveLength(2)
    expect(maxChildrenOf(master!, 'www')).toBe(2)
    expect(maxChildrenOf(master!, 'other')).toBeNull()
    expect(phpFpmProcessesParser.parse('')).toEqual({ masters: [] })
  })
})

const PARSERS = [
  freeParser,
  vmstatSamplesParser,
  psParser,
  loadavgParser,
  osReleaseParser,
  timedatectlParser,
  listBootsParser,
  whoParser,
  packageChangesParser,
  nodeProcessesParser,
  phpFpmProcessesParser,
]

describe.each(PARSERS.map((parser) => [parser.id, parser] as const))('%s on hostile text', (_, parser) => {
  const word = fc.oneof(
    fc.constantFrom(
      'PID',
      'Mem:',
      'total',
      '[process 1]',
      '[master 1]',
      'child: 1 1 x',
      ' ',
      '\n',
      '\t',
      'r b swpd free',
      '0',
      'ID=',
      '-1',
    ),
    fc.string({ unit: 'binary', maxLength: 30 }),
  )

  it('throws nothing but ParseError, and gives plain data', () => {
    fc.assert(
      fc.property(fc.array(word, { maxLength: 40 }), (words) => {
        try {
          const facts = parser.parse(words.join(''))
          expect(JSON.parse(JSON.stringify(facts))).toEqual(facts)
        } catch (error) {
          expect(error).toBeInstanceOf(ParseError)
        }
      }),
      { numRuns: 200 },
    )
  })

  it.each([
    ' '.repeat(1_000_000),
    'a '.repeat(500_000),
    'PID COMM COMMAND\n' + '1 '.repeat(500_000),
    '1 x  '.repeat(200_000),
  ])('takes a line of a megabyte in its stride', (text) => {
    const started = performance.now()
    try {
      parser.parse(text)
    } catch (error) {
      expect(error).toBeInstanceOf(ParseError)
    }
    expect(performance.now() - started).toBeLessThan(1500)
  })
})
