import type { LogLine } from '../lines/line.ts'
import type { ContainerOomEvent } from '../programEvents.ts'
import { notice } from './oomNotice.ts'

// What containerd, docker, podman, CRI-O and those above them print.

const TASK_OOM =
  /TaskOOM event (?:container_id: ?\\{0,2}"([\w.-]{1,128})\\{0,2}"|&TaskOOM\{ContainerID: ?([\w.-]{1,128}))/

export const taskOomOf = (line: LogLine): ContainerOomEvent | null => {
  const match = TASK_OOM.exec(line.text)
  return match === null ? null : notice(line, 'containerd', match[1] ?? match[2] ?? null)
}

/** `ctr events`: the topic, and the event as JSON. */
export const ctrEventOf = (line: LogLine): ContainerOomEvent | null => {
  const id = /\s\/tasks\/oom \{"container_id":"([\w.-]{1,128})"/.exec(line.text)?.[1]
  return id === undefined ? null : notice(line, 'containerd', id)
}

/** dockerd passes the event on; its older debug log does not say of which container. */
export const topicOf = (line: LogLine): ContainerOomEvent | null =>
  /\btopic=\/tasks\/oom type="?(?:\*events|containerd\.events)\.TaskOOM\b/.test(line.text)
    ? notice(line, 'docker', /\bcontainer=([0-9a-f]{12,64})\b/.exec(line.text)?.[1] ?? null)
    : null

/** `docker events --format '{{json .}}'`: one object a line. */
export const jsonEventOf = (line: LogLine): ContainerOomEvent | null => {
  if (!/"(?:status|Action)": ?"oom"/.test(line.text) || !/"Type": ?"container"/.test(line.text)) return null
  const id = /"(?:id|ID)": ?"([0-9a-f]{12,64})"/.exec(line.text)?.[1] ?? null
  return notice(line, 'docker', id, /"name": ?"([\w.-]{1,200})"/.exec(line.text)?.[1] ?? null)
}

/** `Container 'docker' exceeded memory limit.` of a pipeline's step. */
export const pipelineOf = (line: LogLine): ContainerOomEvent | null => {
  const name = /^Container '([\w.-]{1,128})' exceeded memory limit\./.exec(line.text)?.[1]
  return name === undefined ? null : notice(line, 'bitbucket', null, name)
}

/** Also podman's `container oom <id>`. */
const DOCKER_EVENT = /(?:^|\s)container oom ([0-9a-f]{12,64}) (?:\((.{0,2000})\)?)?/

export const dockerEventOf = (line: LogLine): ContainerOomEvent | null => {
  const match = DOCKER_EVENT.exec(line.text)
  if (match === null) return null
  const name = /(?:^|[ ,(])name=([\w.-]{1,200})/.exec(match[2] ?? '')?.[1] ?? null
  return notice(line, line.source === 'podman' ? 'podman' : 'docker', match[1] ?? null, name)
}

const CRIO =
  /(?:\bOOM detected for container |^(?:conmon )?)([0-9a-f]{12,64})\b(?: <ninfo>: OOM (?:event )?received|"|\s|$)/

export const crioOf = (line: LogLine): ContainerOomEvent | null => {
  const match = CRIO.exec(line.text)
  return match === null ? null : notice(line, 'cri-o', match[1] ?? null)
}

const ECS_AGENT = /process within container ([0-9a-f]{12,64})\b(?: \(name: "([\w.-]{1,255})"\))? died due to OOM\b/

export const ecsAgentOf = (line: LogLine): ContainerOomEvent | null => {
  const match = ECS_AGENT.exec(line.text)
  return match === null ? null : notice(line, 'ecs', match[1] ?? null, match[2] ?? null)
}
