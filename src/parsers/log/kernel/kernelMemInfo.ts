/**
 * The host memory block of a kernel report (reference: oom.md 2.4): summary in pages, nodes and zones in kB, free lists,
 * huge pages, swap and totals. Everything is kept in bytes except the names that say pages.
 */
export interface KernelMemInfo {
  /** The summary, in pages: `active_anon`, `free`, `shmem`, `slab_unreclaimable` … */
  readonly pages: Readonly<Record<string, number>>
  readonly nodes: readonly KernelNode[]
  readonly zones: readonly KernelZone[]
  readonly hugepages: readonly {
    readonly node: number
    readonly total: number
    readonly free: number
    readonly sizeBytes: number
  }[]
  readonly pagecachePages: number | null
  readonly freeSwapBytes: number | null
  readonly totalSwapBytes: number | null
  readonly ramPages: number | null
  readonly highMemPages: number | null
  readonly reservedPages: number | null
}

export interface KernelNode {
  readonly node: number
  readonly bytes: Readonly<Record<string, number>>
}

export interface FreeBlocks {
  readonly sizeBytes: number
  readonly count: number
  /** `UMEH` …: which kinds of pages; empty when not printed. */
  readonly kinds: string
}

export interface KernelZone {
  readonly node: number | null
  readonly name: string
  /** `free`, `min`, `low`, `high`, `boost`, `reserved_highatomic`, `free_cma`, `managed`, `present` … */
  readonly bytes: Readonly<Record<string, number>>
  readonly lowmemReservePages: readonly number[]
  /** Null when the free list is missing. */
  readonly freeBlocks: readonly FreeBlocks[] | null
}

/** A line that only stands in this block. */
export const isMemInfoLine = (text: string): boolean =>
  /^(?:active_anon:\d+ inactive_anon:|Node \d{1,4} (?:active_anon:|[A-Z][A-Za-z0-9]{1,11} free:\d|hugepages_total=)|(?:Free|Total) swap {1,3}= \d|\d{1,15} (?:total pagecache pages|pages RAM)$)/.test(
    text,
  )

/** Collects the block line by line; a line it does not know is not taken. */
export interface MemInfoReader {
  accept(text: string): boolean
  finish(): KernelMemInfo
}

const NODE = /^Node (\d{1,4}) active_anon:/
const ZONE = /^(?:Node (\d{1,4}) )?([A-Z][A-Za-z0-9]{1,11}) free:\d/
const FREE_LIST = /^(?:Node (\d{1,4}) )?([A-Z][A-Za-z0-9]{1,11}): \d{1,10}\*\d/
const HUGE =
  /^Node (\d{1,4}) hugepages_total=(\d{1,12}) hugepages_free=(\d{1,12}) hugepages_surp=\d{1,12} hugepages_size=(\d{1,12})kB/
/** Up to 2.6.26 each architecture had words of its own. */
const TOTAL =
  /^(\d{1,15}) (total pagecache pages|pages (?:of )?RAM|pages HighMem\/MovableOnly|pages HighMem|pages of HIGHMEM|pages reserved|reserved pages)$/
const SWAP = /^(Free|Total) swap(?: {1,3}= |: {1,16})(\d{1,15})kB/
const SUMMARY =
  /^(?:[Aa]ctive_anon|Active|active_file|unevictable|slab_reclaimable|mapped|sec_pagetables|kernel_misc_reclaimable|free|active):\d/
/** Last words of the summary's lines: anywhere else a number without a blank behind it may be cut. */
const LINE_ENDS =
  /^(?:isolated_anon|isolated_file|writeback|slab_unreclaimable|pagetables|bounce|free_cma|free_pcp|kernel_misc_reclaimable|unstable)$/

const ABSURD_KB = 2 ** 42

const kilobytesOf = (text: string): Record<string, number> => {
  const bytes: Record<string, number> = {}
  for (const match of text.matchAll(/([a-z][A-Za-z_]{1,30}(?:\([a-z]{4}\))?): ?(\d{1,15})k?[BK]B?/g)) {
    // A counter that went below nothing is printed as if no machine could hold it.
    if (Number(match[2]) < ABSURD_KB) bytes[match[1] ?? ''] = Number(match[2]) * 1024
  }
  return bytes
}

const pagesOf = (text: string, into: Record<string, number>): void => {
  for (const match of text.matchAll(/([a-z][a-z_]{1,30}):(\d{1,15})(?=( )|$)/g)) {
    const name = match[1] ?? ''
    if (match[3] === undefined && !LINE_ENDS.test(name)) continue
    into[name] ??= Number(match[2])
  }
}

const blocksOf = (text: string): FreeBlocks[] =>
  [...text.matchAll(/(\d{1,10})\*(\d{1,10})kB(?: \(([A-Z]{1,8})\))?/g)].map((match) => ({
    sizeBytes: Number(match[2]) * 1024,
    count: Number(match[1]),
    kinds: match[3] ?? '',
  }))

interface ZoneDraft {
  node: number | null
  name: string
  bytes: Record<string, number>
  lowmemReservePages: number[]
  freeBlocks: FreeBlocks[] | null
}

type Draft = {
  -readonly [Key in keyof Omit<KernelMemInfo, 'zones' | 'nodes' | 'hugepages' | 'pages'>]: KernelMemInfo[Key]
}

/** More zones than the largest machines have; a hostile text does not fill the memory. */
const MAX_ZONES = 4096

/** A reader for one block. */
export const memInfoReader = (): MemInfoReader => {
  const pages: Record<string, number> = {}
  const nodes: KernelNode[] = []
  const zones: ZoneDraft[] = []
  const hugepages: KernelMemInfo['hugepages'][number][] = []
  const draft: Draft = {
    pagecachePages: null,
    freeSwapBytes: null,
    totalSwapBytes: null,
    ramPages: null,
    highMemPages: null,
    reservedPages: null,
  }
  let lastZone: ZoneDraft | undefined

  const acceptZone = (text: string): boolean => {
    const zone = ZONE.exec(text)
    if (zone !== null) {
      lastZone = {
        node: zone[1] === undefined ? null : Number(zone[1]),
        name: zone[2] ?? '',
        bytes: kilobytesOf(text),
        lowmemReservePages: [],
        freeBlocks: null,
      }
      if (zones.length < MAX_ZONES) zones.push(lastZone)
      return true
    }
    if (text.startsWith('lowmem_reserve[]:')) {
      if (lastZone !== undefined && lastZone.lowmemReservePages.length === 0) {
        lastZone.lowmemReservePages = text.slice(17).trim().split(/ +/).filter(isDigits).map(Number)
      }
      lastZone = undefined
      return true
    }
    const list = FREE_LIST.exec(text)
    if (list === null) return false
    const node = list[1] === undefined ? null : Number(list[1])
    const owner = zones.find((candidate) => candidate.name === list[2] && candidate.node === node)
    // A list without its sum is cut: the large blocks are missing.
    if (owner !== undefined && / = \d{1,15}kB$/.test(text)) owner.freeBlocks ??= blocksOf(text)
    return true
  }

  const acceptTotal = (text: string): boolean => {
    const total = TOTAL.exec(text)
    if (total !== null) {
      const value = Number(total[1])
      if (total[2] === 'total pagecache pages') draft.pagecachePages ??= value
      else if (total[2]?.endsWith('RAM') === true) draft.ramPages ??= value
      else if (total[2]?.includes('reserved') === true) draft.reservedPages ??= value
      else draft.highMemPages ??= value
      return true
    }
    const swap = SWAP.exec(text)
    if (swap !== null) {
      if (swap[1] === 'Free') draft.freeSwapBytes ??= Number(swap[2]) * 1024
      else draft.totalSwapBytes ??= Number(swap[2]) * 1024
      return true
    }
    const huge = HUGE.exec(text)
    if (huge === null) return false
    if (hugepages.length < MAX_ZONES) {
      hugepages.push({
        node: Number(huge[1]),
        total: Number(huge[2]),
        free: Number(huge[3]),
        sizeBytes: Number(huge[4]) * 1024,
      })
    }
    return true
  }

  return {
    accept: (text) => {
      if (SUMMARY.test(text)) {
        pagesOf(text.toLowerCase(), pages)
        return true
      }
      const node = NODE.exec(text)
      if (node !== null) {
        if (nodes.length < MAX_ZONES) nodes.push({ node: Number(node[1]), bytes: kilobytesOf(text) })
        return true
      }
      return acceptZone(text) || acceptTotal(text)
    },
    finish: () => ({ pages, nodes, zones, hugepages, ...draft }),
  }
}

const isDigits = (word: string): boolean => /^\d{1,15}$/.test(word)
