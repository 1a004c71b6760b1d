import type { Report } from './kernelOomReport.ts'

/** Whether a part of the report that only it has is there. */
export const hasDump = (report: Report): boolean =>
  report.columns !== null || report.memInfo !== null || report.stats !== null || report.usages.size > 0

/** Whether the report says how it ended. */
export const isEnded = (report: Report): boolean => report.victims.size > 0 || report.outcome !== null
