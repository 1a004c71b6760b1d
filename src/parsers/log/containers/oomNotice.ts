import type { LogLine } from '../lines/line.ts'
import type { ContainerOomEvent } from '../programEvents.ts'
import { toldBy } from '../telling.ts'

/** Somebody's word that the kernel killed in a container. */
export const notice = (
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
