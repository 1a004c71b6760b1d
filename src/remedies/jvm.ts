import type { FactView } from '../parsers/facts.ts'
import { eventsOf, logParser } from '../parsers/log/log.ts'
import type { JvmOomEvent } from '../parsers/log/programs/runtimeEvents.ts'
import { advice } from './dropIn.ts'
import type { RemedyMaker } from './remedy.ts'
import { mib } from './sizing.ts'
import { limitInForce, unitView } from './unitView.ts'

/** Which flag belongs to which pool; the wrong one changes nothing (oom.md 1.3). */
const POOLS: Readonly<
  Record<Exclude<JvmOomEvent['pool'], 'unnamed'>, { readonly name: string; readonly flag: string }>
> = {
  heap: { name: 'the heap', flag: '-Xmx' },
  'gc-overhead': { name: 'the heap (collections took nearly all the time)', flag: '-Xmx' },
  metaspace: { name: 'the metaspace', flag: '-XX:MaxMetaspaceSize' },
  'class-space': { name: 'the compressed class space', flag: '-XX:CompressedClassSpaceSize' },
  'array-size': { name: 'no pool: one array was larger than the VM can make, which is a bug', flag: 'no flag' },
  direct: { name: 'direct buffers, outside the heap', flag: '-XX:MaxDirectMemorySize' },
}

/** Heap of at most 0.7 of the limit: metaspace, direct buffers, threads and code need the rest (oom.md 4.6). */
export const maxHeapFor = (limitMib: number): number => Math.floor((0.7 * limitMib) / 64) * 64

export const jvmMaker: RemedyMaker = {
  id: 'jvm',
  answers: ['jvm-heap'],
  propose: (finding, facts) => {
    const pool = poolOf(finding.citations, facts)
    const known = pool === null || pool === 'unnamed' ? null : POOLS[pool]
    const limit = finding.unit === null ? null : limitInForce(unitView(finding.unit, facts))
    const fits =
      typeof limit === 'number'
        ? ` Below the limit of ${mib(limit)} MiB at most -Xmx${maxHeapFor(mib(limit))}m fits.`
        : ''
    return [
      advice({
        id: 'jvm',
        title: `Take a heap dump of ${finding.unit ?? 'the Java program'} and find what is kept`,
        because:
          known === null
            ? `The log does not say which pool was full, and each has its own flag.${fits}`
            : `What was full: ${known.name}. Its flag: ${known.flag}.${fits} A JVM usually survives this: only the thread ends. Add -XX:+ExitOnOutOfMemoryError if a restart is better than half a program.`,
      }),
    ]
  },
}

const poolOf = (
  citations: readonly { readonly evidence: string; readonly line: number }[],
  facts: FactView,
): JvmOomEvent['pool'] | null => {
  const cited = new Set(citations.map((citation) => `${citation.evidence}:${citation.line}`))
  for (const item of facts.all(logParser))
    for (const event of eventsOf(item.facts, 'jvm-oom'))
      if (event.cited.some((line) => cited.has(`${item.evidence}:${line.line}`))) return event.pool
  return null
}
