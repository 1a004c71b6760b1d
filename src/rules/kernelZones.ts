import type { KernelMemInfo, KernelZone } from '../parsers/log/kernel/kernelMemInfo.ts'

/** What the watermarks of a report say about one request (reference: oom.md 2.9). */
export interface ZoneRequest {
  readonly order: number | null
  readonly gfpMask: string | null
  readonly gfpFlags: string | null
  readonly memsAllowed: string | null
  readonly nodemask: string | null
  readonly pageSizeBytes: number | null
}

export interface ZoneState {
  readonly zone: KernelZone
  /** What the request may take of it was at or below the minimum. */
  readonly isOut: boolean
  /** Nearer to the minimum than to the next mark: some pages come back while a report is printed. */
  readonly isNearlyOut: boolean
  readonly hasBlock: boolean | null
  /** Kept for requests that can use no higher zone. */
  readonly reservedBytes: number
}

export interface ZoneStates {
  /** The zones the request may use, on the nodes it may use. */
  readonly allowed: readonly ZoneState[]
  /** Zones of the same nodes that such a request may not use, though they had room. */
  readonly closed: readonly KernelZone[]
  /** The zone the request begins with. */
  readonly wanted: ZoneName
}

const ZONE_ORDER = ['DMA', 'DMA32', 'Normal', 'HighMem', 'Movable'] as const
type ZoneName = (typeof ZONE_ORDER)[number]

/** Four bits of the mask have meant the same since 2.6.23, and the ones there were before it as well. */
const GFP_DMA = 1
const GFP_HIGHMEM = 2
const GFP_DMA32 = 4
const GFP_MOVABLE = 8

/** The zone a request begins with; null when the report does not say, or nobody knew (a page fault's mask of 0). */
const wantedZone = ({ gfpMask, gfpFlags }: ZoneRequest): ZoneName | null => {
  const bits = gfpMask === null ? 0 : Number(gfpMask)
  if (bits !== 0) {
    if ((bits & GFP_DMA) !== 0) return 'DMA'
    if ((bits & GFP_DMA32) !== 0) return 'DMA32'
    if ((bits & GFP_HIGHMEM) === 0) return 'Normal'
    return (bits & GFP_MOVABLE) === 0 ? 'HighMem' : 'Movable'
  }
  if (gfpFlags === null) return null
  if (/GFP_DMA32/.test(gfpFlags)) return 'DMA32'
  if (/GFP_DMA\b/.test(gfpFlags)) return 'DMA'
  if (/HIGHUSER_MOVABLE/.test(gfpFlags)) return 'Movable'
  return /HIGHUSER|HIGHMEM/.test(gfpFlags) ? 'HighMem' : 'Normal'
}

/** Zones a kernel can be built with. An empty one is not printed, but has its place in lowmem_reserve. */
const BUILDS: readonly (readonly string[])[] = [
  ['DMA', 'DMA32', 'Normal', 'Movable'],
  ['DMA', 'DMA32', 'Normal', 'Movable', 'Device'],
  ['DMA', 'DMA32', 'Normal', 'HighMem'],
  ['DMA', 'DMA32', 'Normal'],
  ['DMA', 'Normal', 'HighMem', 'Movable'],
  ['DMA', 'Normal', 'HighMem', 'Movable', 'Device'],
  ['DMA', 'Normal', 'HighMem'],
  ['Normal', 'HighMem', 'Movable'],
  ['Normal', 'HighMem'],
  ['DMA', 'Normal', 'Movable'],
  ['DMA', 'Normal', 'Movable', 'Device'],
  ['DMA', 'Normal'],
  ['DMA32', 'Normal', 'Movable'],
  ['DMA32', 'Normal', 'Movable', 'Device'],
  ['Normal', 'Movable'],
  ['Normal', 'Movable', 'Device'],
]

/** The place in lowmem_reserve that counts for a request; null when the zones fit no known kernel. */
const reserveIndex = (zones: readonly KernelZone[], wanted: ZoneName): number | null => {
  const length = Math.max(0, ...zones.map((zone) => zone.lowmemReservePages.length))
  const build = BUILDS.find((names) => names.length === length && zones.every((zone) => names.includes(zone.name)))
  if (build === undefined) return null
  // What a kernel was built without is served by Normal.
  return Math.max(build.indexOf(wanted), build.indexOf(wanted) < 0 ? build.indexOf('Normal') : 0)
}

/** `0-1,4`: a list of nodes; null when none is stated. */
const nodesIn = (list: string | null): ReadonlySet<number> | null => {
  if (list === null || !/^\d{1,4}(?:-\d{1,4})?(?:,\d{1,4}(?:-\d{1,4})?){0,200}$/.test(list)) return null
  const nodes = new Set<number>()
  for (const part of list.split(',')) {
    const [from = 0, to = from] = part.split('-').map(Number)
    for (let node = from; node <= to && nodes.size < 4096; node += 1) nodes.add(node)
  }
  return nodes
}

/** The state of every zone for this request. */
export const zoneStates = (request: ZoneRequest, memInfo: KernelMemInfo): ZoneStates => {
  const usable = memInfo.zones.filter((zone) => (zone.bytes['managed'] ?? zone.bytes['present'] ?? 1) > 0)
  // Where the request is unknown it may have been any, and every zone counts.
  const wanted = wantedZone(request) ?? 'Movable'
  const nodes = nodesIn(request.memsAllowed)
  const masked = nodesIn(request.nodemask)
  const isAllowed = ({ node }: KernelZone): boolean =>
    node === null || ((nodes === null || nodes.has(node)) && (masked === null || masked.has(node)))
  const index = reserveIndex(memInfo.zones, wanted)
  const stateOf = (zone: KernelZone): ZoneState[] => stateFor(request, zone, { index, isMovable: wanted === 'Movable' })
  const mine = usable.filter(isAllowed)
  const isBelow = ({ name }: KernelZone): boolean => rankOf(name) <= rankOf(wanted)
  const upper = mine.filter((zone) => !isBelow(zone))
  return {
    allowed: mine.filter(isBelow).flatMap(stateOf),
    closed: upper.filter(({ bytes }) => (bytes['free'] ?? 0) > (bytes['low'] ?? Number.POSITIVE_INFINITY)),
    wanted,
  }
}

const rankOf = (name: string): number => ZONE_ORDER.findIndex((known) => known === name)

const stateFor = (
  request: ZoneRequest,
  zone: KernelZone,
  { index, isMovable }: { index: number | null; isMovable: boolean },
): ZoneState[] => {
  const { free, min, low } = zone.bytes
  if (free === undefined || min === undefined) return []
  const pageBytes = request.pageSizeBytes ?? 4096
  const blockBytes = pageBytes * 2 ** Math.max(0, request.order ?? 0)
  const reserve = index === null ? 0 : (zone.lowmemReservePages[index] ?? 0) * pageBytes
  const cma = isMovable ? 0 : (zone.bytes['free_cma'] ?? 0)
  const open = free - reserve - cma - (zone.bytes['reserved_highatomic'] ?? 0)
  const hasBlock =
    zone.freeBlocks?.some(
      (block) => block.count > 0 && block.sizeBytes >= blockBytes && !/^[HC]+$/.test(block.kinds),
    ) ?? null
  return [
    {
      zone,
      isOut: open <= min,
      isNearlyOut: open <= Math.max(min, (min + (low ?? min)) / 2),
      hasBlock,
      reservedBytes: reserve,
    },
  ]
}
