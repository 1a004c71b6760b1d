import type { Finding } from '../domain/finding.ts'
import type { Remedy } from '../domain/remedy.ts'
import type { FactView } from '../parsers/facts.ts'
import { eventsOf, logParser } from '../parsers/log/log.ts'
import { advice, dropInRemedy, versionCheck } from './dropIn.ts'
import { precedenceCheck } from './harmChecks.ts'
import { hostView } from './hostView.ts'
import { heapForLimit, heapOf, isOnlyHeapFlag, nodeOptionsOf } from './nodeFlags.ts'
import type { RemedyMaker } from './remedy.ts'
import { mib, sizingOf } from './sizing.ts'
import { whyProtected } from './target.ts'
import { limitInForce, unitView, type UnitView } from './unitView.ts'

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
    const sizing = sizingOf(unit, facts, null)
    const limitMib = typeof inForce === 'number' ? mib(inForce) : (sizing.room?.mib ?? null)
    const snapshot = finding.kind === 'v8-heap' ? [snapshotAdvice(unit)] : []
    if (limitMib === null) return snapshot
    const heapMib = heapForLimit({ limitMib, nodeMajor: null, externalMib: null, workers: 0 })
    return [
      ...heapRemedies({ finding, facts, view, limitMib, heapMib, isLimit: typeof inForce === 'number' }),
      ...snapshot,
    ]
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
  readonly heapMib: number
  /** False when the number is the host's room, not a limit in force. */
  readonly isLimit: boolean
}

const heapRemedies = (fix: HeapFix): readonly Remedy[] => {
  const { finding, facts, view, limitMib, heapMib } = fix
  const { unit } = view
  const current = heapOf(view, facts)
  const what = fix.isLimit ? `the limit of ${limitMib} MiB` : `the host's room of ${limitMib} MiB`
  const sum = `0.9 x (${limitMib} - 64 base - ${Math.round(limitMib / 4)} external (not measured, a quarter) - 48 young), rounded down to 32`
  if (heapMib < 64)
    return [
      advice({
        id: 'node-heap',
        title: `Give ${unit} more memory or fewer workers`,
        because: `No heap fits below ${what}: ${sum} is ${heapMib} MiB.`,
      }),
    ]
  const liveMib = liveHeapMib(finding, facts)
  if (liveMib !== null && heapMib < 1.2 * liveMib)
    return [
      advice({
        id: 'node-heap',
        title: `Find what ${unit} keeps in its heap`,
        because: `A heap flag does not help: ${heapMib} MiB fit below ${what}, and ${liveMib} MiB were live after the last collection.`,
      }),
    ]
  if (current !== null && finding.kind === 'memcg-oom' && current <= heapMib)
    return [
      advice({
        id: 'node-heap',
        title: `Measure the memory of ${unit} outside its heap`,
        because: `The heap limit of ${current} MiB fits below ${what} and was not what was met, so Buffers, native code or the allocator hold the rest. A heap flag does nothing for those.`,
      }),
    ]
  if (current === heapMib) return []
  const options = nodeOptionsOf(view, facts)
  if (!options.known || !isOnlyHeapFlag(options.value)) return [byHand(unit, heapMib, sum, options)]
  return [heapDropIn(fix, sum)]
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

const heapDropIn = ({ finding, facts, view, limitMib, heapMib, isLimit }: HeapFix, sum: string): Remedy => {
  const { unit } = view
  const host = hostView(facts)
  const delegate = view.state?.delegate ?? null
  const protectedBecause = whyProtected(unit, delegate)
  return dropInRemedy({
    id: 'node-heap',
    title: `Set the heap of ${unit} to ${heapMib} MiB`,
    unit,
    topic: 'node',
    settings: [{ key: 'Environment', value: `NODE_OPTIONS=--max-old-space-size=${heapMib}`, because: sum }],
    because:
      finding.kind === 'v8-heap'
        ? `The heap ran full, and ${isLimit ? `the limit of ${limitMib} MiB` : `the host's room of ${limitMib} MiB`} leaves space for this one.`
        : 'Node before 20 does not see a control group limit, and no version sees that of a parent: without a flag it believes in a heap of 2 to 4 GiB and is killed instead of collecting.',
    checks: [
      {
        check: 'the unit may be changed',
        holds: protectedBecause === null,
        detail: protectedBecause ?? `${unit} is neither a way in nor an engine that runs others`,
      },
      { check: 'the heap fits the limit', holds: heapMib < limitMib, detail: `${heapMib} MiB of ${limitMib} MiB` },
      { check: 'NODE_OPTIONS holds nothing else', holds: true, detail: 'no other option is set in the unit files' },
      versionCheck(['Environment'], host.systemdVersion),
      precedenceCheck(view, 'node', ['Environment']),
    ],
    warnings: ['External memory was not measured; a quarter of the limit was left for it.'],
    confidence: 'low',
    cgroupFiles: [],
  })
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
