import type { LogLine } from '../lines/line.ts'
import type { ContainerOomEvent } from '../programEvents.ts'
import type { About } from './aboutContainer.ts'
import { notice } from './oomNotice.ts'

/** What docker told it. */
const NOMAD =
  /\bExit Message: "OOM Killed"|\bDriver Failure {1,20}OOM Killed\s{0,4}$|\bWait returned exit code \d{1,3}, signal \d{1,3}, and error OOM Killed\b/

const INSPECT = /"OOMKilled": ?true\b/
const STATUS = /(?:^|[\s{,])"?[rR]eason"?:?\s{0,40}"?OOMKilled"?(?:\s|$|[,}])/
/** Azure's container groups, and what else keeps the reason in a field of its own. */
const JSON_STATUS = /"(?:detailStatus|exitReason|terminationReason|terminatedReason)" ?: ?"OOMKilled"/
/** Jenkins about the pod of its agent. */
const JENKINS = /\bContainer \[([\w.-]{1,128})\] terminated \[OOMKilled\]/
const POD_ROW =
  /^(?:([\w.-]{1,253})\s{1,80})?([a-z0-9][\w.-]{1,252})\s{1,80}(?:● {1,4})?\d{1,4}\/\d{1,4}\s{1,40}OOMKilled\s{1,40}\d{1,6}\b/
const POD_MESSAGE =
  /\bOOMKilled\b.{0,40}\bcontainer[= ]"?([\w.-]{1,128})"?|[cC]ontainer "?([\w.-]{1,128})"? (?:was|has been) OOMKilled\b/

export const oomKilledOf = (line: LogLine, about: About): ContainerOomEvent | null => {
  const { text } = line
  if (/\bexitCode:137 reason:OOMKilled\b/.test(text))
    return notice(line, 'kubernetes', idIn(text) ?? about.id, about.name)
  if (INSPECT.test(text)) return notice(line, 'docker', idIn(text) ?? about.id, about.name)
  if (STATUS.test(text)) return notice(line, 'kubernetes', idIn(text) ?? about.id, podIn(text) ?? about.name)
  if (JSON_STATUS.test(text)) return notice(line, 'kubernetes', about.id, about.name)
  const pod = JENKINS.exec(text)
  if (pod !== null) return notice(line, 'kubernetes', null, pod[1] ?? null)
  const row = POD_ROW.exec(text)
  if (row !== null) return notice(line, 'kubernetes', null, row[2] ?? null)
  // Argo's message of a step.
  if (/(?:^|[\s:"])OOMKilled \(exit code 137\)|\bcontainer [\w.-]{1,128} is terminated with OOMKilled\b/.test(text))
    return notice(line, 'kubernetes', null)
  const said = line.source === 'kubelet' || line.source === 'k3s' ? POD_MESSAGE.exec(text) : null
  return said === null ? null : notice(line, 'kubernetes', null, said[1] ?? said[2] ?? null)
}

/** Kubernetes wrote the reason in two words in its first year, Nomad still does. */
export const spacedOf = (line: LogLine, about: About): ContainerOomEvent | null => {
  if (NOMAD.test(line.text)) return notice(line, 'nomad', null)
  return /^\s{0,60}"reason": "OOM Killed"|\bexitCode:137 reason:OOM Killed\b/.test(line.text)
    ? notice(line, 'kubernetes', about.id, about.name)
    : null
}

const idIn = (text: string): string | null => {
  const match = /"Id": ?"([0-9a-f]{64})"|"?containerID"?: ?"?[a-z-]{2,20}:\/\/([0-9a-f]{12,64})/.exec(text)
  return match?.[1] ?? match?.[2] ?? null
}

const podIn = (text: string): string | null => /\bpod="?(?:[\w.-]{1,253}\/)?([\w.-]{1,253})/.exec(text)?.[1] ?? null
