import type { Evidence, StoredEvidence } from '../../domain/evidence.ts'
import type { Finding } from '../../domain/finding.ts'
import { memorySamplesOf } from '../../domain/sample.ts'
import { findParser } from '../../parsers/registry.ts'
import { unitSamplesParser, unitSamplesText } from '../../parsers/unitSamples.ts'
import { judgedUnits } from '../../remedies/unitSamples.ts'
import { readEvidence, type Clean } from '../../runbook/reading.ts'
import type { Store } from '../../store/store.ts'

/** A week: weekly jobs are in it. Chosen, as long as the page of a host looks back. */
const DAYS = 7
const DAY_MS = 86_400_000
/** No step of a runbook: Medic makes this evidence from its own store. */
export const SAMPLES_STEP = 'kept-samples'

export interface SampleTools {
  readonly store: Pick<Store, 'findMachine' | 'readSamples'>
  readonly clean: Clean
}

export interface SampleQuestion {
  readonly host: string
  readonly findings: readonly Finding[]
  /** Later samples are left out: a run is judged by what could be known then. */
  readonly untilMs: number
  /** Number of the first new evidence. */
  readonly next: number
}

/**
 * What the sampler kept of the units to which findings may give a limit, as evidence of the run like any other, so that
 * whoever looks at the run later sees the same. Nothing for units nobody sampled.
 */
export const sampleEvidence = async (tools: SampleTools, question: SampleQuestion): Promise<readonly Evidence[]> => {
  const { host, findings, untilMs, next } = question
  const units = judgedUnits(findings)
  const machine = units.length === 0 ? undefined : await tools.store.findMachine(host)
  if (machine === undefined) return []
  const kept = await tools.store.readSamples(machine.key, untilMs - DAYS * DAY_MS)
  const samples = kept.filter(({ atMs }) => atMs <= untilMs)
  const made: Evidence[] = []
  for (const unit of units) {
    const own = memorySamplesOf(unit, samples)
    if (own.length === 0) continue
    const raw = {
      step: SAMPLES_STEP,
      subject: unit,
      command: `(Medic's own samples of ${unit}, ${DAYS} days up to this run)`,
      parser: unitSamplesParser.id,
      pty: false,
      result: {
        outcome: 'exited' as const,
        exitCode: 0,
        step: SAMPLES_STEP,
        subject: unit,
        stdout: unitSamplesText(own),
        stderr: '',
        droppedBytes: 0,
        startedAtMs: untilMs,
        durationMs: 0,
      },
    }
    const read = await readEvidence({ parsers: { findParser }, clean: tools.clean }, raw)
    made.push({ id: `E${next + made.length}`, ...read })
  }
  return made
}

/** The same out of a recorded run, which is looked at again without the store it was made with. */
export const recordedSamples = async (
  clean: Clean,
  recorded: readonly StoredEvidence[],
  { findings, next }: Pick<SampleQuestion, 'findings' | 'next'>,
): Promise<readonly Evidence[]> => {
  const units = judgedUnits(findings)
  const own = recorded.filter(
    ({ step, subject }) => step === SAMPLES_STEP && subject !== null && units.includes(subject),
  )
  const read = await Promise.all(
    own.map((one) => readEvidence({ parsers: { findParser }, clean }, { ...one, pty: false })),
  )
  return read.map((one, index) => ({ id: `E${next + index}` as const, ...one }))
}
