import type { Evidence } from '../../domain/evidence.ts'
import { outcomeText } from '../../render/postmortemEvidence.ts'

/** A file people scroll through, not a copy of the store. */
const LONGEST_STEP = 200_000
const LONGEST_TEXT = 4_000_000

/** Every output of a run as one text, already redacted when it was stored. */
export const evidenceText = (evidence: readonly Evidence[]): string => {
  const parts: string[] = []
  let length = 0
  for (const item of evidence) {
    const body =
      item.result.stdout.length > LONGEST_STEP
        ? `${item.result.stdout.slice(0, LONGEST_STEP)}\n[cut here]`
        : item.result.stdout
    const part = [
      `=== ${item.id} ${item.step}${item.subject === null ? '' : ` (${item.subject})`}: ${outcomeText(item)}`,
      `$ ${item.command.trim()}`,
      body,
      ...(item.result.stderr === '' ? [] : ['--- stderr', item.result.stderr]),
      '',
    ].join('\n')
    length += part.length
    if (length > LONGEST_TEXT) {
      parts.push('[the rest is cut here: `medic incident show --evidence ID` prints it]')
      break
    }
    parts.push(part)
  }
  return parts.join('\n')
}
