import { memorySamplesOf } from '../domain/sample.ts'
import type { SamplesOf } from '../remedies/remedy.ts'
import type { Store } from '../store/store.ts'

/** Chosen, as long as the page of a host looks back: weekly jobs are in it. */
const SPAN_MS = 7 * 86_400_000

/**
 * What the sampler kept of a host's units in the week before a moment. Later samples are left out, so that a run of
 * last month is judged by what could be known then. Empty for a host nobody sampled.
 * The bytes are `memory.current`, file cache included: oom.md 4.8 wants it subtracted before a limit is judged.
 */
export const readUnitSamples = async (
  store: Pick<Store, 'findMachine' | 'readSamples'>,
  host: string,
  untilMs: number,
): Promise<SamplesOf> => {
  const machine = await store.findMachine(host)
  if (machine === undefined) return () => []
  const kept = await store.readSamples(machine.key, untilMs - SPAN_MS)
  const samples = kept.filter(({ atMs }) => atMs <= untilMs)
  return (unit) => memorySamplesOf(unit, samples)
}
