import type { NodeVersion } from '../parsers/nodeProcesses.ts'

/** oom.md 4.5, measured: half of the memory seen, at most 2 GiB, and 4 GiB from about 15 GiB on (since Node 14). */
const CAP_MIB = 2048
const LARGE_CAP_MIB = 4096
const LARGE_FROM_MIB = 15_360
/** Old space at which the young generation has its full size. */
const FULL_YOUNG_MIB = 2048

/** The young generation beside the old space: 48 MiB, since Node 24 192. */
export const youngMib = (nodeMajor: number | null): number => (nodeMajor !== null && nodeMajor >= 24 ? 192 : 48)

/** The heap limit Node takes without a flag, old space and young generation together. */
export const defaultHeapMib = (nodeMajor: number, memorySeenMib: number): number => {
  const cap = nodeMajor >= 14 && memorySeenMib >= LARGE_FROM_MIB ? LARGE_CAP_MIB : CAP_MIB
  const old = Math.min(cap, memorySeenMib / 2)
  // Below 512 MiB of old space the large young generation of Node 24 is not used either: 512 seen gave 259.
  const full = old < 512 ? youngMib(null) : youngMib(nodeMajor)
  return Math.floor(old + Math.min(full, (full * old) / FULL_YOUNG_MIB) * (old < 512 ? 0.5 : 1))
}

/**
 * Whether this Node takes the unit's own limit into account; no version sees the limit of a slice or pod above it.
 * Null: between Node 20.0 and 20.2 nobody measured.
 */
export const seesOwnLimit = (version: NodeVersion, cgroupVersion: 1 | 2): boolean | null => {
  if (cgroupVersion === 1 || version.major > 20) return true
  if (version.major < 20) return false
  return version.minor >= 3 ? true : null
}
