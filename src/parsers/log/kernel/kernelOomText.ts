import { NO_TIME } from '../lines/line.ts'
import type { LogLine } from '../lines/line.ts'
import type { CgroupUsage, KernelVictim } from './kernelEvents.ts'
import { readPlainKill } from './kernelPlainKill.ts'
import type { KillLine, KillScope } from './killLine.ts'

/** `hog invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0`, in every kernel's layout. */
export interface InvokedLine {
  readonly comm: string
  readonly gfpMask: string | null
  readonly gfpFlags: string | null
  readonly order: number | null
  readonly nodemask: string | null
  readonly oomScoreAdj: number | null
  readonly whole: boolean
}

const INVOKED = ' invoked oom-killer'
/** In 4.5's development tree the mask stood last. */
const ADJ =
  /(?:oom_score_adj|oom_scoe_adj|oom_adj|oomkilladj)=(-?\d{1,4})(?:$|, gfp_mask=0x[0-9a-f]{1,16}\([^)]{0,300}\)$)/

/** The first line of a report. A process's name has at most 15 bytes; more in front is somebody's prose. */
export const readInvoked = ({ text, source, time }: Pick<LogLine, 'text' | 'source' | 'time'>): InvokedLine | null => {
  const at = text.indexOf(INVOKED)
  if (at < 0 || at > 40) return null
  const behind = text.slice(at + INVOKED.length)
  // Without its colon it is a sentence, unless the kernel's stamp stands in front.
  if (!behind.startsWith(':') && (behind.trim() !== '' || (source !== 'kernel' && time.bootSeconds === null)))
    return null
  const rest = behind.slice(1).trim()
  const comm = commIn(text.slice(0, at))
  if (comm === null || (rest !== '' && !/^(?:gfp|order=|\.\.\.)/.test(rest))) return null
  const gfp = /(?:^|, )gfp_mask=(0x[0-9a-f]{1,16})(?:\(([A-Z_|a-z0-9]{0,300})\))?(?:[, ]|$)/.exec(rest)
  const adj = ADJ.exec(rest)
  return {
    comm,
    gfpMask: gfp?.[1] ?? null,
    gfpFlags: gfp?.[2] ?? null,
    order: numberIn(/(?:^| )order=(-?\d{1,4}),/.exec(rest)),
    nodemask: /nodemask=(\(null\)|\d[\d,-]{0,200}), /.exec(rest)?.[1] ?? null,
    oomScoreAdj: numberIn(adj),
    whole: adj !== null,
  }
}

const IN_BEANCOUNTER =
  /^(\d{1,10}) \((.{1,15})\) invoked oom-killer in ub (\d{1,10}) generation \d{1,10} gfp (0x[0-9a-f]{1,16})$/

/** OpenVZ says which container's limit was met: `190708 (httpd.itk) invoked oom-killer in ub 103 generation 0 gfp 0x200d2`. */
export const readBeancounter = (
  text: string,
): { readonly pid: number; readonly isContainer: boolean; readonly invoked: InvokedLine } | null => {
  const match = IN_BEANCOUNTER.exec(text)
  if (match === null) return null
  return {
    pid: Number(match[1]),
    isContainer: match[3] !== '0',
    invoked: {
      comm: match[2] ?? '',
      gfpMask: match[4] ?? null,
      gfpFlags: null,
      order: null,
      nodemask: null,
      oomScoreAdj: null,
      whole: true,
    },
  }
}

/** Names are cut after 15 bytes. What is longer has something in front that nobody took off: a stamp, a program. */
export const commIn = (printed: string): string | null => {
  // No name begins with a bullet and a blank.
  const text = printed
    .replace(/^.{0,24}\[ {0,12}\d{1,10}\.\d{3,9}\] ?/, '')
    .trimStart()
    .replace(/^[-*•] /, '')
    .replace(MEMBER, '')
  if (fits(text)) return text === '' ? null : text
  const last = /.*(?:\] ?|[>:|] )(.+)$/.exec(text)?.[1]
  if (last === undefined) return null
  // The subject of a mail: `Re: 2.6.9-rc1-mm1 kjournald`.
  return fits(last) ? last : (/ (\S{1,15})$/.exec(last)?.[1] ?? null)
}

/** A record printed one field a line. */
const MEMBER = /^["']?(?:MESSAGE|message|msg|log|text)["']?\s{0,4}[=:]\s{0,4}["']?/

/** Names are cut after 15 bytes; some print the number of the thread behind: `oom02:4583`. */
const fits = (name: string): boolean => name.length <= 15 || (name.length <= MAX_COMM && /:\d{1,10}$/.test(name))

const MAX_COMM = 23

const numberIn = (match: RegExpExecArray | null): number | null => (match === null ? null : Number(match[1]))

const KILL =
  /^(?:([Mm]emory cgroup out of memory|Out of memory(?: \([a-z_]{1,40}\))?|Out of Memory|Out of memory in UB(?: \d{1,10})?|out of memory|No available memory(?: in cpuset| \(MPOL_BIND\))?)[:.] )?(OOM killed|[Kk]ill(?:ed)?) process (\d{1,10})(?:, UID (\d{1,10}),)? \(/
/** EL7 prints the user between the name and the sizes; people leave the first of them out. */
const SIZE_MARKS = [
  ') total-vm:',
  ') totalvm:',
  ') anon-rss:',
  ') vsz:',
  ') vm:',
  '), UID ',
  ') score ',
  ') sharing same memory',
]
/** 2.6.18 prints no sizes, and EL5 closes the sentence with a full stop; a title has its number behind. */
const CLOSED = /\)(?:\.?\s{0,8}$|\.(?= ?[A-Z])|,? (?:\.{3}|…)| #\d{1,7}\s{0,8}$)/

/** More brackets are opened than closed, and the kernel would have had room for them. */
const opens = (name: string): boolean => name.length < COMM_LENGTH && name.split('(').length > name.split(')').length

const COMM_LENGTH = 15

const scopeOf = (words: string | undefined): KillScope => {
  if (words === undefined) return null
  // OpenVZ: a user beancounter is a container's.
  if (words.startsWith('emory cgroup', 1) || /in UB \d/.test(words)) return 'memcg'
  return words.startsWith('No available') ? 'cpuset' : 'global'
}

/** The front of the line is lost; nothing else of the kernel's prints a process and these sizes. */
const TORN_KILL = /^(?:[a-z]{0,5} )?(?:process )?(?=\d{1,10} \(.{1,40}\) total-vm:\d{1,15}kB, anon-rss:\d)/

const readTornKill = (text: string): KillLine | null => {
  const match = text.includes(') total-vm:') ? TORN_KILL.exec(text) : null
  return match === null ? null : readKill(`Killed process ${text.slice(match[0].length)}`)
}

/** Reads `… Killed process 118 (hog) total-vm:83004kB, anon-rss:81696kB, …` up to where it is whole. */
export const readKill = (text: string): KillLine | null => {
  const match = KILL.exec(text)
  if (match === null) return readPlainKill(text) ?? readTornKill(text)
  const rest = text.slice(match[0].length)
  // The name may hold anything, also `) total-vm:`: it ends at the last mark.
  const marks = SIZE_MARKS.map((mark) => rest.lastIndexOf(mark))
  const at = Math.max(...marks)
  const closed = at >= 0 ? at : rest.search(CLOSED)
  const sizes = at < 0 ? '' : rest.slice(closed + 1)
  const kilobytes = (name: string): number | null => {
    const size = new RegExp(`[ ,]${name}:(\\d{1,15})k[Bb]`).exec(sizes)
    return size === null ? null : Number(size[1]) * 1024
  }
  const killed = match[2]?.endsWith('illed') === true
  const sharing = sizes.includes('sharing same memory')
  const uid = match[4] ?? /[ ,]UID[: ](\d{1,10})(?: |,|$)/.exec(sizes)?.[1]
  const adj = / oom_score_adj:(-?\d{1,4})$/.exec(sizes)
  const victim: KernelVictim = {
    pid: Number(match[3]),
    // A line that was cut behind a bracket of the name looks as if the name ended there.
    comm: closed < 0 || (at < 0 && opens(rest.slice(0, closed))) ? null : rest.slice(0, closed),
    uid: uid === undefined ? null : Number(uid),
    totalVmBytes: kilobytes('total-vm') ?? kilobytes('vsz') ?? kilobytes('vm'),
    anonRssBytes: kilobytes('anon-rss'),
    fileRssBytes: kilobytes('file-rss'),
    shmemRssBytes: kilobytes('shmem-rss'),
    pgtablesBytes: kilobytes('pgtables'),
    oomScoreAdj: adj === null ? null : Number(adj[1]),
  }
  return {
    verb: killed ? 'killed' : sharing ? 'sharing' : 'selected',
    scope: scopeOf(match[1]),
    victim,
    // 2.6.24 prints no sizes at all; where sizes begin, they must reach file-rss.
    whole: closed >= 0 && (sizes.trim() === '' || !killed || victim.fileRssBytes !== null || sizes.includes(' swap:')),
  }
}

/**
 * Manuals show the line bare and with a number nobody was given: PostgreSQL's `Out of Memory: Killed process 12345
 * (postgres).` stands in countless pages, and every such line found was somebody's example.
 */
export const isExample = (line: LogLine, { victim }: KillLine): boolean =>
  victim.pid === 12345 && victim.anonRssBytes === null && line.time === NO_TIME && line.source === null

const USAGE = /^(memory\+swap|memory|swap|kmem): usage (\d{1,19})kB, limit (\d{1,19})kB(?:, failcnt (\d{1,15}))?/

/** 2⁶⁰ bytes and more mean "no limit" (reference: oom.md 2.9). */
const UNLIMITED_KB = 2 ** 50

/** `memory: usage 81920kB, limit 81920kB, failcnt 74` */
export const readUsage = (text: string): { readonly what: string; readonly usage: CgroupUsage } | null => {
  const match = USAGE.exec(text)
  if (match === null) return null
  const limitKb = Number(match[3])
  return {
    what: match[1] ?? '',
    usage: {
      usageBytes: Number(match[2]) * 1024,
      limitBytes: limitKb >= UNLIMITED_KB ? null : limitKb * 1024,
      failcnt: match[4] === undefined ? null : Number(match[4]),
    },
  }
}

/** `Task in <path> killed as a result of limit of <path>` (up to 4.20): victim's cgroup, then the owner. */
export const readTaskIn = (text: string): { readonly task: string; readonly owner: string | null } | null => {
  if (!text.startsWith('Task in /')) return null
  const words = ' killed as a result of limit of '
  const at = text.indexOf(words)
  if (at < 0) {
    const torn = text.indexOf(' killed as a result')
    return torn < 0 ? null : { task: text.slice(8, torn), owner: null }
  }
  const task = text.slice(8, at)
  const owner = text.slice(at + words.length).trimEnd()
  // A limit stands at the task's own group or above it: any other path was cut.
  const isAbove = owner.startsWith('/') && (task === owner || task.startsWith(`${owner}/`))
  return TORN_ID.test(owner) ? null : { task, owner: isAbove ? owner : null }
}

/** No runtime's identifier has so many digits: a window's edge took the rest, of both paths alike. */
const TORN_ID = /\/[0-9a-f]{33,63}$/

/** Statistics of a memcg, on one line with KB (up to 5.2) or one line each in bytes. */
export const readStats = (text: string, into: Record<string, number>): boolean => {
  const single = /^([a-z][a-z_0-9]{1,40}) (\d{1,16})$/.exec(text)
  if (single !== null) {
    into[single[1] ?? ''] ??= Number(single[2])
    return true
  }
  if (!/^[a-z_]{2,40}:\d{1,15}KB(?: |$)/.test(text)) return false
  for (const match of text.matchAll(/([a-z_]{2,40}):(\d{1,15})KB/g)) into[match[1] ?? ''] ??= Number(match[2]) * 1024
  return true
}
