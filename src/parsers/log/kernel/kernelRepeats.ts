import type { LogLine } from '../lines/line.ts'

/** A screen or two of a terminal: what was copied twice overlaps by no more. Arbitrary. */
const KEPT = 256

/** Whether a line was there a moment ago, to the microsecond and the letter: then somebody copied it twice. */
export const copiedTwice = (): ((line: LogLine) => boolean) => {
  const kept = new Set<string>()
  return ({ time, text, caller, source }) => {
    if (time.bootSeconds === null) return false
    const key = `${time.bootSeconds} ${caller ?? ''} ${source ?? ''} ${text}`
    if (kept.has(key)) return true
    kept.add(key)
    const oldest = kept.size > KEPT ? kept.values().next().value : undefined
    if (oldest !== undefined) kept.delete(oldest)
    return false
  }
}
