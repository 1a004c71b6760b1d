import type { LogEvent } from '../events.ts'
import type { LogLine } from '../lines/line.ts'
import type { ContainerEvictedEvent } from '../programEvents.ts'
import { isKernelLine, lineRecognizer, toldBy } from '../telling.ts'

/**
 * The kubelet on a node that runs low. It ends pods by a threshold of its own; no OOM killer takes part:
 *   The node was low on resource: memory. Container app was using 1200Mi, request is 200Mi, …
 *   The node was low on resource: [MemoryPressure].                                     (up to 1.6)
 *   "Eviction manager: must evict pod(s) to reclaim" resourceName="memory"
 *   The node had condition: [MemoryPressure].                   (a pod it did not take)
 *   MemoryPressure   True   …   KubeletHasInsufficientMemory   kubelet has insufficient memory available
 */
export const kubeletEvictionRecognizer = lineRecognizer('kubelet-eviction', (line): LogEvent | null => {
  const { text } = line
  if (isKernelLine(line)) return null
  if (text.includes('he node was low on resource: ')) return evictedOf(line)
  if (text.includes('had condition: [') || text.includes('ailed to admit pod')) return refusedOf(line)
  if (text.includes('viction manager: ') || text.includes('Attempting to reclaim ')) return reclaimOf(line)
  return text.includes('HasInsufficientM') && INSUFFICIENT.test(text) ? told(line, 'threshold', 'memory') : null
})

/** The sentence is a field's value, an event's message or a line of its own; inside a sentence somebody writes about it. */
const EVICTED =
  /(?:^|["'>*`]|\s{2}|[Mm]essage"?: {0,20}['"]?|\b(?:kubelet\S{0,80}|pod\/\S{1,300}|Evicted:?|Pod) )The node was low on resource: \[?([\w-]{1,40})\]?/
const USING = /\bContainer ([\w.-]{1,128}) was using /g

const evictedOf = (line: LogLine): ContainerEvictedEvent | null => {
  const resource = EVICTED.exec(line.text)?.[1]
  if (resource === undefined) return null
  const names = [...line.text.matchAll(USING)].map((match) => match[1] ?? null)
  return told(line, 'evicted', resource, names.length === 1 ? (names[0] ?? null) : null)
}

/** What it logs of its thresholds is about those that are met. */
const RECLAIM =
  /viction manager: (?:attempting to reclaim|must evict pod\(s\) to reclaim)(?:"? resourceName=| )"?([\w.-]{1,40})|(?:EvictionThresholdMet|^) {0,80}(?:\S{1,300} {1,40})?Attempting to reclaim ([\w-]{1,40})\s{0,4}$/
const THRESHOLD =
  /viction manager: (?:thresholds - (?:reclaim not satisfied|grace periods satisfied|ignoring grace period): threshold \[signal=([\w.]{1,40}), |node conditions - observed: \[(\w{1,40}))/

const reclaimOf = (line: LogLine): ContainerEvictedEvent | null => {
  const match = RECLAIM.exec(line.text) ?? THRESHOLD.exec(line.text)
  const resource = match?.[1] ?? match?.[2]
  return resource === undefined ? null : told(line, 'threshold', resource)
}

/** A pod that is not taken, because the node is low already. */
const REFUSED =
  /(?:(?:^|["'>`:]|\s{2}|[Mm]essage"?: {0,20}['"]?) ?The node had condition: |\bFailed to admit pod \S{1,400} - node has conditions: .{0,60}?|"Failed to admit pod to node" pod=\S{1,400} nodeCondition=)\["?(\w{1,40})/

const refusedOf = (line: LogLine): ContainerEvictedEvent | null => {
  const condition = REFUSED.exec(line.text)?.[1]
  return condition === undefined ? null : told(line, 'threshold', condition)
}

const INSUFFICIENT =
  /\bMemoryPressure\s{1,20}True\s{1,40}.{0,200}\bKubeletHasInsufficientM|\bstatus is now: NodeHasInsufficientMemory\b/

const told = (
  line: LogLine,
  what: ContainerEvictedEvent['what'],
  resource: string,
  container: string | null = null,
): ContainerEvictedEvent => ({
  type: 'container-evicted',
  ...toldBy(line),
  what,
  resource: /^(?:MemoryPressure|allocatableMemory\.available|memory\.available)$/.test(resource) ? 'memory' : resource,
  container,
})
