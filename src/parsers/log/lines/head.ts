/** What is known about a line while its prefixes are taken off, one layer after the other, from the outside in. */
export interface Head {
  text: string
  source: string | null
  sourcePid: number | null
  atMs: number | null
  atText: string | null
  bootSeconds: number | null
  caller: string | null
  quoted: boolean
  unit: string | null
  messageId: string | null
  /** A time stamp or a program's name was found: this is a line of its own, not the rest of a wrapped one. */
  stamped: boolean
  /** A JSON log line: what stands in it was written by some program, even if no name is given. */
  boxed: boolean
  /** The container runtime cut the line; the rest follows. */
  partial: boolean
}

/** One kind of prefix: takes it off the head's text and says whether it was there. Every pattern is anchored and bounded. */
export type Layer = (head: Head) => boolean

/** A fresh head: nothing taken off yet. */
export const headOf = (text: string): Head => ({
  text,
  source: null,
  sourcePid: null,
  atMs: null,
  atText: null,
  bootSeconds: null,
  caller: null,
  quoted: false,
  unit: null,
  messageId: null,
  stamped: false,
  boxed: false,
  partial: false,
})

/** The outermost stamp and source win: a quoted line is never newer than its quoter. */
export const setTime = (head: Head, atText: string, atMs: number | null): void => {
  head.stamped = true
  if (head.atText !== null && !(head.atMs === null && atMs !== null && !head.quoted)) return
  head.atText = atText
  head.atMs = atMs
}

/** A second, different program's name inside the first one's line means that the line quotes it. */
export const setSource = (head: Head, source: string, pid: number | null): void => {
  head.stamped = true
  if (head.source === null) {
    head.source = source
    head.sourcePid = pid
  } else if (head.source !== source) head.quoted = true
}

const ISO = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:[.,](\d{1,9}))?\s?(Z|UTC|GMT|[+-]\d\d(?::?\d\d)?)?$/

/** Milliseconds since the epoch of an ISO-like stamp; null when it has no zone or is no date. */
export const isoToMs = (stamp: string): number | null => {
  const match = ISO.exec(stamp)
  if (match === null || match[4] === undefined) return null
  const zone = match[4].startsWith('+') || match[4].startsWith('-') ? offsetOf(match[4]) : 'Z'
  const fraction = match[3] === undefined ? '' : `.${match[3].slice(0, 3).padEnd(3, '0')}`
  const ms = Date.parse(`${match[1]}T${match[2]}${fraction}${zone}`)
  return Number.isNaN(ms) ? null : ms
}

const offsetOf = (zone: string): string => {
  const digits = zone.slice(1).replace(':', '').padEnd(4, '0')
  return `${zone.slice(0, 1)}${digits.slice(0, 2)}:${digits.slice(2)}`
}

/** The line was a value inside some other record, and this is it. */
export const box = (head: Head, text: string): void => {
  head.text = text
  head.boxed = true
  head.stamped = true
}
