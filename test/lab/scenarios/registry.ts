import { UsageError } from '../../../src/domain/errors.ts'
import { cgroupV1 } from './cgroupV1.ts'
import { childKilled, childKilledContinue } from './childKilled.ts'
import { containerOom } from './containerOom.ts'
import { crashLoop } from './crashLoop.ts'
import { earlyoom } from './earlyoom.ts'
import { forkFail } from './forkFail.ts'
import { healthy } from './healthy.ts'
import { heapOom } from './heapOom.ts'
import { hostCannotFork, hostCannotForkMemory } from './hostCannotFork.ts'
import { hostOom } from './hostOom.ts'
import { killedByHand } from './killedByHand.ts'
import { loginCannotFork } from './loginCannotFork.ts'
import { memoryHigh, swap } from './memoryHigh.ts'
import { nonRoot } from './nonRoot.ts'
import { panelPhpFpm, panelPhpFpmLogin } from './panelPhpFpm.ts'
import { phpFpmMaxChildren } from './phpFpmMaxChildren.ts'
import { pm2ChildKilled } from './pm2ChildKilled.ts'
import type { Scenario } from './scenario.ts'
import { sliceLimit, sliceLimitInnocentVictim } from './sliceLimit.ts'
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
  sliceLimitInnocentVictim,
  containerOom,
  pm2ChildKilled,
  panelPhpFpm,
  panelPhpFpmLogin,
  killedByHand,
  stopTimeout,
  earlyoom,
  systemdOomd,
  phpFpmMaxChildren,
  forkFail,
  loginCannotFork,
  hostCannotFork,
  hostCannotForkMemory,
  nonRoot,
  volatileJournal,
  cgroupV1,
]

/** The scenario of that name, or an error that lists them all. */
export const findScenario = (id: string): Scenario => {
  const scenario = SCENARIOS.find((candidate) => candidate.id === id)
  if (scenario !== undefined) return scenario
  const names = SCENARIOS.map((candidate) => candidate.id).join(', ')
  throw new UsageError(`lab: unknown scenario "${id}", expected one of: ${names}`)
}
