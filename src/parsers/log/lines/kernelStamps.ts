import type { Head, Layer } from './head.ts'
import { isoToMs, setSource, setTime } from './head.ts'

const BRACKET_ISO = /^\[(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?: ?(?:Z|UTC|[+-]\d\d:?\d\d))?)\]:? {0,2}/

/** What programs print in brackets is theirs to read; here it is the kernel that speaks, or speaks next. */
const BEFORE_BOOT_STAMP = /^\[([^[\]]{1,40} \d\d:\d\d:\d\d)\] (?=\[ {0,12}\d{1,10}\.\d{3,9}\])/u

/** `kern: info: [2026-11-12T09:15:02.123Z]: ` of Talos, and a collector's stamp before the kernel's own. */
export const bracketIsoStamp: Layer = (head) => {
  const match = (head.source === 'kernel' ? BRACKET_ISO.exec(head.text) : null) ?? BEFORE_BOOT_STAMP.exec(head.text)
  if (match === null) return false
  head.text = head.text.slice(match[0].length)
  setTime(head, match[1] ?? '', isoToMs(match[1] ?? ''))
  return true
}

const LABEL =
  /^\[([^[\]]{1,60})\] {1,4}(?=\[ {0,12}\d{1,10}\.\d{3,9}\] |(?:Memory cgroup o|O)ut of memory: Kill|oom-kill:constraint=|Killed process \d|.{1,15} invoked oom-killer: gfp)/

/** What somebody set in brackets before a kernel's line: `[dmesg of node1] [ 18.104] …`, `[Tue Sep 16 03:14:22] Out of …`. */
export const labelPrefix: Layer = (head) => {
  const match = LABEL.exec(head.text)
  if (match === null) return false
  head.text = head.text.slice(match[0].length)
  if (/\d\d:\d\d:\d\d$/.test(match[1] ?? '')) setTime(head, match[1] ?? '', null)
  head.stamped = true
  return true
}

/** Samsung's `  [2:   Binder:711_1:  740] `, MediaTek's ` -(1)[71:kswapd0]` and `<0>.(2)[71:kswapd0]`. */
const SAMSUNG = /^ {0,2}[-A-Z]?\[ {0,3}\d{1,3}: {0,16}[^\][]{1,40}: {0,8}(\d{1,7})\] ?/
const MEDIATEK = /^ {0,2}(?:<\d>\.)?-?\(\d{1,3}\)\[ {0,8}(\d{1,7}):[^\][]{1,40}\] ?/

/** Vendors of telephones print who speaks behind the stamp; lines with the same one belong together. */
export const takeVendorCaller = (head: Head): void => {
  const match = SAMSUNG.exec(head.text) ?? MEDIATEK.exec(head.text)
  if (match === null) return
  head.caller = `T${match[1] ?? ''}`
  head.text = head.text.slice(match[0].length)
}

/** How the lines of a kernel's report begin. */
export const KERNEL_TEXT = String.raw`(?:(?:Memory cgroup o|O)ut of [Mm]emory|Killed process \d|Task in \/|oom-kill:|oom_reaper:|SLUB: |.{1,40} invoked oom-killer:|.{1,60} allocation failure|CPU: \d|Pid: \d|Call [Tt]race:| {0,4}(?:\? )?[\w.]{2,80}\+0x|Mem-[Ii]nfo:|active_anon:|(?:Node \d{1,4} )?(?:DMA|DMA32|Normal|HighMem|Movable) free:|Node \d{1,4} active_anon:|lowmem_reserve\[|(?:Free|Total) swap |\d{1,15} pages |(?:memory|memory\+swap|swap|kmem): usage \d|Memory cgroup stats for|Tasks? (?:in \/|state)|\[ {0,10}(?:pid|\d{1,10}) {0,3}\] )`

const KERNEL_WORD = new RegExp(String.raw`^(?:[\w.-]{1,64} )?kernel: ?(?=\[ {0,12}\d{1,10}\.\d|${KERNEL_TEXT})`)

/** `kernel: ` and `host kernel: ` where a copy lost the stamp in front. */
export const kernelWord: Layer = (head) => {
  const match = KERNEL_WORD.exec(head.text)
  if (match === null) return false
  head.text = head.text.slice(match[0].length)
  head.stamped = true
  if (head.source === null && !head.boxed) head.source = 'kernel'
  return true
}

const SYSTEMD = /^(systemd(?:-[a-z-]{1,40})?)\[(\d{1,10})\]: /

/** Before journald runs, and when it does not, systemd writes into the kernel's ring. */
export const takeRingSpeaker = (head: Head): void => {
  const systemd = SYSTEMD.exec(head.text)
  if (systemd === null) head.source = 'kernel'
  else {
    setSource(head, systemd[1] ?? '', Number(systemd[2]))
    head.text = head.text.slice(systemd[0].length)
  }
}
