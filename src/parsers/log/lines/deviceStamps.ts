import type { Head, Layer } from './head.ts'
import { setSource, setTime } from './head.ts'

const THREADTIME =
  /^((?:\d{4}-)?\d\d-\d\d \d\d:\d\d:\d\d\.\d{3,9}(?: [+-]\d{4})?) {1,8}(?:[a-z_][\w-]{0,30} {1,8}|\d{1,7} {1,8}(?=\d{1,10} {1,8}\d))?(\d{1,10}) {1,8}(\d{1,10}) [VDIWEFAS] ([^:\s][^:]{0,80}?|) {0,40}: ?/
const BRIEF =
  /^(?:((?:\d{4}-)?\d\d-\d\d \d\d:\d\d:\d\d\.\d{3,9})(?:: | ))?[VDIWEF]\/([^\s(:/][^(:/]{0,80}?) {0,40}(?:\( {0,8}(\d{1,10})\))?: /

/**
 * Android's logcat:
 *   07-12 14:02:11.190   512   512 I lowmemorykiller: Kill 'com.app' (15320), …     threadtime
 *   I/lowmemorykiller(  512): Kill 'com.app' (15320), …                             brief, with or without a time
 * The kernel's own lines come with process and thread 0; what stands as the tag is theirs.
 */
export const logcatStamp: Layer = (head) => {
  const long = THREADTIME.exec(head.text)
  const match = long ?? BRIEF.exec(head.text)
  if (match === null) return false
  const rest = head.text.slice(match[0].length)
  const isKernel = long?.[2] === '0' && long[3] === '0'
  const tag = (long === null ? match[2] : long[4]) ?? ''
  if (match[1] !== undefined) setTime(head, match[1], null)
  head.text = isKernel && tag !== '' ? `${tag}: ${rest}` : rest
  if (isKernel) setSource(head, 'kernel', null)
  else setSource(head, tag, Number(long === null ? match[3] : long[2]) || null)
  return true
}

const FACILITY_WORD =
  /^(?:\S{1,255} )?(?:kern|user|mail|daemon|auth|syslog|lpr|news|uucp|cron|authpriv|ftp|local[0-7])\.(?:emerg|alert|crit|err|error|warn|warning|notice|info|debug) (?=\S{1,100}: )/

/** `host     !INFO | kernel: `, of a collector that sets its level before a bar. */
const LEVEL_BAR =
  /^(?:\S{1,255} {1,40})?!(?:DEBUG|INFO|NOTICE|WARN|WARNING|ERR|ERROR|CRIT|ALERT|EMERG) {0,8}\| (?=\S{1,100}: )/

/** `host kern.err ` before the program, as BusyBox's syslogd and its relatives have it behind any stamp. */
export const takeFacilityWord = (head: Head): boolean => {
  const match = FACILITY_WORD.exec(head.text) ?? (head.text.includes('| ') ? LEVEL_BAR.exec(head.text) : null)
  if (match === null) return false
  head.text = head.text.slice(match[0].length)
  return true
}
