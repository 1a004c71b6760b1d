import { bootIdParser } from './bootId.ts'
import { cgroupEventsParser } from './cgroupEvents.ts'
import { cgroupMemoryStatParser } from './cgroupMemoryStat.ts'
import { cgroupV1OomControlParser } from './cgroupV1OomControl.ts'
import { cgroupValueParser } from './cgroupValue.ts'
import { changedFilesParser } from './changedFiles.ts'
import { dfParser } from './df.ts'
import { dfInodesParser } from './dfInodes.ts'
import { logParser } from './log/log.ts'
import { freeParser } from './free.ts'
import { kernelSettingParser } from './kernelSetting.ts'
import { listBootsParser } from './listBoots.ts'
import { loadavgParser } from './loadavg.ts'
import { meminfoParser } from './meminfo.ts'
import { nodeProcessesParser } from './nodeProcesses.ts'
import { osReleaseParser } from './osRelease.ts'
import { packageChangesParser } from './packageChanges.ts'
import type { Parser } from './parser.ts'
import { phpFpmProcessesParser } from './phpFpmProcesses.ts'
import { pidsEventsParser } from './pidsEvents.ts'
import { pressureParser } from './pressure.ts'
import { procCgroupParser } from './procCgroup.ts'
import { psParser } from './ps.ts'
import { swapsParser } from './swaps.ts'
import { systemctlCatParser } from './systemctlCat.ts'
import { systemctlFailedParser } from './systemctlFailed.ts'
import { systemctlShowParser } from './systemctlShow.ts'
import { systemdVersionParser } from './systemdVersion.ts'
import { timedatectlParser } from './timedatectl.ts'
import { unitSamplesParser } from './unitSamples.ts'
import { uptimeParser } from './uptime.ts'
import { vmstatParser } from './vmstat.ts'
import { vmstatSamplesParser } from './vmstatSamples.ts'
import { whoParser } from './who.ts'

/** Every parser a runbook may name with `parse=`. One line each, in order of id. */
export const PARSERS: readonly Parser[] = [
  bootIdParser,
  cgroupEventsParser,
  cgroupMemoryStatParser,
  cgroupV1OomControlParser,
  cgroupValueParser,
  changedFilesParser,
  dfInodesParser,
  dfParser,
  freeParser,
  kernelSettingParser,
  listBootsParser,
  loadavgParser,
  logParser,
  meminfoParser,
  nodeProcessesParser,
  osReleaseParser,
  packageChangesParser,
  phpFpmProcessesParser,
  pidsEventsParser,
  pressureParser,
  procCgroupParser,
  psParser,
  swapsParser,
  systemctlCatParser,
  systemctlFailedParser,
  systemctlShowParser,
  systemdVersionParser,
  timedatectlParser,
  unitSamplesParser,
  uptimeParser,
  vmstatParser,
  vmstatSamplesParser,
  whoParser,
]

/** Parser of a file that is read without a command, by the file's base name. */
const BY_FILE_NAME: Readonly<Record<string, Parser>> = {
  boot_id: bootIdParser,
  cgroup: procCgroupParser,
  'cpu.pressure': pressureParser,
  'io.pressure': pressureParser,
  loadavg: loadavgParser,
  meminfo: meminfoParser,
  'memory.current': cgroupValueParser,
  'memory.events': cgroupEventsParser,
  'memory.events.local': cgroupEventsParser,
  'memory.failcnt': cgroupValueParser,
  'memory.high': cgroupValueParser,
  'memory.limit_in_bytes': cgroupValueParser,
  'memory.low': cgroupValueParser,
  'memory.max': cgroupValueParser,
  'memory.max_usage_in_bytes': cgroupValueParser,
  'memory.min': cgroupValueParser,
  'memory.oom.group': cgroupValueParser,
  'memory.oom_control': cgroupV1OomControlParser,
  'memory.peak': cgroupValueParser,
  'memory.pressure': pressureParser,
  'memory.stat': cgroupMemoryStatParser,
  'memory.swap.current': cgroupValueParser,
  'memory.swap.max': cgroupValueParser,
  'memory.usage_in_bytes': cgroupValueParser,
  'os-release': osReleaseParser,
  overcommit_memory: kernelSettingParser,
  pid_max: kernelSettingParser,
  'pids.current': cgroupValueParser,
  'pids.events': pidsEventsParser,
  'pids.max': cgroupValueParser,
  'pids.peak': cgroupValueParser,
  swaps: swapsParser,
  'threads-max': kernelSettingParser,
  uptime: uptimeParser,
  vmstat: vmstatParser,
}

/** Files below /proc/pressure have names too short to stand for themselves. */
const PRESSURE_FILE = /\/pressure\/(?:cpu|io|memory|irq)$/

const byId = new Map(PARSERS.map((parser) => [parser.id, parser]))

export const findParser = (id: string): Parser | undefined => byId.get(id)

/** The parser for a file read as it is, undefined when none is registered for its base name. */
export const findFileParser = (path: string): Parser | undefined => {
  if (PRESSURE_FILE.test(path)) return pressureParser
  const name = path.slice(path.lastIndexOf('/') + 1)
  return Object.hasOwn(BY_FILE_NAME, name) ? BY_FILE_NAME[name] : undefined
}
