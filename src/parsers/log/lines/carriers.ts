import { STAMPED } from './decorations.ts'
import type { Head, Layer } from './head.ts'

/**
 * What tools that carry other machines' logs set in front of a kernel's line: a virtual machine's log, a netconsole
 * receiver, a parallel shell, a log query. Taken off only where the kernel's own stamp follows.
 */
const KERNEL_STAMP =
  /(?:<\d{1,3}>)?\[(?: {0,6}\d{1,7}\.\d{6}|[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4})\] /y
/** Further in front it is a sentence. */
const LONGEST = 100
const MAX_WORDS = 6

/** `In(05) vcpu-5 - Guest: <4>[39261021.091603] …`, `10.2.0.17:6666 [ 12.345678] …`, `node[3]: [Thu Nov 12 …] …` */
export const beforeKernelStamp: Layer = (head) => {
  const { text } = head
  if (head.source !== null || head.bootSeconds !== null) return false
  for (let at = text.indexOf('[', 1); at > 0 && at <= LONGEST; at = text.indexOf('[', at + 1)) {
    const from = text.charAt(at - 1) === '>' ? text.lastIndexOf('<', at) : at
    KERNEL_STAMP.lastIndex = from
    if (from < 1 || !KERNEL_STAMP.test(text)) continue
    if (text.slice(0, from).trim().split(/\s+/).length > MAX_WORDS) return false
    head.text = text.slice(from)
    return true
  }
  return false
}

const take =
  (regex: RegExp, isMessage: (head: Head) => boolean): Layer =>
  (head) => {
    const match = isMessage(head) ? null : regex.exec(head.text)
    if (match === null) return false
    head.text = head.text.slice(match[0].length)
    return true
  }

/** `cat -n`, `nl` and `less -N` number the lines; a syslog over TCP tells their length: `153 <4>1 2026-11-12T…`. */
export const lineNumber: Layer = take(
  new RegExp(String.raw`^\d{1,7}[\t ]{1,8}(?=${STAMPED}|<\d{1,3}>1 \d{4}-)`, 'u'),
  (head) => head.source !== null,
)

/**
 * `web1: Nov 12 09:15:02 …`, `web1 | …` and `[web1] out: …` of a shell that asks many hosts, a stream's name behind a
 * time; the log's own speaker must follow.
 */
export const hostPrefix: Layer = take(
  /^(?:[\w.@-]{1,100}(?:\[\d{1,6}\])?(?::| [|>])?|\[[\w.@:-]{1,100}\](?: out:| err:)?)[ \t]{1,4}(?=(?:[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d\S{0,20}) \S{1,255} (?:kernel|systemd|dockerd|containerd|kubelet|systemd-oomd|earlyoom)(?:\[\d{1,10}\])?: )/,
  (head) => head.source !== null,
)

/** `1794474902113\t2026-11-12T09:15:02.113Z\t…` of a dashboard's export: the same time twice. */
export const epochBefore: Layer = take(
  new RegExp(String.raw`^\d{10}(?:\d{3}|\d{6}|\d{9})?[\t,;] ?(?=${STAMPED})`, 'u'),
  (head) => head.source !== null,
)

/** The labels of a stream, as `logcli` prints them behind the time: `{job="kernel", host="web1"} …`. */
export const labelSet: Layer = take(
  /^\{[A-Za-z_]\w{0,60}="[^"]{0,400}"(?:, ?[A-Za-z_]\w{0,60}="[^"]{0,400}"){0,20}\}\s{1,8}/,
  (head) => head.source !== null,
)
