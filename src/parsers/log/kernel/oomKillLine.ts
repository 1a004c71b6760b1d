/** The `oom-kill:` line of 5.0 and later: fixed names in order, pid and uid from the end. */
export interface OomKillLine {
  /** Null when the word is none the kernel knows: a text typed off a screen. */
  readonly constraint: string | null
  readonly nodemask: string | null
  readonly cpuset: string | null
  readonly memsAllowed: string | null
  readonly globalOom: boolean
  readonly ownerCgroup: string | null
  /** What is left of the owner's path where the line is cut in it. */
  readonly ownerTorn: string | null
  readonly taskCgroup: string | null
  readonly comm: string | null
  readonly pid: number | null
  readonly uid: number | null
}

/** Vendors' kernels of 3.10 and 4.19 print the line without the word. */
const CONSTRAINT =
  /^oom-kill:(?: ?constraint=(CON[A-Z_]{3,30})(?:[, ]|$)|,?(?=(?:cpuset|nodemask)=.{1,400},task_memcg=))/
const CONSTRAINTS: ReadonlySet<string> = new Set([
  'CONSTRAINT_NONE',
  'CONSTRAINT_CPUSET',
  'CONSTRAINT_MEMORY_POLICY',
  'CONSTRAINT_MEMCG',
])
/** People set blanks behind the commas, to read it better or because a program broke the line there. */
const SPACED = /, {1,24}(?=(?:nodemask|cpuset|mems_allowed|global_oom|oom_memcg|task_memcg|task|pid|uid)[=,])/g
const TAIL = /,pid=(\d{1,10}),uid=(\d{1,10})$/

/** A window's edge took the beginning of the line; from the masks on it is nobody else's. */
const TORN =
  /^[A-Z_]{0,20},nodemask=[^,]{1,200},cpuset=.{1,400},mems_allowed=.{1,8000},task=.{1,40},pid=\d{1,10},uid=\d{1,10}\s{0,8}$/

/** `oom-kill: ... oom_memcg=/lxc/2017 ... task=java,pid=7`: whoever writes about it leaves out the middle. */
const SHORTENED = /(?:^|[\s,:])(?:\.{3}|…)(?:$|[\s,])/

/** What is left of a line that was shortened, name by name. */
const leftOf = (text: string): Pick<OomKillLine, 'ownerCgroup' | 'taskCgroup' | 'comm' | 'pid'> => {
  const path = (name: string): string | null => {
    const found = new RegExp(`[ ,]${name}=(/[^\\s,]{0,1000})(?=[\\s,]|$)`).exec(text)?.[1]
    return found === undefined || /\.{3}|…/.test(found) ? null : found
  }
  const task = /[ ,]task=([^\s,]{1,15}),pid=(\d{1,10})(?=[\s,]|$)/.exec(text)
  return {
    ownerCgroup: path('oom_memcg'),
    taskCgroup: path('task_memcg'),
    comm: task?.[1] ?? null,
    pid: task === null ? null : Number(task[2]),
  }
}

/** Reads it by its names; what a cut took away is null. No quoting exists: names of tasks and paths may hold commas. */
export const readOomKill = (printed: string): OomKillLine | null => {
  const constraint = CONSTRAINT.exec(printed)
  const isShortened = SHORTENED.test(printed)
  if (constraint === null && !TORN.test(printed) && !(isShortened && /^oom-kill: ?(?:\.{3}|…)/.test(printed)))
    return null
  const text = printed.replace(SPACED, ',').trimEnd()
  const spelled = constraint?.[1] ?? ''
  const tail = TAIL.exec(text)
  const end = tail === null ? text.length : text.length - tail[0].length
  const between = (name: string, next: readonly string[]): string | null => {
    const at = text.search(new RegExp(`[,:]${name}=`))
    if (at < 0) return null
    const from = at + name.length + 2
    const stops = next.map((word) => text.indexOf(`,${word}`, from)).filter((stop) => stop >= 0)
    return stops.length === 0 ? null : text.slice(from, Math.min(...stops))
  }
  const taskAt = text.indexOf(',task=')
  const left = isShortened ? leftOf(text) : null
  return {
    constraint: CONSTRAINTS.has(spelled) ? spelled : null,
    nodemask: between('nodemask', ['cpuset=']),
    cpuset: between('cpuset', ['mems_allowed=']),
    memsAllowed: between('mems_allowed', ['global_oom,', 'oom_memcg=', 'task_memcg=']),
    globalOom: text.includes(',global_oom,'),
    ownerCgroup: between('oom_memcg', ['task_memcg=', 'task=']) ?? left?.ownerCgroup ?? null,
    ownerTorn: /,oom_memcg=(\/[^\s,]{0,4000})[^,]{0,3}$/.exec(text)?.[1] ?? null,
    taskCgroup: between('task_memcg', ['task=']) ?? left?.taskCgroup ?? null,
    comm: taskAt < 0 || tail === null ? (left?.comm ?? null) : text.slice(taskAt + 6, end),
    pid: tail === null ? (left?.pid ?? null) : Number(tail[1]),
    uid: tail === null ? null : Number(tail[2]),
  }
}
