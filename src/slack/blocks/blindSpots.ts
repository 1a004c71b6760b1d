import type { Evidence } from '../../domain/evidence.ts'
import type { Diagnosis } from '../../domain/finding.ts'
import { skippedByReason } from '../../render/postmortemCauses.ts'
import { gapsOf } from '../../render/postmortemEvidence.ts'
import { formatCount } from '../../render/format.ts'
import type { Draft } from '../outbox/draft.ts'
import { asPlain, context, header, line, list, plain, rich, withinBudget, words } from './text.ts'

const MOST = 15

/** What could not be seen, so that silence is never taken for health; null when everything was seen. */
export const blindSpotsMessage = (diagnosis: Diagnosis, evidence: readonly Evidence[]): Draft | null => {
  // The same gap is told by the diagnosis and by the evidence; once is enough.
  const spots = [
    ...diagnosis.blindSpots,
    ...gapsOf(evidence)
      .map((gap) => gap.text.replace(/\.$/, ''))
      .filter((gap) => !diagnosis.blindSpots.some((spot) => spot.includes(nameOf(gap)))),
  ]
  const skipped = skippedByReason(diagnosis).map((each) => each.replace(/^Not checked: /, '').replace(/\.$/, ''))
  if (spots.length === 0 && skipped.length === 0) return null
  const rest = spots.length - MOST
  const text = `👁️ ${spots.length === 0 ? 'Everything asked for was seen' : `Could not be seen: ${formatCount(spots.length, 'thing')}`}`
  return {
    kind: 'blind-spots',
    text,
    plain: asPlain([text, ...spots.map((spot) => `- ${spot}`), ...skipped.map((each) => `- not checked: ${each}`)]),
    rich: null,
    portable: withinBudget([
      header(text),
      ...(spots.length === 0 ? [] : [rich(list(spots.slice(0, MOST).map((spot) => line(words(spot, {}, 300)))))]),
      ...(skipped.length === 0
        ? []
        : [
            rich(
              line(words('Not checked', { bold: true })),
              list(skipped.slice(0, 8).map((each) => line(words(each, {}, 300)))),
            ),
          ]),
      context(
        plain(
          rest > 0 ? `and ${rest} more: see the postmortem` : 'What could not be seen is not healthy, it is unknown.',
        ),
      ),
    ]),
  }
}

/** `E50 (unit, mysqld.service): …` is about `unit (mysqld.service)`. */
const nameOf = (gap: string): string => {
  const [, step = gap, subject] = /^E\d+ \(([^,)]*)(?:, ([^)]*))?\)/.exec(gap) ?? []
  return subject === undefined ? `${step}:` : `${step} (${subject})`
}
