import type { Finding } from '../domain/finding.ts'
import type { Remedy } from '../domain/remedy.ts'
import type { FactView } from '../parsers/facts.ts'
import { eventsOf, logParser } from '../parsers/log/log.ts'
import type { NodeVersion } from '../parsers/nodeProcesses.ts'
import { advice, dropInRemedy, versionCheck } from './dropIn.ts'
import { precedenceCheck } from './harmChecks.ts'
import { externalAtKill, externalNow, type ExternalMemory } from './externalMemory.ts'
import { hostView } from './hostView.ts'
import { defaultHeapMib, seesOwnLimit, youngMib } from './nodeDefaults.ts'
import {
  EXTERNAL_SHARE,
  heapForLimit,
  heapOf,
  isOnlyHeapFlag,
  nodeOptionsOf,
  nodeProgramCount,
  nodeVersionOf,
} from './nodeFlags.ts'
import type { RemedyMaker } from './remedy.ts'
import { mib, sizingOf } from './sizing.ts'
import { supervisorOf } from './supervisors.ts'
import { whyProtected } from './target.ts'
import { limitInForce, unitView, type UnitView } from './unitView.ts'

/** From here on the heap is not what filled the limit; our choice. */
const OUTSIDE_SHARE = 0.5

/** A heap that fits below the limit, for a heap that ran full or a Node that does not see its limit. */
export const nodeHeapMaker: RemedyMaker = {
  id: 'node-heap',
  answers: ['v8-heap', 'memcg-oom'],
  propose: (finding, facts) => {
    if (finding.kind === 'memcg-oom' && !isNode(finding)) return []
    const unit = finding.unit
    if (unit === null) return finding.kind === 'v8-heap' ? [snapshotAdvice('the program')] : []
    const view = unitView(unit, facts)
    const inForce = limitInForce(view)
    const snapshot = finding.kind === 'v8-heap' ? [snapshotAdvice(unit)] : []
    const limitMib = typeof inForce === 'number' ? mib(inForce) : (sizingOf(unit, facts, null).room?.mib ?? null)
    if (limitMib === null) return snapshot
    return [...heapRemedies(heapFix(finding, facts, view, limitMib)), ...snapshot]
  },
}

/** Node's main thread calls itself MainThread since version 20. */
const isNode = (finding: Finding): boolean =>
  finding.victims.some((victim) => victim.comm === 'node' || victim.comm === 'MainThread')

const snapshotAdvice = (unit: string): Remedy =>
  advice({
    id: 'heap-snapshot',
    title: `Take two heap snapshots of ${unit} an hour apart and compare them`,
    because:
      'A bigger heap only moves the day on which it is full. Two snapshots show what is kept. ' +
      'Not with --heapsnapshot-near-heap-limit below a tight MemoryMax: writing doubles the memory and can turn this into a kill by the kernel.',
  })

interface HeapFix {
  readonly finding: Finding
  readonly facts: FactView
  readonly view: UnitView
  readonly limitMib: number
  /** The limit in words: in force, or only the host's room. */
  readonly what: string
  readonly version: NodeVersion | null
  /** How many Node programs share the limit. */
  readonly programs: number
  /** What fits, for each program. */
  readonly heapMib: number
  /** The heap limit in force now, by a flag or by Node's own rule; null when it is not known. */
  readonly currentMib: number | null
  readonly hasFlag: boolean
  /** Of the victim at its kill; null when nothing says it. */
  readonly external: ExternalMemory | null
  readonly isMeasured: boolean
  readonly sum: string
}

const heapFix = (finding: Finding, facts: FactView, view: UnitView, limitMib: number): HeapFix => {
  const isLimit = typeof limitInForce(view) === 'number'
  const version = nodeVersionOf(view.unit, facts)
  const programs = nodeProgramCount(view.unit, facts)
  const shareMib = Math.floor(limitMib / programs)
  const young = youngMib(version?.major ?? null)
  const flag = heapOf(view, facts)
  const currentMib = flag ?? defaultOf(version, facts, view)
  const atKill = externalAtKill(finding, facts, { limitMib: currentMib, nodeMajor: version?.major ?? null })
  const { externalMib, how, isMeasured } = externalFor(shareMib, atKill, externalNow(view.unit, facts))
  return {
    finding,
    facts,
    view,
    limitMib,
    what: isLimit ? `the limit of ${limitMib} MiB` : `the host's room of ${limitMib} MiB`,
    version,
    programs,
    heapMib: heapForLimit({ limitMib: shareMib, nodeMajor: version?.major ?? null, externalMib, workers: 0 }),
    currentMib,
    hasFlag: flag !== null,
    external: atKill,
    isMeasured,
    sum:
      `0.9 x (${shareMib}${programs > 1 ? ` of ${limitMib} for each of ${programs} programs` : ''} - 64 base - ${externalMib} external (${how}) - ${young} young), rounded down to 32; ` +
      (version === null
        ? "Node's version was not read: the young generation of 22 and older is assumed, 24 has 192"
        : `this is Node ${version.text}, whose young generation is ${young} MiB`),
  }
}

/**
 * E of oom.md 4.5 and where it comes from. The moment of the kill is the worst there was, so what was measured then
 * counts as it is; a look at any other moment may only raise the quarter that is left when nobody measured.
 */
const externalFor = (
  shareMib: number,
  atKill: ExternalMemory | null,
  now: ExternalMemory | null,
): { readonly externalMib: number; readonly how: string; readonly isMeasured: boolean } => {
  if (atKill?.highMib != null)
    return {
      externalMib: atKill.highMib,
      how: `${rangeText(atKill)}: ${atKill.source}`,
      isMeasured: true,
    }
  const quarter = Math.round(EXTERNAL_SHARE * shareMib)
  const [known] = [atKill, now]
    .filter((one) => one !== null)
    .toSorted((one, other) => (other.highMib ?? other.lowMib) - (one.highMib ?? one.lowMib))
  const knownMib = known?.highMib ?? known?.lowMib ?? 0
  if (known !== undefined && knownMib > quarter)
    return { externalMib: knownMib, how: `${rangeText(known)}: ${known.source}`, isMeasured: true }
  return {
    externalMib: quarter,
    how:
      now === null
        ? 'not measured, a quarter'
        : `a quarter, because one look is no measure of its peak: ${now.source}, so ${rangeText(now)}`,
    isMeasured: false,
  }
}

const rangeText = ({ lowMib, highMib }: ExternalMemory): string =>
  highMib === null ? `at least ${lowMib}` : `${lowMib} to ${highMib}`

/** What Node took without a flag, young generation left out: the number a flag would have to beat. */
const defaultOf = (version: NodeVersion | null, facts: FactView, view: UnitView): number | null => {
  const seenMib = memorySeenMib(version, facts, view)
  return version === null || seenMib === null
    ? null
    : Math.max(0, defaultHeapMib(version.major, seenMib) - youngMib(version.major))
}

/** The memory Node believes it has: the host's, or its own group's limit where this version looks at it. */
const memorySeenMib = (version: NodeVersion | null, facts: FactView, view: UnitView): number | null => {
  const { totalBytes, cgroupVersion } = hostView(facts)
  if (version === null || totalBytes === null || cgroupVersion === null) return null
  const sees = seesOwnLimit(version, cgroupVersion)
  if (sees === null) return null
  const own = [limitInForce(view), view.cgroupValue('memory.high') ?? view.state?.memoryHighBytes ?? null]
  const limits = sees ? own.filter((one) => typeof one === 'number') : []
  return mib(Math.min(totalBytes, ...limits))
}

const heapRemedies = (fix: HeapFix): readonly Remedy[] => {
  const { finding, facts, view, heapMib, currentMib, what, sum } = fix
  const { unit } = view
  const isHeap = finding.kind === 'v8-heap'
  const say = (title: string, because: string): readonly Remedy[] => [advice({ id: 'node-heap', title, because })]
  const { external } = fix
  if (!isHeap && external !== null && external.lowMib >= OUTSIDE_SHARE * fix.limitMib)
    return say(
      `Find what ${unit} holds outside its heap`,
      `At least ${external.lowMib} of ${fix.limitMib} MiB were Buffers, native code or the allocator's: ${external.source}. A heap flag does nothing for those.`,
    )
  // A limit that is too small for any heap is the limit's matter, and is said there.
  if (heapMib < 64 && !isHeap) return []
  if (heapMib < 64)
    return say(`Find what ${unit} keeps: no bigger heap fits`, `Below ${what} ${heapMib} MiB fit: ${sum}.`)
  const liveMib = liveHeapMib(finding, facts) ?? external?.liveHeapMib ?? null
  if (liveMib !== null && heapMib < 1.2 * liveMib)
    return say(
      `Find what ${unit} keeps in its heap`,
      `A heap flag does not help: ${heapMib} MiB fit below ${what}, and ${liveMib} MiB were live after the last collection.`,
    )
  if (!isHeap && currentMib !== null && currentMib <= heapMib)
    return say(
      `Measure the memory of ${unit} outside its heap`,
      `The heap limit of ${currentMib} MiB${fix.hasFlag ? '' : ` (Node ${fix.version?.text ?? ''} takes it without a flag)`} fits below ${what} and was not what was met, so Buffers, native code or the allocator hold the rest. A heap flag does nothing for those.`,
    )
  if (isHeap && currentMib !== null && heapMib <= currentMib)
    return say(
      `Find what ${unit} keeps: no bigger heap fits`,
      `Its heap may have ${currentMib} MiB already, and ${heapMib} MiB fit below ${what}: ${sum}.`,
    )
  if (currentMib === heapMib) return []
  const manager = supervisorOf(unit)
  if (manager?.keepsEnvironment === true)
    return say(
      `Set --max-old-space-size=${heapMib} for the apps of ${unit} in ${manager.settings}`,
      `${sum}. ${manager.name} starts its apps with the environment it has stored, so a drop-in of ${unit} would not reach them.`,
    )
  const options = nodeOptionsOf(view, facts)
  if (!options.known || !isOnlyHeapFlag(options.value)) return [byHand(unit, heapMib, sum, options)]
  return [heapDropIn(fix)]
}

const byHand = (unit: string, heapMib: number, sum: string, options: ReturnType<typeof nodeOptionsOf>): Remedy =>
  advice({
    id: 'node-heap',
    title: `Set --max-old-space-size=${heapMib} for ${unit} by hand`,
    because: `${sum}. A drop-in would replace NODE_OPTIONS, ${
      options.known
        ? 'which holds other options already'
        : 'and whether it holds other options is not known (an environment file, or unit files that were not read)'
    }: merge it where it is set.`,
  })

const heapDropIn = (fix: HeapFix): Remedy => {
  const { finding, facts, view, limitMib, heapMib } = fix
  const { unit } = view
  const host = hostView(facts)
  const protectedBecause = whyProtected(unit, view.state?.delegate ?? null)
  const whole = heapMib * fix.programs
  return dropInRemedy({
    id: 'node-heap',
    title: `Set the heap of ${unit} to ${heapMib} MiB`,
    unit,
    topic: 'node',
    settings: [{ key: 'Environment', value: `NODE_OPTIONS=--max-old-space-size=${heapMib}`, because: fix.sum }],
    because:
      finding.kind === 'v8-heap' ? `The heap ran full, and ${fix.what} leaves space for this one.` : whyItOutgrows(fix),
    checks: [
      {
        check: 'the unit may be changed',
        holds: protectedBecause === null,
        detail: protectedBecause ?? `${unit} is neither a way in nor an engine that runs others`,
      },
      {
        check: 'the heap fits the limit',
        holds: whole < limitMib,
        detail: `${fix.programs > 1 ? `${fix.programs} x ${heapMib} MiB = ` : ''}${whole} MiB of ${limitMib} MiB`,
      },
      { check: 'NODE_OPTIONS holds nothing else', holds: true, detail: 'no other option is set in the unit files' },
      versionCheck(['Environment'], host.systemdVersion),
      precedenceCheck(view, 'node', ['Environment']),
    ],
    warnings: [
      ...(fix.isMeasured ? [] : ['External memory was not measured; a quarter of the limit was left for it.']),
      'Each Node program of the unit, npm too, gets this heap limit, and each worker thread one of its own.',
    ],
    confidence: 'low',
    cgroupFiles: [],
  })
}

const whyItOutgrows = ({ version, currentMib, limitMib, hasFlag, heapMib }: HeapFix): string => {
  if (hasFlag && currentMib !== null)
    return `A heap of ${currentMib} MiB does not fit below ${limitMib} MiB: the kernel kills before Node collects.`
  if (version === null || currentMib === null)
    return 'Node before 20 does not see a control group limit, and no version sees that of a parent: without a flag it believes in a heap of 2 to 4 GiB and is killed instead of collecting.'
  return `Node ${version.text} takes a heap of ${currentMib} MiB without a flag, and ${heapMib} MiB fit: it is killed instead of collecting.`
}

/** Live heap after the last collection before the end, from V8's own lines. */
const liveHeapMib = (finding: Finding, facts: FactView): number | null => {
  if (finding.kind !== 'v8-heap') return null
  const cited = new Set(finding.citations.map((citation) => `${citation.evidence}:${citation.line}`))
  for (const item of facts.all(logParser)) {
    for (const event of eventsOf(item.facts, 'v8-heap')) {
      const isThis = event.cited.some((line) => cited.has(`${item.evidence}:${line.line}`))
      if (isThis && event.usedBytes !== null) return mib(event.usedBytes)
    }
  }
  return null
}
