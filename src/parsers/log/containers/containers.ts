import { cgroupOwner } from '../../cgroupOwner.ts'
import type { LogEvent } from '../events.ts'
import { limitsAfter, memoryLimitOf, type LimitsBlock } from './kubernetesLimits.ts'
import type { LogLine } from '../lines/line.ts'
import type { ContainerOomEvent } from '../programs/programEvents.ts'
import { byNeedle } from '../needles.ts'
import type { Recognizer } from '../recognizer.ts'
import { citedLine, isKernelLine, numberOf, toldBy } from '../telling.ts'

/**
 * Runtimes, orchestrators and batch systems about the kernel's killer inside a container:
 *   TaskOOM event container_id:"<id>"            (containerd)
 *   "OOMKilled": true                            (docker inspect)
 *   container oom <id> (image=…, name=…)         (docker events)
 *   Reason: OOMKilled                            (Kubernetes)
 *   Exit Message: "OOM Killed"                   (Nomad, and a second event `Driver Failure  OOM Killed`)
 *   OutOfMemoryError: Container killed due to memory usage   (ECS)
 *   Detected 1 oom_kill event in StepId=7.batch  (Slurm)
 * Exit code 137 beside `OOMKilled: false` is somebody else's SIGKILL.
 */
export const containersRecognizer: Recognizer = {
  id: 'containers',
  start: () => {
    const events: LogEvent[] = []
    let about: About = { id: null, name: null, heading: null }
    let limits: LimitsBlock | null = null
    return {
      accept: (line) => {
        if (isKernelLine(line)) return
        about = aboutAfter(line.text, about)
        const event = eventOf(line, about)
        if (event !== null) {
          const before = events.at(-1)
          if (before !== undefined && isEcho(before, event)) {
            events[events.length - 1] = { ...before, cited: [...before.cited, ...event.cited] }
            return
          }
          events.push(event)
          if (event.type === 'container-oom-notice' && event.reporter === 'kubernetes')
            limits = { at: events.length - 1, isOpen: false }
          return
        }
        if (limits === null) return
        const known = events[limits.at]
        limits = limitsAfter(line.text, limits)
        const limitBytes = limits?.isOpen === true ? memoryLimitOf(line.text) : null
        if (limitBytes === null || limits === null || known?.type !== 'container-oom-notice') return
        events[limits.at] = { ...known, limitBytes, cited: [...known.cited, citedLine(line)] }
        limits = null
      },
      finish: () => events,
    }
  },
}

/** The container a block of `docker inspect`, `kubectl describe` or pod status is about. */
interface About {
  readonly id: string | null
  readonly name: string | null
  /** `kubectl describe` heads a container's block with its name. */
  readonly heading: string | null
}

const HEADING = /^\s{0,20}([a-z0-9][a-z0-9-]{0,62}):\s{0,4}$/

const aboutAfter = (text: string, about: About): About => {
  if (text.includes('"Id": "')) {
    const id = /^\s{0,16}"Id": "([0-9a-f]{64})"/.exec(text)?.[1]
    return id === undefined ? about : { id, name: null, heading: null }
  }
  if (text.includes('ontainer ID:') || text.includes('ontainerID')) {
    const id = /\b[cC]ontainer ?ID"?:\s{0,40}"?[a-z-]{2,20}:\/\/([0-9a-f]{12,64})/.exec(text)?.[1]
    return id === undefined ? about : { id, name: about.heading ?? about.name, heading: null }
  }
  if (text.includes('"Name": "/')) {
    const name = /^\s{0,16}"Name": "\/([\w.-]{1,200})"/.exec(text)?.[1]
    return name === undefined ? about : { ...about, name }
  }
  const heading = text.length < 100 ? (HEADING.exec(text)?.[1] ?? null) : null
  return heading === about.heading ? about : { ...about, heading }
}

type Read = (line: LogLine, about: About) => LogEvent | null

const says =
  (reporter: ContainerOomEvent['reporter'], pattern: RegExp | null = null): Read =>
  (line) =>
    pattern === null || pattern.test(line.text) ? notice(line, reporter, null) : null

/** Who tells of it, by words that stand in the line; the first that understands it speaks. */
const READERS: readonly (readonly [needle: string, read: Read])[] = [
  ['TaskOOM', (line) => taskOomOf(line) ?? topicOf(line)],
  ['OOMKilled', (line, about) => oomKilledOf(line, about)],
  ['"oom"', (line) => jsonEventOf(line)],
  // A build's row and its description.
  ['OutOfMemoryKilled', says('openshift', /(?:\bFailed \(|[rR]eason"?:\s{0,40}"?)OutOfMemoryKilled\b/)],
  ['exceeded memory limit.', (line) => pipelineOf(line)],
  // The game panel's words about its server's container.
  ['Out of memory: true', says('pterodactyl', /(?:^|\s)Out of memory: true\s{0,4}$/)],
  ['container oom ', (line) => dockerEventOf(line)],
  ['OOM Killed', (line, about) => spacedOf(line, about)],
  ['OutOfMemoryError: Container', says('ecs', /\bOutOfMemoryError: Container killed due to memory usage\b/)],
  ['oom_kill event', (line) => slurmOf(line)],
  ['oom-kill event', (line) => slurmOf(line)],
  ['OUT_OF_ME', (line) => slurmStateOf(line)],
  [': Out Of Memory', (line) => slurmStateOf(line)],
  [
    ' limit exceeded: ',
    says(
      'pbs',
      /^(?:\S{1,100};)?Cgroup (?:mem|memsw|memory) limit exceeded: (?!oom-kill:|Memory cgroup out of|Killed process)/,
    ),
  ],
  ['oom: Memory cgroup out of memory: killed ', says('flux')],
  ['OOM: the memory limit could be too low', says('crun')],
  ['appears to have been OOM killed!', says('fly.io')],
  ['("OOM") event was detected during the build', says('vercel')],
  ['System OOM encountered', (line) => systemOomOf(line)],
  ['Got sys oom event', (line) => watchedOomOf(line)],
  ['Created an OOM event in container', (line) => cadvisorOf(line)],
  ['OOM detected for container ', (line) => crioOf(line)],
  ['<ninfo>: OOM ', (line) => crioOf(line)],
  ['died due to OOM', (line) => ecsAgentOf(line)],
  ['container init was OOM-killed', says('runc')],
  ['137 (out of memory)', says('cloud foundry', /\bExit(?:ed with)? status 137 \(out of memory\)/)],
  ['CrashLoopBackOff', (line) => loopOf(line)],
  ['restarting failed container', (line) => loopOf(line)],
]

const readers = byNeedle(READERS, ([needle]) => needle)

const eventOf = (line: LogLine, about: About): LogEvent | null => {
  for (const [, read] of readers(line.text)) {
    const event = read(line, about)
    if (event !== null) return event
  }
  return null
}

const notice = (
  line: LogLine,
  reporter: ContainerOomEvent['reporter'],
  container: string | null,
  name: string | null = null,
): ContainerOomEvent => ({
  type: 'container-oom-notice',
  ...toldBy(line),
  reporter,
  container,
  name,
  limitBytes: null,
})

const TASK_OOM =
  /TaskOOM event (?:container_id: ?\\{0,2}"([\w.-]{1,128})\\{0,2}"|&TaskOOM\{ContainerID: ?([\w.-]{1,128}))/

const taskOomOf = (line: LogLine): ContainerOomEvent | null => {
  const match = TASK_OOM.exec(line.text)
  return match === null ? null : notice(line, 'containerd', match[1] ?? match[2] ?? null)
}

/** dockerd's debug log passes the event on without saying of which container. */
const topicOf = (line: LogLine): ContainerOomEvent | null =>
  /\btopic=\/tasks\/oom type=containerd\.events\.TaskOOM\b/.test(line.text) ? notice(line, 'docker', null) : null

const INSPECT = /"OOMKilled": ?true\b/
const STATUS = /(?:^|[\s{,])"?[rR]eason"?:?\s{0,40}"?OOMKilled"?(?:\s|$|[,}])/
const POD_ROW =
  /^(?:([\w.-]{1,253})\s{1,80})?([a-z0-9][\w.-]{1,252})\s{1,80}(?:● {1,4})?\d{1,4}\/\d{1,4}\s{1,40}OOMKilled\s{1,40}\d{1,6}\b/
const POD_MESSAGE =
  /\bOOMKilled\b.{0,40}\bcontainer[= ]"?([\w.-]{1,128})"?|[cC]ontainer "?([\w.-]{1,128})"? (?:was|has been) OOMKilled\b/

const oomKilledOf = (line: LogLine, about: About): ContainerOomEvent | null => {
  const { text } = line
  if (/\bexitCode:137 reason:OOMKilled\b/.test(text))
    return notice(line, 'kubernetes', idIn(text) ?? about.id, about.name)
  if (INSPECT.test(text)) return notice(line, 'docker', idIn(text) ?? about.id, about.name)
  if (STATUS.test(text)) return notice(line, 'kubernetes', idIn(text) ?? about.id, podIn(text) ?? about.name)
  const row = POD_ROW.exec(text)
  if (row !== null) return notice(line, 'kubernetes', null, row[2] ?? null)
  // Argo's message of a step.
  if (/(?:^|[\s:"])OOMKilled \(exit code 137\)|\bcontainer [\w.-]{1,128} is terminated with OOMKilled\b/.test(text))
    return notice(line, 'kubernetes', null)
  const said = line.source === 'kubelet' || line.source === 'k3s' ? POD_MESSAGE.exec(text) : null
  return said === null ? null : notice(line, 'kubernetes', null, said[1] ?? said[2] ?? null)
}

/** Kubernetes wrote the reason in two words in its first year, Nomad still does. */
const spacedOf = (line: LogLine, about: About): ContainerOomEvent | null => {
  if (NOMAD.test(line.text)) return notice(line, 'nomad', null)
  return /^\s{0,60}"reason": "OOM Killed"|\bexitCode:137 reason:OOM Killed\b/.test(line.text)
    ? notice(line, 'kubernetes', about.id, about.name)
    : null
}

/** `docker events --format '{{json .}}'`: one object a line. */
const jsonEventOf = (line: LogLine): ContainerOomEvent | null => {
  if (!/"(?:status|Action)": ?"oom"/.test(line.text) || !/"Type": ?"container"/.test(line.text)) return null
  const id = /"(?:id|ID)": ?"([0-9a-f]{12,64})"/.exec(line.text)?.[1] ?? null
  return notice(line, 'docker', id, /"name": ?"([\w.-]{1,200})"/.exec(line.text)?.[1] ?? null)
}

/** `Container 'docker' exceeded memory limit.` of a pipeline's step. */
const pipelineOf = (line: LogLine): ContainerOomEvent | null => {
  const name = /^Container '([\w.-]{1,128})' exceeded memory limit\./.exec(line.text)?.[1]
  return name === undefined ? null : notice(line, 'bitbucket', null, name)
}

const idIn = (text: string): string | null => {
  const match = /"Id": ?"([0-9a-f]{64})"|"?containerID"?: ?"?[a-z-]{2,20}:\/\/([0-9a-f]{12,64})/.exec(text)
  return match?.[1] ?? match?.[2] ?? null
}

const podIn = (text: string): string | null => /\bpod="?(?:[\w.-]{1,253}\/)?([\w.-]{1,253})/.exec(text)?.[1] ?? null

/** Also podman's `container oom <id>`. */
const DOCKER_EVENT = /(?:^|\s)container oom ([0-9a-f]{12,64}) (?:\((.{0,2000})\)?)?/

const dockerEventOf = (line: LogLine): ContainerOomEvent | null => {
  const match = DOCKER_EVENT.exec(line.text)
  if (match === null) return null
  const name = /(?:^|[ ,(])name=([\w.-]{1,200})/.exec(match[2] ?? '')?.[1] ?? null
  return notice(line, line.source === 'podman' ? 'podman' : 'docker', match[1] ?? null, name)
}

/** What docker told it. */
const NOMAD =
  /\bExit Message: "OOM Killed"|\bDriver Failure {1,20}OOM Killed\s{0,4}$|\bWait returned exit code \d{1,3}, signal \d{1,3}, and error OOM Killed\b/

const SLURM =
  /Detected (\d{1,7}) oom[_-]kill event(?:\(s\)|s)? in (?:StepId=(\w[\w+]{0,40}(?:\.[\w+-]{1,40})?)|step (\w[\w+]{0,40}(?:\.[\w+-]{1,40})?))/

const slurmOf = (line: LogLine): ContainerOomEvent | null => {
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

const slurmStateOf = (line: LogLine): ContainerOomEvent | null => {
  const match = SLURM_STATE.exec(line.text)
  return match === null ? null : notice(line, 'slurm', null, match[1] ?? match[2] ?? null)
}

/**
 * Cloud Foundry tells of one crash in the cell's line and again in the controller's, conmon of each cgroup event, Nomad
 * of the end and of its driver's reason.
 */
const isEcho = (before: LogEvent, event: LogEvent): before is ContainerOomEvent =>
  before.type === 'container-oom-notice' &&
  event.type === 'container-oom-notice' &&
  (ECHOING.has(event.reporter) || isNomadsReason(before, event) || isSlurmsState(before, event)) &&
  before.reporter === event.reporter &&
  before.container === event.container &&
  (event.cited[0]?.line ?? 0) - (before.cited.at(-1)?.line ?? 0) <= ECHO_LINES

const ECHOING: ReadonlySet<string> = new Set(['cloud foundry', 'cri-o', 'pbs', 'fly.io'])

const ECHO_LINES = 12

/** srun's summary and the state of a job and its steps repeat what the step manager has told. */
const isSlurmsState = (before: ContainerOomEvent, event: ContainerOomEvent): boolean => {
  if (event.reporter !== 'slurm' || event.cited[0]?.text.includes('Detected ') === true) return false
  const job = (told: ContainerOomEvent): string => told.name?.split('.')[0] ?? ''
  return event.name === null || job(event) === job(before)
}

const isNomadsReason = (before: ContainerOomEvent, event: ContainerOomEvent): boolean => {
  const isReason = (told: ContainerOomEvent): boolean => told.cited[0]?.text.includes('Driver Failure') === true
  return event.reporter === 'nomad' && isReason(before) !== isReason(event)
}

const CRIO =
  /(?:\bOOM detected for container |^(?:conmon )?)([0-9a-f]{12,64})\b(?: <ninfo>: OOM (?:event )?received|"|\s|$)/

const crioOf = (line: LogLine): ContainerOomEvent | null => {
  const match = CRIO.exec(line.text)
  return match === null ? null : notice(line, 'cri-o', match[1] ?? null)
}

const ECS_AGENT = /process within container ([0-9a-f]{12,64})\b(?: \(name: "([\w.-]{1,255})"\))? died due to OOM\b/

const ecsAgentOf = (line: LogLine): ContainerOomEvent | null => {
  const match = ECS_AGENT.exec(line.text)
  return match === null ? null : notice(line, 'ecs', match[1] ?? null, match[2] ?? null)
}

/** cadvisor names the control group; the root is the host. */
const cadvisorOf = (line: LogLine): LogEvent | null => {
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
const watchedOomOf = (line: LogLine): LogEvent | null => {
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

const systemOomOf = (line: LogLine): LogEvent => {
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

const loopOf = (line: LogLine): LogEvent | null => {
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
