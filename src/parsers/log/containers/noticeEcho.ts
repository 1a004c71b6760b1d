import type { LogEvent } from '../events.ts'
import type { ContainerOomEvent } from '../programEvents.ts'

/**
 * Cloud Foundry tells of one crash in the cell's line and again in the controller's, conmon of each cgroup event, Nomad
 * of the end and of its driver's reason.
 */
export const isEcho = (before: LogEvent, event: LogEvent): before is ContainerOomEvent =>
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
