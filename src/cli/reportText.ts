import { renderKind } from '../render/kinds.ts'
import { renderReport } from '../render/report.ts'
import type { ReportInput } from '../render/report.ts'
import { painterFor } from './painter.ts'

/** The report as this terminal shows it; `explain` adds what each kind of finding means. */
export const reportText = (input: ReportInput, explain: boolean): string => {
  const width = Math.min(Math.max(process.stdout.columns ?? 100, 60), 120)
  const lines = [...renderReport(input, { width, paint: painterFor(process.stdout) })]
  if (explain) {
    for (const kind of new Set(input.diagnosis.findings.map((finding) => finding.kind))) {
      lines.push('', renderKind(kind, width).trimEnd())
    }
  }
  return `${lines.join('\n')}\n`
}
