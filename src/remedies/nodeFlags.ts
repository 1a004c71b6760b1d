import type { FactView } from '../parsers/facts.ts'
import { nodeProcessesParser, type NodeProcess, type NodeVersion } from '../parsers/nodeProcesses.ts'
import { youngMib } from './nodeDefaults.ts'
import type { UnitView } from './unitView.ts'

/** Memory outside the heap of a Node process that is not anybody's data: code, stacks, allocator (oom.md 4.5). */
export const BASE_MIB = 64
/** Each worker thread's own idle memory, measured. */
const WORKER_MIB = 12
const floor32 = (mib: number): number => Math.floor(mib / 32) * 32
/** External memory when nobody measured it: a quarter of the limit. */
export const EXTERNAL_SHARE = 0.25

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

/** Node processes that run in a unit now; the unit's own command line may start them by way of npm or PM2. */
export const nodeProcessesOf = (unit: string, facts: FactView): readonly NodeProcess[] =>
  facts
    .all(nodeProcessesParser)
    .flatMap((item) => item.facts.processes)
    .filter((process) => process.unit === unit)

/** PM2 itself is a Node program too, and none of the apps. */
export const isProcessManager = (process: NodeProcess): boolean => process.name?.startsWith('PM2') === true

/** How many Node programs share the unit's limit; 1 when none was seen running. */
export const nodeProgramCount = (unit: string, facts: FactView): number =>
  Math.max(1, nodeProcessesOf(unit, facts).filter((process) => !isProcessManager(process)).length)

/** The version that all Node processes of a unit run; null when it was not read or they differ. */
export const nodeVersionOf = (unit: string, facts: FactView): NodeVersion | null => {
  const processes = nodeProcessesOf(unit, facts).filter((process) => !isProcessManager(process))
  const [first] = processes
  return first !== undefined && processes.every((process) => process.version?.text === first.version?.text)
    ? first.version
    : null
}

/** The largest heap flag of a running process, else as start command or unit files state it; null when there is none. */
export const heapOf = (view: UnitView, facts: FactView): number | null => {
  const running = nodeProcessesOf(view.unit, facts).flatMap((process) =>
    process.maxOldSpaceMib === null ? [] : [process.maxOldSpaceMib],
  )
  if (running.length > 0) return Math.max(...running)
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
  /** What must not be lost: empty when nothing but memory flags is set. */
  | { readonly known: true; readonly value: string }

/** NODE_OPTIONS of a unit: of its running processes when they could be read, else of its files. */
export const nodeOptionsOf = (view: UnitView, facts: FactView): NodeOptions => {
  const running = nodeProcessesOf(view.unit, facts)
  if (running.some((process) => (process.nodeOptionsOtherCount ?? 0) > 0))
    return { known: true, value: '(other options)' }
  const flags = running.flatMap((process) => process.nodeOptionsFlags ?? [])
  if (running.length > 0 && running.every((process) => process.nodeOptionsOtherCount === 0))
    return { known: true, value: [...new Set(flags)].join(' ') }
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
