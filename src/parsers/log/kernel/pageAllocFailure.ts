import type { PageAllocFailureEvent } from './kernelEvents.ts'
import { memInfoReader } from './kernelMemInfo.ts'
import type { MemInfoReader } from './kernelMemInfo.ts'
import { isQuoted } from './kernelOomReport.ts'
import { commIn } from './kernelOomText.ts'
import type { LogLine } from '../lines/line.ts'
import { workerIn, workers } from './kernelOomTrace.ts'
import type { Recognizer } from '../recognizer.ts'
import { secondsApart } from '../lines/secondsApart.ts'

/**
 * Allocations that failed without a kill:
 *   kworker/u8:2: page allocation failure: order:4, mode:0x40dc0(GFP_KERNEL|__GFP_COMP|__GFP_ZERO), nodemask=(null)
 *   emerge: vmalloc: allocation failure, allocated 8192 of 20480 bytes, mode:0x7080c0(GFP_KERNEL_ACCOUNT|__GFP_ZERO)
 *   __alloc_pages: 0-order allocation failed (gfp=0x20/0)                                                  (2.4)
 *   vmap allocation for size 1052672 failed: use vmalloc=<size> to increase size
 *   SLUB: Unable to allocate memory on node -1, gfp=0x480020(GFP_ATOMIC)
 *   cma: cma_alloc: linux,cma: alloc failed, req-size: 128 pages, ret: -16
 */
/** At the line's end the order may be cut, and is not read. */
const PAGE =
  /^(?:(.{1,40}?): |(?=page allocation failure: order:\d{1,3}, mode:0x))page allocation failure[.:] ?order:(?:(\d{1,3}),|\d{1,3}\s{0,4}$)(?: {0,24}mode:(0x[0-9a-f]{1,16})(?:\(([A-Z_|a-z0-9]{0,300})\))?)?/
/** Several processors printed at once, each a piece of its line: "swapper/8: ", "page allocation failure: order:0", ", mode:0x…". */
const PIECE = /^page allocation failure: order:(?:(\d{1,2})page allocation failure: |\d{1,2}$)/
const MODE_PIECE = /^, mode:(0x[0-9a-f]{1,16})(?:\(([A-Z_|a-z0-9]{0,300})\))?/
const OLD_PAGE = /^__alloc_pages: (\d{1,2})-order allocation failed(?: \(gfp=(0x[0-9a-f]{1,16})\/)?/
const VMALLOC =
  /^(?:(.{1,40}?): )?vmalloc(?: error: size |: allocation failure: |: allocation failure, allocated \d{1,18} of )(\d{1,18})/
const VMAP = /^vmap allocation for size (\d{1,18}) failed/
const SLUB = /^SLUB: Unable to allocate memory on (?:CPU|node)/
const CMA = /^cma: (?:[a-z_]{3,40}(?:\(\))?: )?(?:[\w,.@-]{1,80}: )?alloc failed, req-size: (\d{1,12}) pages/
/** The file system waits for contiguous memory, and says so every 100 tries. */
const XFS =
  /^XFS: (.{1,40}?)\((\d{1,10})\) possible memory allocation deadlock(?: size (\d{1,18}))? in \w{1,40} \(mode:(0x[0-9a-f]{1,16})/
/** A cache of a control group has the group's name behind its own. */
const CACHE = /^cache: (\S{1,80}?)(?:\((\d{1,10}):(\S{1,200})\))?, object size: /
const CPU_LINE = /^(?:CPU: \d{1,5} (?:UID: \d{1,10} )?PID: (\d{1,10}) Comm: |Pid: (\d{1,10}), comm: )/
/** The frame that prints a failure, or a stall: all that a copy from the middle of the dump has. */
const FRAME =
  /(?:^ {0,8}|\] )(?:<IRQ> {1,4})?(?:\[<[0-9a-f]{8,16}>\] )?\(?warn_alloc(?:_failed)?(?:\.\w{1,24})?(?:\+0x|\)? from )/
const QUICK =
  /allocation fail(?:ure|ed)|vmap allocation|vmalloc error|SLUB: Unable|alloc failed, req-size|memory allocation deadlock/

/** Dumps of one failure follow each other within this time. */
const MAX_GAP_SECONDS = 2
/** A dump without stamps is not longer: a trace, and some lines for each zone. */
const MAX_DUMP_LINES = 150
const MAX_CITED = 6

interface Draft {
  event: PageAllocFailureEvent
  reader: MemInfoReader | null
  ended: boolean
  last: LogLine
}

export const pageAllocFailure: Recognizer = {
  id: 'page-alloc-failure',
  start: () => {
    const drafts: Draft[] = []
    const byKey = new Map<string, Draft>()
    let open: Draft | null = null
    /** The page failure that was printed last: the slab's own complaint about it follows. */
    let latest: { readonly draft: Draft; readonly line: LogLine } | null = null

    const begin = (line: LogLine, event: PageAllocFailureEvent): void => {
      const key = `${event.what} ${event.comm ?? ''} ${event.order ?? ''} ${event.gfpMask ?? ''} ${event.quoted}`
      const known = byKey.get(key)
      if (known !== undefined) {
        const cited = known.event.cited
        known.event = {
          ...known.event,
          repeats: known.event.repeats + 1,
          cited: cited.length < MAX_CITED ? [...cited, ...event.cited] : cited,
        }
        open = null
        latest = { draft: known, line }
        return
      }
      open = { event, reader: null, ended: false, last: line }
      latest = { draft: open, line }
      byKey.set(key, open)
      drafts.push(open)
    }

    /** One failure, told twice: by who needed the pages, and by the allocator under or over it. */
    const isSameFailure = (line: LogLine, event: PageAllocFailureEvent): boolean => {
      if (latest === null || !isClose(latest.line, line)) return false
      const { draft } = latest
      if (event.what === 'slub' && draft.event.what === 'page') {
        cite(draft, event)
        return true
      }
      // Up to 4.9 the area's size is printed first, and who asked for it on the next line.
      if (event.what !== 'page' || draft.event.what !== 'vmalloc' || draft.event.comm !== null) return false
      const { comm, order, gfpMask, gfpFlags } = event
      draft.event = { ...draft.event, comm, order, gfpMask, gfpFlags }
      cite(draft, event)
      return true
    }

    let stalled: LogLine | null = null
    const atWork = workers()
    return {
      accept: (printed) => {
        atWork.see(printed)
        if (printed.text.includes('page allocation stalls')) stalled = printed
        if (printed.text.includes('warn_alloc') && FRAME.test(printed.text)) {
          const told = latest?.line ?? stalled
          if (told === null || !isClose(told, printed))
            begin(printed, { ...blankOf(printed), ...atWork.before(printed) })
          return
        }
        const line = printed.text.startsWith(' ') ? { ...printed, text: printed.text.trimStart() } : printed
        if (QUICK.test(line.text)) {
          const event = readFailure(line)
          if (event !== null) {
            if (!isSameFailure(line, event)) begin(line, event)
            return
          }
        }
        if (open !== null && !continueDump(open, line)) open = null
      },
      finish: () => drafts.map(({ event, reader }) => ({ ...event, memInfo: reader?.finish() ?? null })),
    }
  },
}

const isClose = (before: LogLine, line: LogLine): boolean => {
  const apart = secondsApart(before.time, line.time)
  return apart === null ? line.number - before.number <= MAX_DUMP_LINES : Math.abs(apart) <= MAX_GAP_SECONDS
}

const cite = (draft: Draft, event: PageAllocFailureEvent): void => {
  if (draft.event.cited.length >= MAX_CITED) return
  draft.event = { ...draft.event, cited: [...draft.event.cited, ...event.cited] }
}

/** False once the dump is over: another report begins, or too much time has passed. */
const continueDump = (draft: Draft, line: LogLine): boolean => {
  const { text } = line
  const apart = secondsApart(draft.last.time, line.time)
  if ((apart !== null && Math.abs(apart) > MAX_GAP_SECONDS) || text.includes('invoked oom-killer')) return false
  const isOthers = line.source !== draft.last.source || (line.caller !== draft.last.caller && line.caller !== null)
  if (isOthers) return true
  const worker = workerIn(text)
  const cpu = CPU_LINE.exec(text)
  const mode = draft.event.gfpMask === null && draft.event.what === 'page' ? MODE_PIECE.exec(text) : null
  const cache = draft.event.what === 'slub' ? CACHE.exec(text.trimStart()) : null
  if (cache !== null) draft.event = { ...draft.event, ...ofCache(draft.event, cache) }
  else if (mode !== null) draft.event = { ...draft.event, gfpMask: mode[1] ?? null, gfpFlags: mode[2] ?? null }
  else if (worker !== null && draft.event.pid === null)
    draft.event = { ...draft.event, ...ofWorker(draft.event, worker) }
  else if (cpu !== null && draft.event.pid === null) draft.event = { ...draft.event, pid: Number(cpu[1] ?? cpu[2]) }
  else if (text === 'Mem-Info:' || text === 'Mem-info:') {
    if (draft.reader !== null) return false
    draft.reader = memInfoReader()
  } else if (draft.reader?.accept(text.trimStart()) !== true) return true
  draft.last = line
  return true
}

const ofCache = (event: PageAllocFailureEvent, match: RegExpExecArray): Partial<PageAllocFailureEvent> =>
  event.cacheName === null ? { cacheName: match[1] ?? null, cacheGroup: match[3] ?? null } : {}

/** The trace's head names who was at work, where the failure's own line does not. Of a trace without that line it may be the next one's. */
const ofWorker = (
  { comm, order, gfpMask }: PageAllocFailureEvent,
  worker: { readonly pid: number; readonly comm: string },
): Partial<PageAllocFailureEvent> => {
  if (comm !== null) return { pid: worker.pid }
  return order === null && gfpMask === null ? {} : worker
}

const blankOf = (line: LogLine): PageAllocFailureEvent => ({
  type: 'page-alloc-failure',
  time: line.time,
  cited: [{ line: line.number, text: line.raw }],
  quoted: isQuoted(line),
  what: 'page',
  comm: null,
  pid: null,
  order: null,
  gfpMask: null,
  gfpFlags: null,
  sizeBytes: null,
  cacheName: null,
  cacheGroup: null,
  memInfo: null,
  repeats: 1,
})

const readFailure = (line: LogLine): PageAllocFailureEvent | null => {
  const { text } = line
  const blank = blankOf(line)
  const page = PAGE.exec(text)
  if (page !== null) {
    const [, comm, order, mask, flags] = page
    return {
      ...blank,
      comm: comm === undefined ? null : commIn(comm),
      order: order === undefined ? null : Number(order),
      gfpMask: mask ?? null,
      gfpFlags: flags ?? null,
    }
  }
  const piece = line.time.bootSeconds === null && line.source !== 'kernel' ? null : PIECE.exec(text)
  if (piece !== null) return { ...blank, order: piece[1] === undefined ? null : Number(piece[1]) }
  const xfs = text.startsWith('XFS: ') ? XFS.exec(text) : null
  if (xfs !== null) {
    const size = xfs[3] === undefined ? null : Number(xfs[3])
    return { ...blank, comm: xfs[1] ?? null, pid: Number(xfs[2]), gfpMask: xfs[4] ?? null, sizeBytes: size }
  }
  const old = OLD_PAGE.exec(text)
  if (old !== null) return { ...blank, order: Number(old[1]), gfpMask: old[2] ?? null }
  const vmalloc = VMALLOC.exec(text)
  if (vmalloc !== null)
    return {
      ...blank,
      what: 'vmalloc',
      comm: vmalloc[1] === undefined ? null : commIn(vmalloc[1]),
      sizeBytes: Number(vmalloc[2]),
    }
  const vmap = VMAP.exec(text)
  if (vmap !== null) return { ...blank, what: 'vmap', sizeBytes: Number(vmap[1]) }
  if (SLUB.test(text)) return { ...blank, what: 'slub' }
  return CMA.test(text) ? { ...blank, what: 'cma' } : null
}
