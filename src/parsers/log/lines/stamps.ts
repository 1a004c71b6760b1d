import type { Head, Layer } from './head.ts'
import { isoToMs, setSource, setTime } from './head.ts'
import { takeFacilityWord } from './deviceStamps.ts'
import { takeRingSpeaker, takeVendorCaller } from './kernelStamps.ts'
import { takeUntaggedHost } from './plainStamps.ts'

const take = (head: Head, match: RegExpExecArray): void => {
  head.text = head.text.slice(match[0].length)
}

/** `host program[pid]: `; a host's name does not end in a colon, a program's has no blank. */
const HOST_PROGRAM = /^(\S{0,254}[^\s:]) ((?:\([^\s()]{1,60}\)|[^\s:[\]]{1,100}))(?:\[(?:(\d{1,10})|-)\])?: ?/
const PROGRAM = /^([^\s:[\]]{1,100})(?:\[(?:(\d{1,10})|-)\])?: ?/
const LEVEL = /^\[?(?:trace|debug|info|notice|warn|warning|error|err|fatal|crit|critical|alert|emerg)\]?$/i

/** The rest of a stamp, and the mark GitLab sets behind one. */
const NO_HOST = /^(?:[AP]M|UTC|GMT|BST|MSK|JST|IST|C[ES]T|CEST|EES?T|E[SD]T|P[SD]T|M[SD]T|WES?T|AE[SD]T|\d\d[OE]\+?)$/

/** The name after a syslog stamp; a log level in the host's place means an application's own line. */
const takeProgram = (head: Head): boolean => {
  if (takeFacilityWord(head)) {
    takeBareProgram(head)
    return true
  }
  const match = HOST_PROGRAM.exec(head.text)
  const host = match?.[1]
  if (
    match !== null &&
    host !== undefined &&
    !LEVEL.test(host) &&
    !NO_HOST.test(host) &&
    (!host.startsWith('[') || match[2] === 'kernel')
  ) {
    setSource(head, match[2] ?? '', match[3] === undefined ? null : Number(match[3]))
    take(head, match)
    return true
  }
  return false
}

const takeBareProgram = (head: Head): void => {
  const match = PROGRAM.exec(head.text)
  if (match === null || LEVEL.test(match[1] ?? '')) return
  setSource(head, match[1] ?? '', match[2] === undefined ? null : Number(match[2]))
  take(head, match)
}

// Some vendors print the boot's number in front, or the processor's behind.
const BOOT = /^\[(?:\d{1,3}-)? {0,12}(\d{1,10}\.\d{1,9})(?: <[ \d.]{1,24}>|[@,]\d{1,3})?\] ?/
/** The copy began inside the stamp: what is left of the number is no time. */
const TORN_BOOT = /^\d{0,9}\.\d{6}\] (?=[A-Za-z_[])/
const CALLER = /^\[ {0,12}([TC]\d{1,10})(?:@C\d{1,4})?\] ?/
const MONOTONIC_HOST = /^(?:\S{1,255}) (?:kernel:(?: |$)|(?:\([^\s()]{1,60}\)|[^\s:[\]]{1,100})\[\d{1,10}\]: )/

/** dmesg's `[   12.713120] `, with caller id, and journalctl's short-monotonic, which adds host and program. */
export const bootStamp: Layer = (head) => {
  const match = BOOT.exec(head.text)
  if (match === null) return false
  take(head, match)
  head.stamped = true
  head.bootSeconds ??= Number(match[1])
  if (head.atText === null) head.atText = match[0].trim()
  const caller = CALLER.exec(head.text)
  if (caller !== null) {
    head.caller = caller[1] ?? null
    take(head, caller)
  } else takeVendorCaller(head)
  if (head.source !== null || head.boxed) return true
  if (MONOTONIC_HOST.test(head.text) && !/\]: (?:segfault|general protection|trap)/.test(head.text.slice(0, 400))) {
    takeProgram(head)
  } else {
    takeRingSpeaker(head)
  }
  return true
}

// `[Mon Jan 26 01:49:41 2026] ` in the user's language: only its shape is known.
const CTIME = /^\[([^[\]:]{1,40} \d\d:\d\d:\d\d(\.\d{1,9})? \d{4})\] ?/u
/** Up to 2.2 Apache printed no fraction: its level tells it from dmesg. */
const OLD_APACHE =
  /^\[(?:emerg|alert|crit|error|warn|notice|info|debug)(?:\] (?:\[client [^\]\s]{1,60}\] )?| pid:\d{1,10} \w{1,40}\.c\(\d{1,6}\): )/
/** PHP's own web server and other programs set the same stamp in front of words that the kernel never says. */
const OF_A_PROGRAM =
  /^(?:PHP (?:Fatal|Warning|Notice|Parse|Deprecated|Startup)\b|(?:\d{1,3}(?:\.\d{1,3}){3}|\[::1\]):\d{1,5} |(?:FATAL|CRITICAL|ERROR|WARN|WARNING|INFO|DEBUG|NOTICE)[\]:\s]|Traceback \(|Exception |java\.\w|FATAL ERROR: |fatal error: |npm )/
const APACHE = /^\[[a-z_]{0,40}:[a-z0-9]{1,10}\] (?:\[pid (\d{1,10})(?::tid \d{1,20})?\] )?/

/** `dmesg -T`, and Apache's error log, which has the same shape with a fraction and a module behind it. */
export const ctimeStamp: Layer = (head) => {
  const match = CTIME.exec(head.text)
  if (match === null) return false
  take(head, match)
  setTime(head, match[1] ?? '', null)
  const apache = APACHE.exec(head.text) ?? (head.source === null ? OLD_APACHE.exec(head.text) : null)
  if (apache !== null) take(head, apache)
  else if (head.source === null && match[2] === undefined && !head.boxed && !OF_A_PROGRAM.test(head.text)) {
    takeRingSpeaker(head)
    const caller = CALLER.exec(head.text)
    if (caller !== null) {
      head.caller = caller[1] ?? null
      take(head, caller)
    }
  }
  return true
}

/** `05.506728] Task in /lxc …` as a copy's first line has it. */
export const tornBootStamp: Layer = (head) => {
  const match = TORN_BOOT.exec(head.text)
  if (match === null || head.stamped) return false
  take(head, match)
  head.stamped = true
  if (head.source === null && !head.boxed) head.source = 'kernel'
  return true
}

const RELATIVE = /^\[(?:[^\s[\]\d]{2,6} {0,2}\d{1,2} \d\d:\d\d| {0,6}\+\d{1,6}\.\d{6})\] ?/u

/** `dmesg -e`: `[Nov12 09:15] ` and `[  +0.000123] `. */
export const relativeStamp: Layer = (head) => {
  const match = RELATIVE.exec(head.text)
  if (match === null) return false
  take(head, match)
  setTime(head, match[0].trim(), null)
  if (head.source === null && !head.boxed) takeRingSpeaker(head)
  return true
}

const FACILITY =
  /^(kern|user|mail|daemon|auth|syslog|lpr|news|uucp|cron|authpriv|ftp|local[0-7]) {0,6}: {0,8}(?:emerg|alert|crit|err|error|warn|warning|notice|info|debug) {0,6}: /

/** `dmesg -x`. */
export const facilityPrefix: Layer = (head) => {
  const match = FACILITY.exec(head.text)
  if (match === null) return false
  take(head, match)
  head.stamped = true
  if (match[1] === 'kern' && head.source === null && !head.boxed) head.source = 'kernel'
  return true
}

const KMSG = /^(\d{1,6}),(\d{1,20}),(\d{1,18}),([-c+])(?:,caller=([TC]\d{1,10}))?[^;\s]{0,80};/

/** `/dev/kmsg`: priority, sequence, microseconds since boot, flags. */
export const kmsgPrefix: Layer = (head) => {
  const match = KMSG.exec(head.text)
  if (match === null) return false
  take(head, match)
  head.stamped = true
  head.bootSeconds ??= Number(match[3]) / 1e6
  head.caller = match[5] ?? head.caller
  // Facility 0 is the kernel; everything else was written into the ring by a program.
  if (Number(match[1]) >> 3 === 0 && head.source === null && !head.boxed) head.source = 'kernel'
  return true
}

const PRIORITY = /^<(\d{1,3})>(?!\d )/
const SYSLOG5424 = /^<\d{1,3}>\d{1,2} (\S{1,64}) (\S{1,255}) (\S{1,48}) (\S{1,128}) (\S{1,32}) /
const NO_STRUCTURE = /^-(?: |$)/
const STRUCTURE = /^\[(?:[^\]"\\]|"[^"]{0,1024}"|\\.){0,2048}\] ?/

/** `<4>` before a raw kernel line, and the whole RFC 5424 header. */
export const priorityPrefix: Layer = (head) => {
  const full = SYSLOG5424.exec(head.text)
  if (full !== null) {
    take(head, full)
    const stamp = full[1] ?? ''
    if (stamp !== '-') setTime(head, stamp, isoToMs(stamp))
    const pid = full[4] ?? ''
    setSource(head, full[3] ?? '', /^\d{1,10}$/.test(pid) ? Number(pid) : null)
    const rest = NO_STRUCTURE.exec(head.text) ?? STRUCTURE.exec(head.text)
    if (rest !== null) take(head, rest)
    return true
  }
  const match = PRIORITY.exec(head.text)
  if (match === null) return false
  take(head, match)
  head.stamped = true
  return true
}

const ISO =
  /^(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?: ?(?:Z|UTC|[+-]\d\d:?\d\d))?)(?:(?<=[+-]\d{4}) UTC)?[:,]?[ \t]/
const CRI = /^(?:stdout|stderr) ([PF])(?::\S{1,40})? /

/** journalctl's short-iso, rsyslog's file format, dmesg's iso (a comma before the fraction), CRI, and applications. */
export const isoStamp: Layer = (head) => {
  const match = ISO.exec(head.text)
  if (match === null) return false
  const stamp = match[1] ?? ''
  take(head, match)
  setTime(head, stamp, isoToMs(stamp))
  const cri = CRI.exec(head.text)
  if (cri !== null) {
    head.partial = cri[1] === 'P'
    take(head, cri)
    return true
  }
  if (head.boxed) return true
  if (stamp.charAt(10) !== 'T') {
    if (takeFacilityWord(head)) takeBareProgram(head)
    return true
  }
  if (/,\d{6}[+-]/.test(stamp)) {
    if (head.source === null) head.source = 'kernel'
  } else takeProgram(head)
  return true
}

const WITH_UNIT = /^[^\s\d]{2,6} (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,9})?) ([A-Z+][A-Z0-9+:-]{0,9}) /u

/** journalctl's short-full and with-unit: `Thu 2026-11-12 09:15:02 UTC host name[pid]: `. */
export const fullStamp: Layer = (head) => {
  const match = WITH_UNIT.exec(head.text)
  if (match === null) return false
  take(head, match)
  setTime(head, match[0].trim(), isoToMs(`${match[1]} ${match[2]}`))
  const hadSource = head.source !== null
  if (takeProgram(head) && !hadSource && /\.(?:service|scope|socket|timer|mount)(?:$|\/)/.test(head.source ?? '')) {
    head.unit = head.source?.split('/')[0] ?? null
  }
  return true
}

/** A month's name in the user's language, or its number: `11月`, `11월`, `Thg 11`. */
const RFC3164 = /^((?:[^\s\d:[\]]{2,12}|\d{1,2}[月월]|[Tt]hg \d{1,2}) {1,2}\d{1,2} \d\d:\d\d:\d\d(?:\.\d{1,9})?):? /u

/** `Nov 12 09:15:02 host kernel: `, also with microseconds; no year, local time. */
export const syslogStamp: Layer = (head) => {
  const match = RFC3164.exec(head.text)
  if (match === null) return false
  take(head, match)
  setTime(head, match[1] ?? '', null)
  if (!takeUntaggedHost(head) && !takeProgram(head)) takeBareProgram(head)
  return true
}

const LOGREAD =
  /^((?:[A-Z][a-z]{2} )?[A-Z][a-z]{2} {1,2}\d{1,2} \d\d:\d\d:\d\d(?: \d{4})?) (?:\S{1,64} )?(?:kern|user|mail|daemon|auth|syslog|lpr|news|uucp|cron|authpriv|ftp|local[0-7])\.(?:emerg|alert|crit|err|error|warn|warning|notice|info|debug) (?=\S{1,100}: )/

/** Routers and other small systems (logread, BusyBox): facility and level stand before the program. */
export const logreadStamp: Layer = (head) => {
  const match = LOGREAD.exec(head.text)
  if (match === null) return false
  take(head, match)
  setTime(head, match[1] ?? '', null)
  takeBareProgram(head)
  return true
}

const BARE_SPEAKER =
  /^(?:(systemd|systemd-oomd|earlyoom|nohang|kubelet|dockerd|containerd)\[(\d{1,10})\]: |(systemd): (?=[\w@.\\:-]{1,200}\.(?:service|scope|slice): ))/

/** `systemd-oomd[812]: ` where a copy left the time and the host out. */
export const bareSpeaker: Layer = (head) => {
  const match = head.source === null ? BARE_SPEAKER.exec(head.text) : null
  if (match === null) return false
  setSource(head, match[1] ?? match[3] ?? '', match[2] === undefined ? null : Number(match[2]))
  take(head, match)
  return true
}

const FLY = /^[a-z]{2,12}\[[0-9a-f]{4,20}\] ?[a-z]{3} ?\[(?:info|warn|error|debug)\] ?/

/** `app[148e0f] ams [info]` of Fly.io's log, behind its time; what the machine's console printed follows. */
export const flyPrefix: Layer = (head) => {
  const match = head.stamped ? FLY.exec(head.text) : null
  if (match === null) return false
  take(head, match)
  return true
}

const UNIX = /^(\d{9,10}\.\d{3,9}) /

/** journalctl's short-unix. */
export const unixStamp: Layer = (head) => {
  const match = UNIX.exec(head.text)
  if (match === null) return false
  take(head, match)
  setTime(head, match[1] ?? '', Math.floor(Number(match[1]) * 1000))
  takeProgram(head)
  return true
}

const NGINX = /^(\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d)(?:\.\d{1,9})? /

/** nginx and Go's standard logger. */
export const slashStamp: Layer = (head) => {
  const match = NGINX.exec(head.text)
  if (match === null) return false
  take(head, match)
  setTime(head, match[1] ?? '', null)
  return true
}
