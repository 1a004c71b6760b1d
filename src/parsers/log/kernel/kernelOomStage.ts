import type { LogLine } from '../lines/line.ts'
import { cite, openReport } from './kernelOomReport.ts'
import type { Report } from './kernelOomReport.ts'

/** Whether a part of the report that only it has is there. */
export const hasDump = (report: Report): boolean =>
  report.columns !== null || report.memInfo !== null || report.stats !== null || report.usages.size > 0

/** Whether the report says how it ended. */
export const isEnded = (report: Report): boolean => report.victims.size > 0 || report.outcome !== null

/** A report of which the trace or the table is all that is left. */
export const remainsOf = (line: LogLine): Report => {
  const report = openReport(line)
  report.killTrace = true
  cite(report, line)
  return report
}
