import type { Evidence } from '../domain/evidence.ts'

/** What came of the changing steps, in one line of our own words. */
export const exitedWell = (evidence: readonly Evidence[], steps: readonly string[]): string => {
  const bad = evidence.filter(
    ({ step, result }) => steps.includes(step) && !(result.outcome === 'exited' && result.exitCode === 0),
  )
  const missing = steps.filter((step) => !evidence.some((item) => item.step === step))
  if (bad.length === 0 && missing.length === 0) {
    return `done: ${steps.join(', ')} exited 0`
  }
  const said = bad.map(({ step, result }) =>
    result.outcome === 'exited' ? `${step} exited ${result.exitCode}` : `${step} ${result.outcome}`,
  )
  return `not as planned: ${[...said, ...missing.map((step) => `${step} did not run`)].join(', ')}`
}
