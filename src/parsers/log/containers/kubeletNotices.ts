import { cgroupOwner } from '../../cgroupOwner.ts'
import type { LogEvent } from '../events.ts'
import type { LogLine } from '../lines/line.ts'
import { numberOf, toldBy } from '../telling.ts'
import { notice } from './oomNotice.ts'

/** cadvisor names the control group; the root is the host. */
export const cadvisorOf = (line: LogLine): LogEvent | null => {
  const path = /Created an OOM event in container \\{0,2}"(\/[^"\\\s]{0,2000})\\{0,2}" at /.exec(line.text)?.[1]
  if (path === undefined) return null
  if (path === '/') return { type: 'kubelet-system-oom', ...toldBy(line), comm: null, pid: null }
  return notice(line, 'cadvisor', cgroupOwner(path).container, path)
}

/**
 * The kubelet's own log, before 1.20 a printed struct and since then JSON; it watches ooms of the root only:
 *   Got sys oom event: &{11207 stress 2021-01-14 09:24:20.1 +0000 UTC m=+833.1 / / }
 *   "Got sys oom event" event={"Pid":21221,"ProcessName":"java",…}
 */
export const watchedOomOf = (line: LogLine): LogEvent | null => {
  const printed = /Got sys oom event: &\{(\d{1,10}) (.{0,64}?) \d{4}-\d\d-\d\d /.exec(line.text)
  const pid = printed?.[1] ?? /"?\bPid"?:(\d{1,10})\b/.exec(line.text)?.[1]
  const comm = printed?.[2] ?? /"?\bProcessName"?:"?([^",}]{1,64})/.exec(line.text)?.[1]
  // A sentence about the words names no process.
  if (pid === undefined && !/Got sys oom event"? (?:event=|from cadvisor: &?\{)/.test(line.text)) return null
  const isNamed = pid !== undefined && pid !== '0'
  return {
    type: 'kubelet-system-oom',
    ...toldBy(line),
    comm: comm === undefined || comm === '' ? null : comm,
    pid: isNamed ? numberOf(pid) : null,
  }
}

export const systemOomOf = (line: LogLine): LogEvent => {
  const match = /victim process: (.{0,64}), pid: (\d{1,10})/.exec(line.text)
  return {
    type: 'kubelet-system-oom',
    ...toldBy(line),
    comm: match?.[1] === undefined || match[1] === '' ? null : match[1],
    pid: numberOf(match?.[2]),
  }
}

const LOOP =
  /(?:[rR]eason"?:\s{0,40}"?CrashLoopBackOff|\s\d{1,4}\/\d{1,4}\s{1,40}CrashLoopBackOff|CrashLoopBackOff: "|StartContainer.{0,80}CrashLoopBackOff|[Bb]ack-off (?:\S{1,12} )?restarting failed container)/

export const loopOf = (line: LogLine): LogEvent | null => {
  const { text } = line
  if (!LOOP.test(text)) return null
  const container =
    /restarting failed container=?\s?"?([\w.-]{1,128})/.exec(text)?.[1] ??
    /for \\?"([\w.-]{1,128})\\?" with CrashLoopBackOff/.exec(text)?.[1] ??
    null
  const name =
    /\bpod[= ]"?(?:[\w.-]{1,253}\/)?([a-z0-9][\w.-]{1,252}?)(?:_[\w-]{1,200})?(?:\(|"|\s|$)/.exec(text)?.[1] ??
    /^(?:\S{1,253}\s{1,80})?([a-z0-9][\w.-]{1,252})\s{1,80}\d{1,4}\/\d{1,4}\s/.exec(text)?.[1] ??
    null
  return { type: 'container-restart-loop', ...toldBy(line), container: container === 'in' ? null : container, name }
}
