import type { LogEvent } from '../events.ts'
import type { LogLine } from '../lines/line.ts'
import type { Recognizer } from '../recognizer.ts'
import type { FullCollection, V8GcTraceEvent } from './runtimeEvents.ts'
import { citedLine, isKernelLine, toldBy } from '../telling.ts'

/**
 * `node --trace-gc`, Node 12 to 24. MB are MiB; the isolate's address tells main thread and workers apart:
 *   [341:0x11d33000]    16628 ms: Mark-Compact (reduce) 63.2 (65.4) -> 61.8 (64.4) MB, pooled: 0 MB, 871.13 / 0.00 ms …
 * Only full collections say what is really held, and fewer than five say nothing.
 */
export const traceGcRecognizer: Recognizer = {
  id: 'trace-gc',
  start: () => {
    const lives = new Map<string, Life>()
    const done: Life[] = []
    return {
      accept: (line) => {
        if (isKernelLine(line)) return
        for (const collection of collectionsIn(line.text)) addTo(lives, done, line, collection)
      },
      finish: (): readonly LogEvent[] =>
        [...done, ...lives.values()]
          .filter((life) => life.fullCount >= MIN_FULL)
          .map((life) => eventOf(life))
          .sort((a, b) => (a.cited[0]?.line ?? 0) - (b.cited[0]?.line ?? 0)),
    }
  },
}

/** Fewer full collections show no trend (reference: Node heap evidence). */
const MIN_FULL = 5
/** Kept per life; more are thinned evenly. Arbitrary, enough for a chart. */
const MAX_KEPT = 400

export interface Collection {
  readonly pid: number
  readonly isolate: string
  readonly uptimeMs: number
  readonly isFull: boolean
  readonly usedMib: number
  readonly committedMib: number
  readonly mu: number | null
  readonly isExternal: boolean
}

const HEAD =
  /\[(\d{1,10}):(0x[0-9a-f]{1,16}|[0-9A-F]{12,16})\]\s{1,12}(\d{1,12}) ms: ([A-Z][A-Za-z -]{2,40}?(?: \(reduce\))?) [\d.]{1,12} \([\d.]{1,12}\) -> ([\d.]{1,12}) \(([\d.]{1,12})\) MB/g

/** Lines may be glued together, so every collection in the text is read up to the next. */
export const collectionsIn = (text: string): readonly Collection[] => {
  if (!text.includes(' ms: ')) return []
  const heads = [...text.matchAll(HEAD)]
  return heads.map((head, index) => {
    const rest = text.slice(head.index + head[0].length, heads[index + 1]?.index)
    const mu = /average mu = [\d.]{1,10}, current mu = ([\d.]{1,10})/.exec(rest)?.[1]
    return {
      pid: Number(head[1]),
      isolate: head[2] ?? '',
      uptimeMs: Number(head[3]),
      isFull: /^Mark-(?:sweep|Compact)/i.test(head[4] ?? ''),
      usedMib: Number(head[5]),
      committedMib: Number(head[6]),
      mu: mu === undefined ? null : Number(mu),
      isExternal: rest.includes('external memory pressure') || rest.includes('external memory limit'),
    }
  })
}

interface Life {
  readonly first: LogLine
  last: LogLine
  readonly pid: number
  readonly isolate: string
  lastUptimeMs: number
  full: FullCollection[]
  fullCount: number
  keepEvery: number
  minorCount: number
  externalPressureCount: number
}

const MIB = 1024 * 1024

const addTo = (lives: Map<string, Life>, done: Life[], line: LogLine, collection: Collection): void => {
  const key = `${collection.pid}:${collection.isolate}`
  const known = lives.get(key)
  // The uptime falls when a new process got the same pid and address: another life.
  const isNew = known === undefined || collection.uptimeMs < known.lastUptimeMs
  if (known !== undefined && isNew && known.fullCount >= MIN_FULL) done.push(known)
  const life = isNew ? newLife(line, collection) : known
  if (isNew) lives.set(key, life)
  life.last = line
  life.lastUptimeMs = collection.uptimeMs
  if (collection.isExternal) life.externalPressureCount += 1
  if (collection.isFull) addFull(life, collection)
  else life.minorCount += 1
}

const newLife = (line: LogLine, collection: Collection): Life => ({
  first: line,
  last: line,
  pid: collection.pid,
  isolate: collection.isolate,
  lastUptimeMs: collection.uptimeMs,
  full: [],
  fullCount: 0,
  keepEvery: 1,
  minorCount: 0,
  externalPressureCount: 0,
})

const addFull = (life: Life, collection: Collection): void => {
  if (life.fullCount % life.keepEvery === 0) {
    life.full.push({
      uptimeMs: collection.uptimeMs,
      usedBytes: Math.round(collection.usedMib * MIB),
      committedBytes: Math.round(collection.committedMib * MIB),
      mu: collection.mu,
    })
  }
  life.fullCount += 1
  if (life.full.length <= MAX_KEPT) return
  life.full = life.full.filter((_, index) => index % 2 === 0)
  life.keepEvery *= 2
}

const eventOf = (life: Life): V8GcTraceEvent => ({
  type: 'v8-gc-trace',
  ...toldBy(life.first),
  cited:
    life.first.number === life.last.number ? [citedLine(life.first)] : [citedLine(life.first), citedLine(life.last)],
  pid: life.pid,
  isolate: life.isolate,
  full: life.full,
  fullCount: life.fullCount,
  minorCount: life.minorCount,
  externalPressureCount: life.externalPressureCount,
})
