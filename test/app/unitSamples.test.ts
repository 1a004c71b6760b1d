import { expect, test } from 'vitest'
import { readUnitSamples } from '../../src/app/unitSamples.ts'
import type { Sample } from '../../src/domain/snapshot.ts'

const DAY_MS = 86_400_000
const NOW_MS = 30 * DAY_MS
const UNIT = 'queue_worker.service'

const sample = (atMs: number, bytes: number): Sample => ({
  atMs,
  bootId: 'b',
  values: { [`unit-memory:${UNIT}`]: bytes },
  pids: { [UNIT]: [7] },
})

const storeOf = (samples: readonly Sample[]): Parameters<typeof readUnitSamples>[0] => ({
  findMachine: async (host) => (host === 'web1' ? ({ key: 'm1' } as never) : undefined),
  readSamples: async (key, fromMs) => (key === 'm1' ? samples.filter(({ atMs }) => atMs >= fromMs) : []),
})

test('gives the samples of the week before the moment, and none from after it', async () => {
  const samples = [sample(NOW_MS - 8 * DAY_MS, 1), sample(NOW_MS - DAY_MS, 2), sample(NOW_MS, 3), sample(NOW_MS + 1, 4)]
  const samplesOf = await readUnitSamples(storeOf(samples), 'web1', NOW_MS)
  expect(samplesOf(UNIT).map(({ bytes }) => bytes)).toEqual([2, 3])
  expect(samplesOf('other.service')).toEqual([])
})

test('is empty for a host nobody sampled', async () => {
  const samplesOf = await readUnitSamples(storeOf([sample(NOW_MS, 3)]), 'web2', NOW_MS)
  expect(samplesOf(UNIT)).toEqual([])
})
