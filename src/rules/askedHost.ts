import type { Evidence } from '../domain/evidence.ts'
import type { FactView } from '../parsers/facts.ts'
import { logParser } from '../parsers/log/log.ts'

/** The step name of a text that a person gave, without any host behind it. */
export const INPUT_STEP = 'input'

/** Whether a host stands behind the evidence, or only a text that somebody gave. */
export const isHostAsked = (facts: FactView): boolean => facts.evidence.some((item) => item.step !== INPUT_STEP)

/** Commands and paths that hold the kernel's own words. */
const KERNEL_SOURCE =
  /\bdmesg\b|\bjournalctl\b[^\n|;&]{0,300}\s(?:-[a-z]{0,5}k|--dmesg)\b|_TRANSPORT=kernel|\/(?:kern\.log|messages|syslog|kmsg)\b/

/** A journal query about one unit or program never holds the kernel's report (oom.md 3.5). */
export const isKernelLog = (item: Evidence): boolean =>
  item.parser === logParser.id && (KERNEL_SOURCE.test(item.command) || /^(?:kernel|dmesg)\b/.test(item.step))
