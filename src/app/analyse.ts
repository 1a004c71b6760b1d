import type { Evidence, StoredEvidence } from '../domain/evidence.ts'
import type { Diagnosis } from '../domain/finding.ts'
import type { Window } from '../domain/run.ts'
import { factsFrom } from '../parsers/facts.ts'
import type { FactView } from '../parsers/facts.ts'
import { findParser } from '../parsers/registry.ts'
import { proposeRemedies } from '../remedies/propose.ts'
import { diagnose } from '../rules/diagnose.ts'
import { readingOf } from '../runbook/reading.ts'

export interface Analysis {
  readonly evidence: readonly Evidence[]
  readonly facts: FactView
  readonly diagnosis: Diagnosis
}

/** Diagnosis with remedies. Pure: the same evidence and window give the same bytes, today or in a year. */
export const analyse = (evidence: readonly Evidence[], window: Window): Analysis => {
  const facts = factsFrom(evidence, window)
  return { evidence, facts, diagnosis: proposeRemedies(diagnose(facts), facts) }
}

/** Stored text is always read anew, so that newer parsers and rules serve old incidents. */
export const analyseStored = (stored: readonly StoredEvidence[], window: Window): Analysis =>
  analyse(stored.map(readStored), window)

/** A stored text with what its parser makes of it today. */
export const readStored = (stored: StoredEvidence): Evidence => ({
  ...stored,
  reading: readingOf({ findParser }, stored.parser, stored.result),
})
