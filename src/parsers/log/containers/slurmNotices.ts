import type { LogLine } from '../lines/line.ts'
import type { ContainerOomEvent } from '../programEvents.ts'
import { numberOf } from '../telling.ts'
import { notice } from './oomNotice.ts'

const SLURM =
  /Detected (\d{1,7}) oom[_-]kill event(?:\(s\)|s)? in (?:StepId=(\w[\w+]{0,40}(?:\.[\w+-]{1,40})?)|step (\w[\w+]{0,40}(?:\.[\w+-]{1,40})?))/

export const slurmOf = (line: LogLine): ContainerOomEvent | null => {
  const match = SLURM.exec(line.text)
  if (match === null) return null
  return { ...notice(line, 'slurm', null, match[2] ?? match[3] ?? null), repeats: numberOf(match[1]) ?? 1 }
}

/**
 * srun's summary of a step, and the state of a job in sacct, scontrol, seff and the mail at its end:
 *   srun: error: node12: task 3: Out Of Memory
 *   4411.batch        batch                  proj          8 OUT_OF_ME+    0:125
 */
const SLURM_STATE =
  /^(?:srun: error: \S{1,255}: tasks? [\d,-]{1,200}: Out Of Memory\s{0,4}$|\s{0,4}(\d[\w.+]{0,60}) .{0,200}\bOUT_OF_ME(?:MORY|\+)(?:\s|$)|\s{0,8}(?:Job)?State(?:=|: )OUT_OF_MEMORY\b|.{0,40}\bJob_id=(\d{1,12}) .{0,400}\bEnded, .{0,80}\bOUT_OF_MEMORY\b)/

export const slurmStateOf = (line: LogLine): ContainerOomEvent | null => {
  const match = SLURM_STATE.exec(line.text)
  return match === null ? null : notice(line, 'slurm', null, match[1] ?? match[2] ?? null)
}
