import { containerMaker } from './container.ts'
import { correctedLimitMaker } from './correctedLimit.ts'
import { jvmMaker } from './jvm.ts'
import { memoryHighMaker } from './memoryHigh.ts'
import { memoryMaxMaker } from './memoryMax.ts'
import { noLimitMaker } from './noLimit.ts'
import { nodeHeapMaker } from './nodeHeap.ts'
import { oomPolicyMaker } from './oomPolicy.ts'
import { openShellMaker } from './openShell.ts'
import { phpFpmMaker } from './phpFpm.ts'
import { processManagerMaker } from './processManager.ts'
import type { RemedyMaker } from './remedy.ts'
import { restartPacingMaker } from './restartPacing.ts'
import { startAgainMaker } from './startAgain.ts'
import { swapMaker } from './swap.ts'
import { tasksMaxMaker } from './tasksMax.ts'

/** Every kind of fix, in the order in which they are shown. One line each. */
export const REMEDY_MAKERS: readonly RemedyMaker[] = [
  startAgainMaker,
  correctedLimitMaker,
  memoryMaxMaker,
  memoryHighMaker,
  nodeHeapMaker,
  jvmMaker,
  containerMaker,
  phpFpmMaker,
  tasksMaxMaker,
  openShellMaker,
  oomPolicyMaker,
  processManagerMaker,
  restartPacingMaker,
  swapMaker,
  noLimitMaker,
]
