import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Diagnosis, Finding } from '../../src/domain/finding.ts'
import { KINDS } from '../../src/domain/kind.ts'
import { renderReport, type ReportInput } from '../../src/render/report.ts'
import type { Painter } from '../../src/render/reportPage.ts'
import { emptyDiagnosis, finding, fullInput } from './bundle.ts'

const input = (diagnosis: Diagnosis, more: Partial<ReportInput> = {}): ReportInput => ({
  host: 'vps-01',
  diagnosis,
  evidence: [],
  incident: null,
  postmortemPath: null,
  durationMs: 4200,
  notes: [],
  ...more,
})

const full = input(fullInput.diagnosis, {
  evidence: fullInput.evidence,
  incident: fullInput.incident,
  postmortemPath: '/var/lib/medic/postmortems/inc.md',
  notes: ['not stored: the disk is full'],
})

describe('the terminal report', () => {
  it('is this text for a host with findings', async () => {
    await expect(`${renderReport(full).join('\n')}\n`).toMatchFileSnapshot('samples/report-full.txt')
  })

  it('opens with the verdict and its proof', () => {
    const lines = renderReport(full)
    expect(lines[0]).toBe('global-oom (certain)')
    expect(lines.slice(0, 8).join('\n')).toMatch(
      /proof: +E1:42 Nov 12 09:15:02 vps-01 kernel: Out of memory: Killed process 41877/,
    )
  })

  it('says what was checked when nothing was found', () => {
    const lines = renderReport(input({ ...emptyDiagnosis, clear: ['global-oom', 'memcg-oom'] }))
    expect(lines[0]).toBe('Nothing wrong was found on vps-01.')
    expect(lines.join('\n')).toContain('Checked and clear\nglobal-oom, memcg-oom')
  })

  it('does not call a host clean that it could not see', () => {
    const lines = renderReport(
      input({ ...emptyDiagnosis, decisiveBlind: true, blindSpots: ['the kernel log needs root'] }),
    )
    expect(lines[0]).toContain('a decisive source could not be seen')
    expect(lines.join('\n')).toContain('- the kernel log needs root')
  })

  it('keeps to the width it is given, words longer than a line excepted', () => {
    for (const width of [60, 80, 120])
      for (const line of renderReport(full, { width }))
        if (line.length > width) expect(line.trim().split(/ +/).length, line).toBeLessThanOrEqual(3)
  })

  it('folds one proposal that stands under two findings', () => {
    const [first] = fullInput.diagnosis.findings
    const twice = renderReport(input({ ...emptyDiagnosis, findings: [first!, { ...first!, summary: 'again' }] }))
    expect(twice.filter((line) => line.startsWith('Limit queue_worker.service'))).toHaveLength(1)
  })

  it('tells five kills of one worker as one story', () => {
    const [first] = fullInput.diagnosis.findings
    const others = Array.from({ length: 4 }, (_, index) => ({
      ...first!,
      at: `2026-11-12T08:0${index}:00.000Z`,
      citations: [{ evidence: 'E1' as const, line: 100 + index, text: 'x' }],
    }))
    const lines = renderReport(input({ ...emptyDiagnosis, findings: [first!, ...others] }))
    expect(lines.filter((line) => line === 'global-oom (certain)')).toHaveLength(1)
    expect(lines.filter((line) => line.startsWith('  again: '))).toHaveLength(4)
    expect(lines.join(' ').replace(/ +/g, ' ')).toContain('(E1:103)')
  })

  it('keeps two units apart', () => {
    const [first] = fullInput.diagnosis.findings
    const lines = renderReport(input({ ...emptyDiagnosis, findings: [first!, { ...first!, unit: 'other.service' }] }))
    expect(lines.filter((line) => line === 'global-oom (certain)')).toHaveLength(2)
  })

  it('paints without changing a letter', () => {
    const mark = (text: string): string => `\u001b[1m${text}\u001b[0m`
    const paint: Painter = { bold: mark, red: mark, yellow: mark, green: mark, dim: mark }
    const plain = renderReport(full, { paint }).map((line) => line.replaceAll(/\u001b\[\dm/g, ''))
    expect(plain).toEqual(renderReport(full))
  })

  it('never lets data reach the terminal as control characters', () => {
    const text = fc.string({ unit: 'binary', maxLength: 80 })
    fc.assert(
      fc.property(text, text, text, fc.constantFrom(...KINDS), (a, b, c, kind) => {
        const evil: Finding = finding({
          kind,
          summary: a,
          unit: b,
          why: c,
          cgroup: a,
          constraint: b,
          doubts: [c],
          atText: a,
          container: b,
          victims: [{ pid: 1, comm: a, unit: b, anonRssBytes: 1 }],
          invoker: { pid: 1, comm: c },
          culprit: { comm: a, unit: b, isVictim: false, why: c },
          citations: [{ evidence: 'E1', line: 1, text: a }],
          remedies: [
            {
              ...fullInput.diagnosis.findings[0]!.remedies[0]!,
              title: a,
              because: b,
              warnings: [c],
              files: [{ path: a, content: b }],
            },
          ],
        })
        const lines = renderReport(
          input({
            ...emptyDiagnosis,
            findings: [evil],
            history: [evil],
            blindSpots: [a],
            skipped: [{ rule: b, reason: c }],
          }),
        )
        for (const line of lines) expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/)
      }),
    )
  })
})
