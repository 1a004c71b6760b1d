import { UsageError } from '../../../src/domain/errors.ts'
import { childKilled, childKilledContinue } from './childKilled.ts'
import { crashLoop } from './crashLoop.ts'
import { earlyoom } from './earlyoom.ts'
import { forkFail } from './forkFail.ts'
import { healthy } from './healthy.ts'
import { heapOom } from './heapOom.ts'
import { hostOom } from './hostOom.ts'
import { killedByHand } from './killedByHand.ts'
import { memoryHigh, swap } from './memoryHigh.ts'
import { nonRoot } from './nonRoot.ts'
import { phpFpmMaxChildren } from './phpFpmMaxChildren.ts'
import type { Scenario } from './scenario.ts'
import { sliceLimit } from './sliceLimit.ts'
import { stopTimeout } from './stopTimeout.ts'
import { systemdOomd } from './systemdOomd.ts'
import { trailingComment } from './trailingComment.ts'
import { volatileJournal } from './volatileJournal.ts'
import { workerOom } from './workerOom.ts'

/** Every way in which the lab breaks, in the order of the help. */
export const SCENARIOS: readonly Scenario[] = [
  healthy,
  workerOom,
  hostOom,
  heapOom,
  childKilled,
  childKilledContinue,
  crashLoop,
  memoryHigh,
  swap,
  trailingComment,
  sliceLimit,
  killedByHand,
  stopTimeout,
  earlyoom,
  systemdOomd,
  phpFpmMaxChildren,
  forkFail,
  nonRoot,
  volatileJournal,
]

/** The scenario of that name, or an error that lists them all. */
export const findScenario = (id: string): Scenario => {
  const scenario = SCENARIOS.find((candidate) => candidate.id === id)
  if (scenario !== undefined) return scenario
  const names = SCENARIOS.map((candidate) => candidate.id).join(', ')
  throw new UsageError(`lab: unknown scenario "${id}", expected one of: ${names}`)
}
