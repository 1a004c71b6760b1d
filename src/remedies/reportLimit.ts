import type { Finding } from '../domain/finding.ts'
import type { Remedy } from '../domain/remedy.ts'
import type { FactView } from '../parsers/facts.ts'
import { meminfoParser } from '../parsers/meminfo.ts'
import { advice, refusal } from './dropIn.ts'
import { killReportOf } from './killReport.ts'
import { memoryMaxFor } from './memoryMaxSize.ts'
import { reportSizingOf } from './reportSizing.ts'
import { inputsText } from './sizing.ts'

/**
 * A number out of the kernel's report alone, for a log without its host: to be read, not to be applied, because nobody
 * saw what the unit holds now and which limits it has. Null when a host was read, or the report is not whole.
 */
export const limitFromReport = (finding: Finding, facts: FactView, unit: string | null): Remedy | null => {
  if (facts.latest(meminfoParser, null) !== undefined) return null
  const comm = finding.culprit?.comm ?? (unit === null ? null : (finding.largestTask?.comm ?? null))
  const sizing = comm === null ? null : reportSizingOf(killReportOf(finding, facts), comm)
  if (sizing === null || comm === null) return null
  const answer = memoryMaxFor({
    situation: 'host',
    limitMib: null,
    nowMib: null,
    peakMib: sizing.peak?.mib ?? null,
    steadyMib: null,
    healthyPeakMib: null,
    steepestMib: null,
    growth: 'unknown',
    growthMibPerHour: null,
    roomMib: sizing.room?.mib ?? null,
  })
  const whom = unit ?? `the unit that runs ${comm}`
  const sums = `${sizing.room?.source ?? ''}. Inputs: ${inputsText(sizing)}.`
  if (answer.answer === 'too-small')
    return refusal({
      id: 'host-too-small',
      title: 'Move something off this host, or give it more memory',
      because: `No limit is proposed for ${whom}: ${answer.because}. ${sums}`,
      checks: [{ check: 'a number can be found', holds: false, detail: answer.because }],
    })
  if (answer.answer !== 'new' || answer.mib === null)
    return refusal({
      id: 'memory-max',
      title: `Measure ${whom} before limiting it`,
      because: `No limit is proposed: ${answer.because}. ${sums}`,
      checks: [{ check: 'a number can be found', holds: false, detail: answer.because }],
    })
  return advice({
    id: 'memory-max-report',
    title: `Plan a limit of at most ${answer.mib} MiB for ${whom}`,
    because: `MemoryMax=${answer.mib}M is ${answer.because}: ${sums}`,
    settings: [{ key: 'MemoryMax', value: `${answer.mib}M`, because: answer.because }],
    warnings: [
      'The numbers are those of the moment of the kill. What the unit holds now and which limits it has was not read: run a triage of the host before writing it.',
      'It contains the growth and does not cure it.',
    ],
  })
}
