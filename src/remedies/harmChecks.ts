import type { Remedy } from '../domain/remedy.ts'
import type { FactView } from '../parsers/facts.ts'
import { systemctlShowParser } from '../parsers/systemctlShow.ts'
import { dropInPath, versionCheck } from './dropIn.ts'
import { externalNow, type ExternalMemory } from './externalMemory.ts'
import { hostView } from './hostView.ts'
import { heapNeedMib, heapOf } from './nodeFlags.ts'
import { mib, up64, type Sizing } from './sizing.ts'
import { whyProtected } from './target.ts'
import { limitInForce, unitView, type UnitView } from './unitView.ts'

type Check = Remedy['checks'][number]

/** Every check of oom.md 4.10 that concerns a memory limit, each with what it found. */
export const harmChecks = (unit: string, limitMib: number, sizing: Sizing, facts: FactView): readonly Check[] => {
  const view = unitView(unit, facts)
  const host = hostView(facts)
  return [
    protectedCheck(view),
    nowCheck(limitMib, sizing),
    roomCheck(limitMib, sizing),
    operatorCheck(limitMib, view, sizing.total?.mib ?? null),
    highCheck(limitMib, view, host.swapFreeBytes),
    sumCheck({ unit, limitMib, sizing, facts, swapBytes: host.swapTotalBytes }),
    heapCheck(limitMib, heapOf(view, facts), externalNow(unit, facts)),
    versionCheck(['MemoryMax'], host.systemdVersion),
    cgroupCheck(host.cgroupVersion, host.systemdVersion),
    precedenceCheck(view, 'memory', ['MemoryMax', 'MemoryLimit']),
  ]
}

/**
 * Our file must win: systemd sorts drop-ins by base name, and the later assignment counts. Environment is a list:
 * only the same variable, or an empty line that clears it, takes ours away.
 */
export const precedenceCheck = (view: UnitView, topic: string, keys: readonly string[]): Check => {
  const check = 'our drop-in wins'
  const ours = dropInPath(view.unit, topic).split('/').at(-1) ?? ''
  if (view.files.length === 0) return { check, holds: false, detail: "the unit's files were not read" }
  const later = keys
    .flatMap((key) => view.written(key))
    .filter((one) => one.key !== 'Environment' || one.value === '' || one.value.includes('NODE_OPTIONS'))
    .find((one) => /\.d\/[^/]+\.conf$/.test(one.path) && (one.path.split('/').at(-1) ?? '') > ours)
  return later === undefined
    ? { check, holds: true, detail: `no later drop-in sets ${keys.join(' or ')}` }
    : {
        check,
        holds: false,
        detail: `${later.path} sets ${later.key}=${later.value} and is read after ${ours}: change it there`,
      }
}

const protectedCheck = (view: UnitView): Check => {
  const why = whyProtected(view.unit, view.state?.delegate ?? null)
  const check = 'the unit may be limited'
  return why === null
    ? { check, holds: true, detail: `${view.unit} is neither a way in nor an engine that runs others` }
    : { check, holds: false, detail: `${view.unit} must not be limited: ${why}` }
}

const nowCheck = (limitMib: number, sizing: Sizing): Check => {
  const check = 'what it holds now fits'
  if (sizing.now === null) return { check, holds: false, detail: "the unit's memory.stat was not read" }
  const floor = up64(sizing.now.mib) + 64
  return {
    check,
    holds: floor <= limitMib,
    detail: `${sizing.now.mib} MiB now, so at least ${floor} MiB, against ${limitMib} MiB`,
  }
}

const roomCheck = (limitMib: number, sizing: Sizing): Check => {
  const check = 'the host has the room'
  if (sizing.room === null) return { check, holds: false, detail: "the host's memory was not read" }
  return {
    check,
    holds: limitMib <= sizing.room.mib,
    detail: `${limitMib} MiB against ${sizing.room.mib} MiB (${sizing.room.source})`,
  }
}

/** Percent and `infinity` are an operator's word too, and so is a line that systemd ignores: somebody meant it. */
const operatorCheck = (limitMib: number, view: UnitView, totalMib: number | null): Check => {
  const check = 'not looser than an existing limit'
  const inForce = limitInForce(view)
  if (typeof inForce === 'number' && inForce < limitMib * 1024 * 1024)
    return { check, holds: false, detail: `the existing MemoryMax of ${mib(inForce)} MiB is stricter and stays` }
  const parents = [view.state?.properties['EffectiveMemoryMax'], view.state?.properties['MemoryAvailable']]
  const parent = parents
    .map(Number)
    .find((value) => Number.isSafeInteger(value) && value > 0 && value < limitMib * 1024 * 1024)
  if (parents[0] !== undefined && parent !== undefined && Number(parents[0]) === parent)
    return { check, holds: false, detail: `a parent's limit of ${mib(parent)} MiB is stricter and stays` }
  const said = view.written('MemoryMax').findLast((one) => one.section === 'Service')
  if (said?.value === 'infinity')
    return { check, holds: false, detail: `${said.path} says MemoryMax=infinity, which somebody wrote on purpose` }
  for (const one of [...view.written('MemoryMax'), ...view.written('MemoryLimit')]) {
    const meant = meantMib(one.value, totalMib)
    if (meant !== null && meant < limitMib)
      return {
        check,
        holds: false,
        detail: `line ${one.fileLine} of ${one.path} means ${meant} MiB, which is stricter: bring that one into force`,
      }
  }
  return inForce === null
    ? { check, holds: false, detail: 'the limit in force was not read' }
    : {
        check,
        holds: true,
        detail: inForce === 'infinity' ? 'no limit is in force' : `the limit in force is ${mib(inForce)} MiB`,
      }
}

const UNIT_MIB: Readonly<Record<string, number>> = { '': 2 ** -20, K: 2 ** -10, M: 1, G: 1024, T: 1024 * 1024 }

/** What the author of a line had in mind, whatever follows the number; null when it is no size. */
const meantMib = (value: string, totalMib: number | null): number | null => {
  const match = /^(\d{1,15})\s?(%|[KMGT]?)/.exec(value)
  if (match === null) return null
  const number = Number(match[1])
  if (match[2] === '%') return totalMib === null ? null : Math.round((number * totalMib) / 100)
  return Math.round(number * (UNIT_MIB[match[2] ?? ''] ?? 1))
}

const highCheck = (limitMib: number, view: UnitView, swapFreeBytes: number | null): Check => {
  const check = 'no gap below it in which the unit would crawl'
  const high = view.cgroupValue('memory.high') ?? view.state?.memoryHighBytes ?? null
  if (typeof high !== 'number') return { check, holds: true, detail: 'MemoryHigh is not set' }
  const gap = limitMib - mib(high)
  if (gap <= 0) return { check, holds: true, detail: `MemoryHigh of ${mib(high)} MiB is not below the limit` }
  if (swapFreeBytes !== null && mib(swapFreeBytes) >= 2 * gap)
    return {
      check,
      holds: true,
      detail: `MemoryHigh is ${gap} MiB below, and ${mib(swapFreeBytes)} MiB of swap are free`,
    }
  return {
    check,
    holds: false,
    detail: `MemoryHigh of ${mib(high)} MiB is ${gap} MiB below and there is no swap to use: raise or remove MemoryHigh first`,
  }
}

interface SumQuestion {
  readonly unit: string
  readonly limitMib: number
  readonly sizing: Sizing
  readonly facts: FactView
  readonly swapBytes: number | null
}

const sumCheck = ({ unit, limitMib, sizing, facts, swapBytes }: SumQuestion): Check => {
  const check = 'all limits together fit'
  if (sizing.total === null || sizing.reserve === null || sizing.others === null)
    return { check, holds: false, detail: "the host's memory was not read" }
  const headroom = new Map<string, number>()
  for (const state of facts.all(systemctlShowParser).flatMap((item) => item.facts.units)) {
    if (state.id === null || state.id === unit || !state.id.endsWith('.service')) continue
    if (typeof state.memoryMaxBytes !== 'number') continue
    headroom.set(state.id, Math.max(0, mib(state.memoryMaxBytes) - mib(state.memoryCurrentBytes ?? 0)))
  }
  const sum = limitMib + sizing.others.mib + [...headroom.values()].reduce((total, size) => total + size, 0)
  const most = sizing.total.mib - sizing.reserve.mib
  const words = `${limitMib} MiB + ${sizing.others.mib} MiB of everything else + what ${headroom.size} other limited units may still take = ${sum} MiB of ${most} MiB`
  if (sum <= most) return { check, holds: true, detail: `${words}: guaranteed` }
  if (sum <= 1.3 * most && (swapBytes ?? 0) > 0)
    return { check, holds: true, detail: `${words}: overcommitted, with swap below it` }
  return { check, holds: false, detail: words }
}

const heapCheck = (limitMib: number, heap: number | null, external: ExternalMemory | null): Check => {
  const check = 'a heap flag fits below it'
  if (heap === null) return { check, holds: true, detail: 'no --max-old-space-size is seen in the unit' }
  const outsideMib = external?.lowMib ?? 0
  const need = heapNeedMib(heap, null, outsideMib)
  return {
    check,
    holds: need <= limitMib,
    detail: `--max-old-space-size=${heap} needs about ${need} MiB${outsideMib === 0 ? '' : ` with the ${outsideMib} MiB at least that lie outside it`}, against ${limitMib} MiB`,
  }
}

const cgroupCheck = (version: 1 | 2 | null, systemdVersion: number | null): Check => {
  const check = 'the control groups take it'
  if (version === null) return { check, holds: false, detail: "no file of the unit's control group was read" }
  if (version === 2) return { check, holds: true, detail: 'cgroup v2: memory.max' }
  const mapped = systemdVersion !== null && systemdVersion >= 231 && systemdVersion < 258
  return {
    check,
    holds: mapped,
    detail: mapped
      ? 'cgroup v1: systemd maps MemoryMax to memory.limit_in_bytes'
      : 'cgroup v1 with a systemd that does not map MemoryMax',
  }
}
