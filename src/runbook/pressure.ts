import type { Evidence } from '../domain/evidence.ts'
import { meminfoParser } from '../parsers/meminfo.ts'
import { pressureParser } from '../parsers/pressure.ts'
import { factsFrom } from '../parsers/facts.ts'

/** Commands took up to 27 s on a thrashing host of the lab: lab-vm.md, "Pitfalls". */
export const PRESSED_STEP_TIMEOUT_MS = 40_000

/** outputs.md section 3: some > 10 % is a warning of ours; earlyoom and Netdata call 5 % available critical. */
const SOME_AVG10_PERCENT = 10
const AVAILABLE_SHARE = 0.05

/** Whether anything read so far shows a host short of memory, where commands need more patience. */
export const showsPressure = (evidence: readonly Evidence[]): boolean => {
  const view = factsFrom(evidence, { fromMs: null, toMs: null })
  const stalled = view
    .all(pressureParser)
    .some((one) => one.command === '/proc/pressure/memory' && one.facts.some.avg10Percent > SOME_AVG10_PERCENT)
  const short = view.all(meminfoParser).some(({ facts }) => {
    const { totalBytes, availableBytes } = facts
    return availableBytes !== null && availableBytes < totalBytes * AVAILABLE_SHARE
  })
  return stalled || short
}
