export interface CgroupFile {
  /** Below the cgroup root, `/system.slice/queue_worker.service`; `/` for the root itself. */
  readonly cgroup: string
  /** `memory.events.local` */
  readonly file: string
}

const IN_COMMAND =
  /\/sys\/fs\/cgroup(?:\/(?:memory|pids|unified)(?=\/))?((?:\/[^\s/'"]{1,255}){0,40})\/((?:memory|pids)\.[a-z_.]{1,40})(?=['"\s]|$)/

/** The cgroup and file that an evidence's command or path names, null when it names none. */
export const cgroupFileOf = (command: string): CgroupFile | null => {
  const match = IN_COMMAND.exec(command)
  if (match === null) return null
  return { cgroup: match[1] === '' || match[1] === undefined ? '/' : match[1], file: match[2] ?? '' }
}
