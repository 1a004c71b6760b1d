/** The sentences of a report that are no numbers: who was spared, emptied or not found, and what is left of torn lines. */
export const NO_VICTIM = /^(?:Memory cgroup o|O)ut of memory and no killable processes/
export const PANIC =
  /^Kernel panic - not syncing: (?:Out of memory|System is deadlocked on memory|out of memory)|^out of memory\. panic_on_oom is selected/
export const SPARED = /^OOM victim (\d{1,10}) \(.{0,64}\) is already exiting/
/** Who writes about it shortens the path, and may leave out the last word. */
export const GROUP =
  /^Tasks in (\/.{0,4000}|(?:\.{3}|…)\S{1,400}) are going to be killed due to memory\.oom\.group(?: set)?\s{0,8}$/
export const REAPED =
  /^oom_reaper: (?:reaped process |unable to reap pid:)(\d{1,10}) \((.{1,15}?)\)(?:, now anon-rss:|\s{0,4}$)/
export const MANUAL = /^(?:sysrq: )?(?:SysRq ?: )?Manual OOM execution$/i
/** Up to 4.1 the request carried order 0; a kernel thread carries it out. */
export const SYSRQ_WORKER = /^(?:kworker|events)\//
export const STATS_HEAD = /^Memory cgroup stats for (\/\S{0,4000}?)(?:: |:$|:(?=cache:|anon\b))(.{0,8000})$/
export const TORN_KILL = /^(?:(?:Memory cgroup o|O)ut of memory: )?Killed process(?: \d{0,10})?$/
/** The edge of a window went through a path, and may have left a mark. */
export const TORN_PATH = /^(?:Memory cgroup stats for|Task in) (\/\S{0,4000})$/
