import type { EvidenceId } from '../domain/evidence.ts'
import type { Finding } from '../domain/finding.ts'
import type { Kind } from '../domain/kind.ts'
import type { FactView } from '../parsers/facts.ts'
import { unitSamplesParser, type UnitSample } from '../parsers/unitSamples.ts'
import { targetOf } from './target.ts'

/** Kinds whose remedy is a limit: the only ones that samples can say something about. */
export const LIMIT_KINDS: readonly Kind[] = ['memcg-oom', 'global-oom', 'earlyoom']
/** Findings of one run name few culprits; more than this is a flood. Our choice. */
const MOST_UNITS = 4

/** Units a limit may be found for, so whose samples are worth reading. */
export const judgedUnits = (findings: readonly Finding[]): readonly string[] =>
  [
    ...new Set(
      findings
        .filter(({ kind }) => LIMIT_KINDS.includes(kind))
        .map(targetOf)
        .flatMap((target) => (target.kind === 'unit' ? [target.unit] : [])),
    ),
  ].slice(0, MOST_UNITS)

/** A sample and the evidence that holds its line. */
export interface CitedSample extends UnitSample {
  readonly evidence: EvidenceId
}

/** What Medic had measured of a unit before this run; empty when it had not. */
export const samplesOf = (unit: string, facts: FactView): readonly CitedSample[] => {
  const kept = facts.latest(unitSamplesParser, unit)
  return kept === undefined ? [] : kept.facts.samples.map((sample) => ({ ...sample, evidence: kept.evidence }))
}

/** Those that can size a unit: with the file cache in it a number says how much the unit read, not what it needs. */
export const heldSamplesOf = (unit: string, facts: FactView): readonly CitedSample[] =>
  samplesOf(unit, facts).filter(({ measure }) => measure === 'held')
