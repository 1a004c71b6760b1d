import { allocationStall } from './allocationStall.ts'
import { forkRejected, kernelSuppressed } from './forkRejected.ts'
import { kernelOom } from './kernelOom.ts'
import { pageAllocFailure } from './pageAllocFailure.ts'
import type { Recognizer } from '../recognizer.ts'
import { segfault } from './segfault.ts'

/** What the kernel prints. One line each. */
export const kernelRecognizers: readonly Recognizer[] = [
  allocationStall,
  forkRejected,
  kernelOom,
  kernelSuppressed,
  pageAllocFailure,
  segfault,
]
