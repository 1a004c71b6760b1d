import type { LogLine } from '../lines/line.ts'
import type { UnitOomNoticeEvent } from './unitEvents.ts'
import { toldBy } from '../telling.ts'

/** systemd says that the kernel killed in a unit, and the line does not say in which. */
export const unnamedNotice = (line: LogLine): UnitOomNoticeEvent => ({
  type: 'unit-oom-notice',
  ...toldBy(line),
  unit: null,
  pid: null,
  killer: 'kernel',
  processes: null,
})
