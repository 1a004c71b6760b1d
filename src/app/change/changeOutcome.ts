import type { Evidence } from '../../domain/evidence.ts'

/** How an approved change ended, in one line of our own words; it begins with what a reader must know first. */
export type ChangeOutcome = 'done' | 'not done' | 'unknown' | 'not as planned'

const OUTCOMES: readonly ChangeOutcome[] = ['done', 'not done', 'unknown', 'not as planned']

export const outcomeOf = (result: string): ChangeOutcome =>
  OUTCOMES.find((outcome) => result.startsWith(`${outcome}:`)) ?? 'not as planned'

/** Nothing was changed. A reason of our own errors, and what to do. */
export const notDone = (reason: string): string =>
  `not done: ${reason}. Nothing was changed on the host; a new approval is needed to do it`

/** It had begun, and nobody saw its end. */
export const unknownEnd = (reason: string): string =>
  `unknown: ${reason}, so it may have been done in part. It is not done again: look at the host, then undo it or ask anew`

/** What came of the changing steps. */
export const outcomeOfSteps = (evidence: readonly Evidence[], steps: readonly string[]): string => {
  const bad = evidence.filter(
    ({ step, result }) => steps.includes(step) && !(result.outcome === 'exited' && result.exitCode === 0),
  )
  const missing = steps.filter((step) => !evidence.some((item) => item.step === step))
  if (bad.length === 0 && missing.length === 0) return `done: ${steps.join(', ')} exited 0`
  const said = bad.map(({ step, result }) =>
    result.outcome === 'exited' ? `${step} exited ${result.exitCode}` : `${step} ${result.outcome}`,
  )
  return `not as planned: ${[...said, ...missing.map((step) => `${step} did not run`)].join(', ')}`
}
