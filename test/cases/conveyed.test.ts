import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { diagnoseText } from '../../src/app/diagnoseText.ts'
import { clean } from '../../src/redaction/clean.ts'

/** A kernel's report goes through tools and people: what it says must come through whole, or not at all. */

const REPORTS = [
  'ubuntu-24.04-6.8',
  'el7-3.10-docker',
  'ubuntu-16.04-4.4',
  'ubuntu-18.04-4.15',
  'el7-3.10-memcg-service',
].map((name) => ({ name, text: readFileSync(join(import.meta.dirname, 'kernel', `${name}.txt`), 'utf8') }))

const lines = (text: string): readonly string[] => text.replace(/\n$/, '').split('\n')
const each =
  (change: (line: string, index: number) => string) =>
  (text: string): string =>
    `${lines(text).map(change).join('\n')}\n`

const told = (text: string): unknown => {
  const { findings } = diagnoseText(text, 'case', clean, 0).diagnosis
  return findings.map(({ kind, victims, constraint, cgroup, limitBytes, unit, container, invoker }) => ({
    kind,
    constraint,
    cgroup,
    limitBytes,
    unit,
    container,
    invoker: invoker?.comm,
    victims: victims.map(({ pid, comm, anonRssBytes }) => ({ pid, comm, anonRssBytes })),
  }))
}

const softly =
  (width: number, quote: string, indent = '') =>
  (text: string): string =>
    lines(text)
      .flatMap((line) => {
        const parts: string[] = []
        let rest = line
        for (let at = rest.lastIndexOf(' ', width); rest.length > width; at = rest.lastIndexOf(' ', width)) {
          const blank = at > 0 && rest.slice(0, at).trim() !== '' ? at : rest.indexOf(' ', width)
          if (blank < 0) break
          parts.push(rest.slice(0, blank))
          rest = rest.slice(blank + 1)
        }
        return [...parts, rest].map((part, index) => `${quote}${index === 0 ? '' : indent}${part}`)
      })
      .join('\n')

const hardly = (width: number) => (text: string) =>
  lines(text)
    .flatMap((line) => line.match(new RegExp(`.{1,${width}}`, 'g')) ?? [''])
    .join('\n')

const STAMP = '2026-11-12T09:15:02.113Z'
const csv = (line: string): string => `"${line.replaceAll('"', '""')}"`

const CARRIERS: Readonly<Record<string, (text: string) => string>> = {
  'numbered by cat': each((line, index) => `${String(index + 1).padStart(6)}\t${line}`),
  'numbered by less': each((line, index) => `${String(index + 1).padStart(7)} ${line}`),
  'asked of a host': each((line) => `web-1: ${line}`),
  'found in a packed file': each((line) => `kern.log.2.gz:${line}`),
  'in a log of a virtual machine': each((line) =>
    line.startsWith('[') ? `${STAMP} In(05) vcpu-5 - Guest: <4>${line}` : line,
  ),
  'as a query prints it': each((line) => `${STAMP} {host="web-1", job="kernel"} ${line}`),
  'as a record of a search engine': each((line) => JSON.stringify({ _source: { '@timestamp': STAMP, message: line } })),
  'as a record one member a line': (text) => JSON.stringify(lines(text).map((message) => ({ message, host: 'a' })), null, 2),
  'as strings': each((line) => JSON.stringify(line)),
  'as pairs of a stream': (text) => JSON.stringify(lines(text).map((line) => ['1794474902113471000', line]), null, 2),
  'as rows of a table file': each((line) => `"${STAMP}","web-1","kernel",${csv(line)}`),
  'between tabs': each((line) => `${STAMP}\tweb-1\tkernel\t${line}`),
  'in bold': each((line) => `**${line}**`),
  'behind a bar': each((line) => `| ${line}`),
  'as bullets': each((line) => `* ${line}`),
  'in the cells of a page': each((line) => `<tr><td>${STAMP}</td><td>${line.replaceAll('<', '&lt;')}</td></tr>`),
  'with blanks that do not break': (text) => text.replaceAll(' ', '\u{a0}'),
  'newest first': (text) => [...lines(text)].reverse().join('\n'),
}

const BREAKS: Readonly<Record<string, (text: string) => string>> = {
  'at 66 columns': softly(66, ''),
  'at 72 columns, quoted': softly(72, '> '),
  'at 80 columns, moved to the right': softly(80, '', '    '),
  'at 100 columns, quoted twice': softly(100, '> > '),
  'by a terminal at 80 columns': hardly(80),
  'by a terminal at 132 columns': hardly(132),
}

describe.each(REPORTS)('the report $name', ({ text }) => {
  it.each(Object.keys(CARRIERS))('%s', (name) => {
    expect(told(CARRIERS[name]?.(text) ?? '')).toEqual(told(text))
  })

  it.each(Object.keys(BREAKS))('broken %s', (name) => {
    expect(told(BREAKS[name]?.(text) ?? '')).toEqual(told(text))
  })
})

describe('an entry of several lines', () => {
  const entry = (message: string, at: number): string =>
    [
      `Thu 2026-11-12 09:15:02.${113_471 + at} UTC [s=6bf1;i=fa${at};b=1f0c;m=16cd;t=64;x=9a]`,
      '    _TRANSPORT=kernel',
      '    SYSLOG_IDENTIFIER=kernel',
      `    MESSAGE=${message}`,
    ].join('\n')
  const text = `${['oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=/a.slice,task_memcg=/a.slice/b.service,task=b,pid=77,uid=0', 'Memory cgroup out of memory: Killed process 77 (b) total-vm:9kB, anon-rss:8kB, file-rss:0kB, shmem-rss:0kB'].map(entry).join('\n')}\n`
  const finding = expect.objectContaining({ kind: 'memcg-oom', cgroup: '/a.slice', unit: 'b.service' })

  it('is read as the journal prints it', () => expect(told(text)).toEqual([finding]))
  it('is read in a mail', () => expect(told(text.replace(/^/gm, '> '))).toEqual([finding]))
})

describe('part of a report', () => {
  it.each([
    ['ed process 4019 (java) total-vm:3640800kB, anon-rss:1203844kB, file-rss:80kB, shmem-rss:0kB', 'global-oom'],
    ['[ 12.345678] Tasks in /system.slice/b.service are going to be killed due to memory.oom.group set', 'memcg-oom'],
    ['[ 12.345678] oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=x,mems_allowed=0,oom_memcg=/kubepods/burstable/pod7c1d9e52-04fb-4a8e-9d3', 'container-oom'],
  ])('%s', (line, kind) => {
    expect(told(line)).toEqual([expect.objectContaining({ kind })])
  })

  it('does not take who was selected for who was killed', () => {
    const text =
      '[ 12.345678] Out of memory: Kill process 19961 (python) score 17 or sacrifice child\n[ 12.345690] Killed process 313'
    expect(told(text)).toEqual([expect.objectContaining({ victims: [] })])
  })

  it('claims no memory of the kernel where the lists of pages are lost', () => {
    const text = readFileSync(join(import.meta.dirname, 'kernel', 'el6-2.6.32-global.txt'), 'utf8')
    expect(told(text.replace(/ inactive_anon:\d+/, ''))).toEqual([expect.objectContaining({ kind: 'global-oom' })])
  })
})

describe('what only looks like it', () => {
  it.each([
    '* Out of memory handling: the kernel may kill a process\n* see oom_score_adj\n* and memory.max\n',
    'message: "Memory usage is fine"\nmessage: "No process was killed"\n',
    '"2026-11-12T09:15:02Z","web-1","app","out of the box"\n"2026-11-12T09:15:03Z","web-1","app","Killed the process"\n',
    '2026-11-12T09:15:02Z\tweb-1\tapp\tall is well\n',
    'Memory\ncgroup settings are in /sys\n',
    'process 77 (b) total-vm is large, anon-rss is small\n',
    'oom-killer: true\noom-killer: false\noom-killer: true\n',
    'time="2026-11-12T09:15:02Z" level=info msg="Memory cgroup limit is set"\n',
  ])('%j', (text) => {
    expect(told(text)).toEqual([])
  })
})
