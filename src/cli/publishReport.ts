import type { PublishReport, TargetOutcome } from '../app/postmortem/publish.ts'
import { escapeTerminal } from '../render/escape.ts'
import { regionLines } from '../render/regionLines.ts'

/** Says per target where the page is and what became of each region. Exit 2 when a target could not be written. */
export const printReport = (report: PublishReport, dryRun: boolean): number => {
  for (const outcome of report.outcomes) {
    if (outcome.status === 'failed') {
      process.stderr.write(`medic: ${escapeTerminal(outcome.message)}\n`)
      if (outcome.hint !== null) process.stderr.write(`hint: ${escapeTerminal(outcome.hint)}\n`)
    } else process.stdout.write(targetText(outcome, dryRun))
  }
  if (report.redactions > 0)
    process.stderr.write(`medic: ${report.redactions} secrets were masked on the way out; please report the rule gap\n`)
  return report.outcomes.some(({ status }) => status === 'failed') ? 2 : 0
}

const targetText = (
  { target, published }: Extract<TargetOutcome, { status: 'published' }>,
  dryRun: boolean,
): string => {
  const lines: string[] = []
  for (const page of published.pages) {
    const would = dryRun && page.outcome !== 'unchanged' ? 'would be ' : ''
    lines.push(`${target}: ${page.path} ${would}${page.outcome}${page.address === null ? '' : `, ${page.address}`}`)
    lines.push(...regionLines(page.regions).map((line) => `  ${line}`))
  }
  if (published.assets.length > 0)
    lines.push(`  ${published.assets.length} file${published.assets.length === 1 ? '' : 's'} beside it`)
  if (published.revision !== null) lines.push(`  commit ${published.revision.slice(0, 12)}`)
  lines.push(...published.notes.map((note) => `  note: ${note}`))
  const text = `${lines.map(escapeTerminal).join('\n')}\n`
  return dryRun && published.diff !== ''
    ? `${text}\n${published.diff.split('\n').map(escapeTerminal).join('\n')}`
    : text
}
