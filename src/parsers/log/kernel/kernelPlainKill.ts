import type { KernelVictim } from './kernelEvents.ts'
import type { KillLine } from './killLine.ts'

/**
 * Kills that are told without sizes: by name alone, by Android's driver, by another kernel than Linux.
 *   VM: killing process mysqld                                                              2.4 and 2.6, in a page fault
 *   lowmemorykiller: Killing 'com.app' (3201) (tgid 3201), adj 900,                          Android up to 4.x
 *   lowmem_shrink send sigkill to 1234 (com.app), adj 15, size 2981                          Android's first
 *   pid 3184 (firefox), jid 0, uid 1000, was killed: failed to reclaim memory                FreeBSD, from 4 to 14
 *   UVM: pid 3184.1 (firefox), uid 1000 killed: out of swap                                  NetBSD, OpenBSD
 *   memorystatus: killing_top_process pid 901 [node] (vm-pageshortage 0) …                   macOS
 *   memorystatus: killing_specific_process pid 901 [node] (per-process-limit 10) …           the limit of this process
 */
const PLAIN: readonly RegExp[] = [
  /^VM: killing process (?<comm>\S.{0,14})$/,
  /^(?:lowmemorykiller: )?(?:HSWAP |Orig )?Killing '(?<comm>.{1,64}?)' \((?<pid>\d{1,10})\)(?: \(tgid \d{1,10}\))?, adj -?\d{1,4},/,
  /^(?:lowmem_\w{1,20}:? |lowmemorykiller: )?(?:oom: )?send sigkill to (?<pid>\d{1,10}) \((?<comm>.{1,64}?)\), adj -?\d/,
  /^pid (?<pid>\d{1,10}) \((?<comm>.{1,40})\), (?:jid \d{1,10}, )?(?:uid (?<uid>\d{1,10}), )?was killed: (?:out of swap space|swap space exhausted|failed to reclaim memory|a thread waited too long to allocate a page)\s{0,4}$/,
  /^UVM: pid (?<pid>\d{1,10})(?:\.\d{1,10})? \((?<comm>.{1,40})\), uid (?<uid>-?\d{1,10}) killed: out of swap\s{0,4}$/,
  /^(?:.{0,100}\s)?memorystatus: killing_(?:top_process|top_process_elevated\d?|top_process_aggressive|high_?water_process|specific_process|process) pid (?<pid>\d{1,10}) \[(?<comm>[^\]]{1,40})\] \((?:vm-pageshortage|vm-compressor-\S{1,20}|vm-thrashing|fc-thrashing|proc-thrashing|highwater|zone-map-exhaustion|low-swap|sustained-memory-pressure)\b/,
  /^(?:.{0,100}\s)?memorystatus: killing largest compressed process (?<comm>.{1,40}?) \[(?<pid>\d{1,10})\] \d/,
  /^(?:.{0,60} )?low swap: killing largest compressed process with pid (?<pid>\d{1,10}) \((?<comm>.{1,40}?)\) and size \d/,
]

/** macOS and iOS give a process a limit of its own, and end it there however much the host has left. */
const OWN_LIMIT: readonly RegExp[] = [
  /^(?:.{0,100}\s)?memorystatus: killing_specific_process pid (?<pid>\d{1,10}) \[(?<comm>[^\]]{1,40})\] \(per-process-limit\b/,
]

const QUICK = /illing|sigkill|, was killed: |killed: out of swap/

/** What such a line says, null when it is none. */
export const readPlainKill = (text: string): KillLine | null => {
  if (!QUICK.test(text)) return null
  const own = groupsIn(OWN_LIMIT, text)
  const groups = own ?? groupsIn(PLAIN, text)
  const comm = groups?.['comm']
  if (groups === undefined || comm === undefined) return null
  const { pid, uid } = groups
  return {
    verb: 'killed',
    scope: own === undefined ? 'global' : 'process',
    victim: {
      ...UNSIZED,
      pid: pid === undefined ? null : Number(pid),
      comm,
      uid: uid === undefined || uid.startsWith('-') ? null : Number(uid),
    },
    whole: true,
  }
}

const groupsIn = (patterns: readonly RegExp[], text: string): Record<string, string> | undefined =>
  patterns.map((words) => words.exec(text)?.groups).find((found) => found !== undefined)

/** A victim of whom the line gives no sizes. */
export const UNSIZED: KernelVictim = {
  pid: null,
  comm: null,
  uid: null,
  totalVmBytes: null,
  anonRssBytes: null,
  fileRssBytes: null,
  shmemRssBytes: null,
  pgtablesBytes: null,
  oomScoreAdj: null,
}
