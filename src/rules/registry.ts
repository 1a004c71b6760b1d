import { allocationStallRule } from './allocationStall.ts'
import { appOwnMessageRule } from './appOwnMessage.ts'
import { containerNoticeRule } from './containerNotice.ts'
import { cppBadAllocRule } from './cppBadAlloc.ts'
import { crashLoopRule } from './crashLoop.ts'
import { earlyoomRule } from './earlyoom.ts'
import { goOomRule } from './goOom.ts'
import { jvmHeapRule } from './jvmHeap.ts'
import { jvmNativeThreadRule } from './jvmNativeThread.ts'
import { killedUnknownSenderRule } from './killedUnknownSender.ts'
import { mallocEnomemRule } from './mallocEnomem.ts'
import { phpFpmChildrenRule } from './phpFpmChildren.ts'
import { phpLimitRule } from './phpLimit.ts'
import { pythonMemoryErrorRule } from './pythonMemoryError.ts'
import { rustAllocRule } from './rustAlloc.ts'
import { systemdOomdRule } from './systemdOomd.ts'
import { timeoutKillRule } from './timeoutKill.ts'
import { unitFailedRule } from './unitFailed.ts'
import { unitOomNoticeRule } from './unitOomNotice.ts'
import { v8HeapRule } from './v8Heap.ts'
import { watchdogRule } from './watchdog.ts'
import { cannotForkRule } from './cannotFork.ts'
import { counterKillsRule } from './counterKills.ts'
import { diskFullMessageRule, diskFullRule } from './diskFull.ts'
import { limitNotInForceRule, limitWarningRule } from './limitNotInForce.ts'
import { memoryHighThrottleRule } from './memoryHighThrottle.ts'
import { memoryAvailableRule, memoryPressureRule } from './memoryPressure.ts'
import type { Rule } from './rule.ts'
import { swapThrashRule } from './swapThrash.ts'
import { failedUnitsRule, unitStateRule } from './unitState.ts'
import { cpusetOomRule } from './cpusetOom.ts'
import { globalOomRule } from './globalOom.ts'
import { kubeletEvictionRule } from './kubeletEviction.ts'
import { kernelMemoryRule } from './kernelMemory.ts'
import { memcgOomRule } from './memcgOom.ts'
import { pageAllocFailureRule } from './pageAllocFailure.ts'
import { segfaultRule } from './segfault.ts'
import { segfaultExitRule } from './segfaultExit.ts'
import { segfaultSeenRule } from './segfaultSeen.ts'

/** Every rule a diagnosis runs, in order of id. One line each. */
export const RULES: readonly Rule[] = [
  allocationStallRule,
  appOwnMessageRule,
  cannotForkRule,
  containerNoticeRule,
  counterKillsRule,
  cppBadAllocRule,
  cpusetOomRule,
  crashLoopRule,
  diskFullMessageRule,
  diskFullRule,
  earlyoomRule,
  failedUnitsRule,
  globalOomRule,
  goOomRule,
  jvmHeapRule,
  jvmNativeThreadRule,
  kernelMemoryRule,
  killedUnknownSenderRule,
  kubeletEvictionRule,
  limitNotInForceRule,
  limitWarningRule,
  mallocEnomemRule,
  memcgOomRule,
  memoryAvailableRule,
  memoryHighThrottleRule,
  memoryPressureRule,
  pageAllocFailureRule,
  phpFpmChildrenRule,
  phpLimitRule,
  pythonMemoryErrorRule,
  rustAllocRule,
  segfaultRule,
  segfaultExitRule,
  segfaultSeenRule,
  swapThrashRule,
  systemdOomdRule,
  timeoutKillRule,
  unitFailedRule,
  unitOomNoticeRule,
  unitStateRule,
  v8HeapRule,
  watchdogRule,
]
