import { describe, expect, it } from 'vitest'
import { hostChangesOf } from '../../src/rules/hostChanges.ts'
import { DAY, evidenceOf } from './sampleEvidence.ts'
import type { TestStep } from './sampleEvidence.ts'
import { factsFrom } from '../../src/parsers/facts.ts'

const changesOf = (...steps: readonly TestStep[]) => hostChangesOf(factsFrom(evidenceOf(steps), DAY))
const seconds = (iso: string): number => Date.parse(iso) / 1000
const files = (subject: string | null, ...rows: readonly string[]): TestStep => ({
  step: subject === null ? 'changed-files' : 'deployed',
  parser: 'changed-files',
  subject,
  stdout: `# changed\n${rows.join('\n')}\n`,
})
const packages = (...rows: readonly string[]): TestStep => ({
  step: 'packages',
  parser: 'package-changes',
  stdout: `${rows.join('\n')}\n`,
})
const zone = (name: string): TestStep => ({
  step: 'clock',
  parser: 'timedatectl',
  stdout: `Timezone=${name}\nNTPSynchronized=yes\n`,
})

describe('changes of a host', () => {
  it('are unknown when nobody looked, and none when somebody did and found none', () => {
    expect(changesOf(zone('Etc/UTC'))).toBeNull()
    expect(changesOf(files(null))).toEqual([])
  })

  it('are settings, code of a unit and packages, newest first, each with its line', () => {
    const changes = changesOf(
      files(null, `${seconds('2026-11-23T10:00:00Z')} 313 root 644 /etc/systemd/system/queue_worker.service`),
      files('queue_worker.service', `${seconds('2026-11-23T12:00:00Z')} 2569 root 644 /srv/app/worker.js`),
      packages('2026-11-23 18:00:00 upgrade libc6:amd64 2.36-9 2.36-10'),
      zone('Asia/Jakarta'),
    )
    expect(changes?.map(({ sort, what, at, unit }) => [sort, what, at, unit])).toEqual([
      ['code', '/srv/app/worker.js was changed', '2026-11-23T12:00:00.000Z', 'queue_worker.service'],
      ['package', 'package libc6:amd64 was upgraded from 2.36-9 to 2.36-10', '2026-11-23T11:00:00.000Z', null],
      ['file', '/etc/systemd/system/queue_worker.service was changed', '2026-11-23T10:00:00.000Z', null],
    ])
    expect(changes?.[0]?.citation).toEqual({
      evidence: 'E2',
      line: 2,
      text: `${seconds('2026-11-23T12:00:00Z')} 2569 root 644 /srv/app/worker.js`,
    })
  })

  it('before the window are left out', () => {
    expect(changesOf(files(null, `${seconds('2026-11-20T10:00:00Z')} 1 root 644 /etc/default/old`))).toEqual([])
  })

  it('make one change out of the upgrade of a whole system, and two out of two days', () => {
    const rows = ['a', 'b', 'c', 'd', 'e', 'f'].map((name, at) => `2026-11-23 10:0${at}:00 upgrade ${name}:all 1 2`)
    const changes = changesOf(
      packages('2026-11-23 06:00:00 upgrade early:all 1 2', ...rows, '2026-11-23 14:06:00 remove z:all 1 <none>'),
      zone('Etc/UTC'),
    )
    expect(changes?.map(({ what }) => what)).toEqual([
      'package z:all was removed',
      '6 packages were upgraded: a:all, b:all, c:all, d:all and 2 more',
      'package early:all was upgraded from 1 to 2',
    ])
    const mixed = changesOf(
      packages('2026-11-23 10:00:00 remove a:all 1 <none>', '2026-11-23 10:00:01 install b:all <none> 2'),
    )
    expect(mixed?.[0]?.what).toBe('2 packages were installed, upgraded or removed: a:all, b:all')
  })

  it('have no time when the zone of the host is not known', () => {
    const changes = changesOf(
      packages(
        '2026-11-21 10:00:00 install old:amd64 <none> 1',
        '2026-11-23 10:00:00 install htop:amd64 <none> 3.2.2-2',
      ),
    )
    expect(changes).toHaveLength(1)
    expect(changes?.[0]).toMatchObject({ what: 'package htop:amd64 3.2.2-2 was installed', at: null })
  })

  it('include a boot inside the window, but not where the journal begins', () => {
    const boots = {
      step: 'boots',
      parser: 'list-boots',
      stdout: [
        'IDX BOOT ID                          FIRST ENTRY                 LAST ENTRY',
        ' -1 66b49a597a9547f09949b29fe35d670b Mon 2026-11-23 09:58:10 UTC Mon 2026-11-23 14:58:31 UTC',
        '  0 c6121736965d4a79b114a20d9854e9d2 Mon 2026-11-23 15:01:24 UTC Mon 2026-11-23 15:03:57 UTC',
      ].join('\n'),
    }
    expect(changesOf(files(null), boots)?.map(({ sort, at }) => [sort, at])).toEqual([
      ['boot', '2026-11-23T15:01:24.000Z'],
    ])
  })
})
