import { cannotForkRule } from './cannotFork.ts'
import { counterKillsRule } from './counterKills.ts'
import { diskFullMessageRule, diskFullRule } from './diskFull.ts'
import { limitNotInForceRule, limitWarningRule } from './limitNotInForce.ts'
import { memoryHighThrottleRule } from './memoryHighThrottle.ts'
import { memoryAvailableRule, memoryPressureRule } from './memoryPressure.ts'
import type { Rule } from './rule.ts'
import { swapThrashRule } from './swapThrash.ts'
import { failedUnitsRule, unitStateRule } from './unitState.ts'

/** Every rule a diagnosis runs, in order of id. One line each. */
export const RULES: readonly Rule[] = [
  cannotForkRule,
  counterKillsRule,
  diskFullRule,
  diskFullMessageRule,
  failedUnitsRule,
  limitNotInForceRule,
  limitWarningRule,
  memoryAvailableRule,
  memoryHighThrottleRule,
  memoryPressureRule,
  swapThrashRule,
  unitStateRule,
]
