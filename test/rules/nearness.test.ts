import { describe, expect, it } from 'vitest'
import { isNear, type Placed } from '../../src/rules/nearness.ts'
import { diagnoseText } from '../../src/app/diagnoseText.ts'
import { clean } from '../../src/redaction/clean.ts'

const at = (atText: string | null, line: number): Placed => ({
  evidence: 'E1',
  time: { atMs: null, atText, bootSeconds: null },
  cited: [{ line, text: '' }],
})

describe('what stands near in time', () => {
  it.each([
    ['stamps without a year', 'May 10 02:11:05', 'May 10 02:11:08', true],
    ['stamps without a year, hours apart', 'May 10 02:11:05', 'May 10 09:30:44', false],
    ['stamps without a year, days apart', 'May 10 02:11:05', 'May 11 02:11:05', false],
    ['stamps without a zone', '2024-05-10 02:11:05,120', '2024-05-10 02:11:09,001', true],
    ['stamps without a zone, hours apart', '2024-05-10 02:11:05,120', '2024-05-10 09:30:44', false],
    ['stamps of two shapes, which may be of two zones', '2024-05-10 02:11:05', '2024/05/10 09:30:44', true],
    ['a stamp and none', 'May 10 02:11:05', null, true],
  ])('%s', (_name, one, other, expected) => {
    expect(isNear(at(one, 1), at(other, 3), 5000)).toBe(expected)
  })
})

const kindsIn = (text: string): readonly string[] =>
  diagnoseText(text, 'case', clean, 0).diagnosis.findings.map((finding) => finding.kind)

describe('two incidents in one log without years', () => {
  it('does not explain the later kill by the morning’s', () => {
    expect(
      kindsIn(
        [
          'May 10 02:11:05 h kernel: Out of memory: Killed process 1402 (java) total-vm:9120384kB, anon-rss:6120384kB, file-rss:0kB, shmem-rss:0kB, UID:1001 pgtables:13120kB oom_score_adj:0',
          'May 10 02:11:06 h systemd[1]: search.service: Main process exited, code=killed, status=9/KILL',
          "May 10 02:11:06 h systemd[1]: search.service: Failed with result 'oom-kill'.",
          'May 10 09:30:44 h systemd[1]: report.service: Main process exited, code=killed, status=9/KILL',
          "May 10 09:30:44 h systemd[1]: report.service: Failed with result 'signal'.",
        ].join('\n'),
      ),
    ).toEqual(['global-oom', 'killed-unknown-sender'])
  })
})
