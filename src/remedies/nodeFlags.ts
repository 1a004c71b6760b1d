import type { UnitView } from './unitView.ts'

/** Memory outside the heap of a Node process that is not anybody's data: code, stacks, allocator (oom.md 4.5). */
const BASE_MIB = 64
/** Each worker thread's own idle memory, measured. */
const WORKER_MIB = 12
const floor32 = (mib: number): number => Math.floor(mib / 32) * 32
/** External memory when nobody measured it: a quarter of the limit. */
const EXTERNAL_SHARE = 0.25

/** The young generation beside the old space: 48 MiB, since Node 24 192. */
export const youngMib = (nodeMajor: number | null): number => (nodeMajor !== null && nodeMajor >= 24 ? 192 : 48)

export interface HeapQuestion {
  readonly limitMib: number
  readonly nodeMajor: number | null
  /** 95th percentile of external memory; null takes a quarter of the limit. */
  readonly externalMib: number | null
  readonly workers: number
}

/** `--max-old-space-size` for a limit, rounded down to 32; 0 or less means that none fits. */
export const heapForLimit = ({ limitMib, nodeMajor, externalMib, workers }: HeapQuestion): number =>
  floor32(
    0.9 *
      (limitMib - BASE_MIB - (externalMib ?? EXTERNAL_SHARE * limitMib) - WORKER_MIB * workers - youngMib(nodeMajor)),
  )

/** The limit a heap of this size needs, external memory not counted when it is not known. */
export const heapNeedMib = (heapMib: number, nodeMajor: number | null = null, externalMib = 0): number =>
  Math.ceil(1.1 * heapMib + youngMib(nodeMajor) + BASE_MIB + externalMib)

const FLAG = /--max[-_]old[-_]space[-_]size=(\d{2,7})\b/

/** The heap flag as the unit's start command or environment states it, null when there is none. */
export const heapOf = (view: UnitView): number | null => {
  const texts = [
    view.state?.properties['Environment'] ?? '',
    view.state?.properties['ExecStart'] ?? '',
    ...[...view.written('Environment'), ...view.written('ExecStart')].map((one) => one.value),
  ]
  for (const text of texts) {
    const match = FLAG.exec(text)
    if (match !== null) return Number(match[1])
  }
  return null
}

export type NodeOptions =
  | { readonly known: false }
  /** Empty when the variable is not set. */
  | { readonly known: true; readonly value: string }

/** NODE_OPTIONS of a unit; an EnvironmentFile could hold one that nobody read. */
export const nodeOptionsOf = (view: UnitView): NodeOptions => {
  if (view.files.length === 0) return { known: false }
  if (view.written('EnvironmentFile').length > 0 || view.written('PassEnvironment').length > 0) return { known: false }
  const set = view
    .written('Environment')
    .flatMap((one) => [
      ...one.value.matchAll(/(?:^|\s)(?:"NODE_OPTIONS=([^"]*)"|'NODE_OPTIONS=([^']*)'|NODE_OPTIONS=(\S*))/g),
    ])
    .at(-1)
  return { known: true, value: (set?.[1] ?? set?.[2] ?? set?.[3] ?? '').trim() }
}

/** A drop-in replaces the variable, so it may hold nothing else than the heap flag. */
export const isOnlyHeapFlag = (options: string): boolean => /^(?:--max[-_]old[-_]space[-_]size=\d+)?$/.test(options)
