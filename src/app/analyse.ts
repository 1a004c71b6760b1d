import type { Evidence, StoredEvidence } from '../domain/evidence.ts'
import type { Diagnosis } from '../domain/finding.ts'
import type { Window } from '../domain/run.ts'
import { factsFrom } from '../parsers/facts.ts'
import type { FactView } from '../parsers/facts.ts'
import { findParser } from '../parsers/registry.ts'
import { proposeRemedies } from '../remedies/propose.ts'
import { REMEDY_MAKERS } from '../remedies/registry.ts'
import { NO_SAMPLES } from '../remedies/remedy.ts'
import type { SamplesOf } from '../remedies/remedy.ts'
import { diagnose } from '../rules/diagnose.ts'
import { readingOf } from '../runbook/reading.ts'

export interface Analysis {
  readonly evidence: readonly Evidence[]
  readonly facts: FactView
  readonly diagnosis: Diagnosis
}

/** Diagnosis with remedies. Pure: the same evidence, window and samples give the same bytes, today or in a year. */
export const analyse = (evidence: readonly Evidence[], window: Window, samplesOf: SamplesOf = NO_SAMPLES): Analysis => {
  const facts = factsFrom(evidence, window)
  return { evidence, facts, diagnosis: proposeRemedies(diagnose(facts), facts, REMEDY_MAKERS, samplesOf) }
}

/** Stored text is always read anew, so that newer parsers and rules serve old incidents. */
export const analyseStored = (
  stored: readonly StoredEvidence[],
  window: Window,
  samplesOf: SamplesOf = NO_SAMPLES,
): Analysis =>
  analyse(
    stored.map((item) => ({ ...item, reading: readingOf({ findParser }, item.parser, item.result) })),
    window,
    samplesOf,
  )
