import type { Head, Layer } from './head.ts'
import { setSource, setTime } from './head.ts'

const UNTAGGED =
  /^[^\s:[\]]{1,64} (?=.{1,15} invoked oom-killer: gfp|\[<[0-9a-f]{6,16}>\] |Mem-[Ii]nfo:$|(?:Node \d{1,4} )?(?:DMA|DMA32|Normal|HighMem)(?: per-cpu:| free:\d|: \d{1,9}\*)|CPU {1,5}\d{1,4}: (?:Hot|hi): |Active:\d|active_anon:\d|free:\d|lowmem_reserve\[\]:|Swap cache|Free swap|Total swap|(?:Memory cgroup o|O)ut of [Mm]emory: [Kk]ill|oom-kill:constraint=)/

/** Some daemons print the host and no program: what follows can only be the kernel's. */
export const takeUntaggedHost = (head: Head): boolean => {
  const match = UNTAGGED.exec(head.text)
  if (match === null) return false
  head.text = head.text.slice(match[0].length)
  setSource(head, 'kernel', null)
  return true
}

const CLOCK = /^(\d\d:\d\d:\d\d(?:[.,]\d{1,9})?) (?:\S{1,255} )?kernel: /

/** `09:15:02 kernel: ` where a copy left the day out. */
export const clockStamp: Layer = (head) => {
  const match = CLOCK.exec(head.text)
  if (match === null) return false
  head.text = head.text.slice(match[0].length)
  setTime(head, match[1] ?? '', null)
  setSource(head, 'kernel', null)
  return true
}

const CSV = /^(?:\d{1,12},){1,4}([A-Z][a-z]{2}),(\d{1,2}),(\d\d:\d\d:\d\d),[^,\s]{1,255},([^,\s]{1,100}),(\d{0,10}),/
/** The message's column ends at the next comma, or where its quotation marks do. */
const CSV_MESSAGE = /^(?:"((?:[^"]|"")*)"(?:,|$)|([^,]*),)/

/** A syslog taken apart into the columns of a table: `4711,Nov,12,09:15:02,host,kernel,,Out of memory: …,…`. */
export const csvStamp: Layer = (head) => {
  const match = CSV.exec(head.text)
  if (match === null) return false
  head.text = head.text.slice(match[0].length)
  setTime(head, `${match[1]} ${match[2]} ${match[3]}`, null)
  setSource(head, match[4] ?? '', match[5] === '' ? null : Number(match[5]))
  const message = CSV_MESSAGE.exec(head.text)
  if (message !== null) head.text = message[1]?.replaceAll('""', '"') ?? message[2] ?? ''
  return true
}

const PHP = /^\[(\d\d-[A-Z][a-z]{2}-\d{4} \d\d:\d\d:\d\d(?:\.\d{1,9})?)(?: ([A-Za-z/_+-]{1,40}))?\] ?/

/** PHP's and FPM's `[12-Nov-2026 09:15:02 UTC] `. */
export const phpStamp: Layer = (head) => {
  const match = PHP.exec(head.text)
  if (match === null) return false
  head.text = head.text.slice(match[0].length)
  const utc = match[2] === 'UTC' || match[2] === 'GMT'
  const ms = utc ? Date.parse(`${(match[1] ?? '').replaceAll('-', ' ')} UTC`) : Number.NaN
  setTime(head, match[0].trim().slice(1, -1), Number.isNaN(ms) ? null : ms)
  return true
}
