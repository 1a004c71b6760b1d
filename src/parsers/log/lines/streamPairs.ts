import type { Head } from './head.ts'
import { setTime } from './head.ts'
import type { ExportReader } from './journalExport.ts'
import { stripPrefixes } from './prefix.ts'

const NANOSECONDS = /^\s{0,40}"(\d{19})",\s{0,4}$/
const TEXT = /^\s{0,40}("(?:[^"\\]|\\.){0,60000}")\s{0,4}$/

/**
 * Loki's answer with one value on a line: when, in nanoseconds, and what was logged.
 *   "1794474902113471000",
 *   "oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),…"
 */
export const pairReader = (): ExportReader => {
  let nanoseconds: string | null = null
  let complete: { head: Head; number: number; raw: string } | null = null
  return {
    take: (line, number) => {
      const before = nanoseconds
      nanoseconds = line.endsWith('",') && line.length < 70 ? (NANOSECONDS.exec(line)?.[1] ?? null) : null
      if (nanoseconds !== null) return true
      const literal = before === null ? undefined : TEXT.exec(line)?.[1]
      if (literal === undefined) return false
      const head = stripPrefixes(textOf(literal))
      const ms = Math.floor(Number(before) / 1e6)
      setTime(head, new Date(ms).toISOString(), ms)
      head.boxed = true
      complete = { head, number, raw: line }
      return true
    },
    ready: () => {
      const ready = complete
      complete = null
      return ready
    },
    end: () => {},
  }
}

const textOf = (literal: string): string => {
  try {
    return (JSON.parse(literal) as string).replace(/\n$/, '')
  } catch {
    return literal.slice(1, -1)
  }
}
