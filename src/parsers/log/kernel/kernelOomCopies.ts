import type { KernelOomEvent, KernelVictim } from './kernelEvents.ts'
import type { LogTime } from '../lines/line.ts'
import { secondsApart } from '../lines/secondsApart.ts'

/** Copies of one event in several logs lie this near to each other, if their times can be compared. */
const SAME_EVENT_SECONDS = 60
const MAX_CITED = 16

/** A hostile log may hold any number of alike events: only the latest of them are compared. */
const MAX_COMPARED = 50

/** One event printed twice (dmesg and journal, kern.log and messages) is one: equal pid, name and sizes. */
export const mergeCopies = (events: readonly KernelOomEvent[]): readonly KernelOomEvent[] => {
  const merged: KernelOomEvent[] = []
  const byKey = new Map<string, number[]>()
  for (const event of events) {
    const key = keyOf(event)
    const indexes = byKey.get(key) ?? []
    if (indexes.length === 0) byKey.set(key, indexes)
    const index = indexes.slice(-MAX_COMPARED).find((candidate) => {
      const other = merged[candidate]
      return other !== undefined && isCopy(other, event)
    })
    const original = index === undefined ? undefined : merged[index]
    if (index === undefined || original === undefined) {
      indexes.push(merged.length)
      merged.push(event)
    } else merged[index] = join(original, event)
  }
  return merged
}

const keyOf = (event: KernelOomEvent): string => {
  const [first] = event.victims
  if (first !== undefined) return `victim ${first.pid ?? first.comm ?? ''}`
  if (event.outcome === 'chosen' && event.chosen?.pid != null) return `victim ${event.chosen.pid}`
  const invoker = event.invoker
  return `${event.outcome} ${event.chosen?.pid ?? ''} ${invoker?.pid ?? ''} ${invoker?.comm ?? ''} ${event.gfpMask ?? ''}`
}

const isCopy = (left: KernelOomEvent, right: KernelOomEvent): boolean => {
  if (!isNear(left.time, right.time)) return false
  const [mine] = left.victims
  const [theirs] = right.victims
  if (mine !== undefined && theirs !== undefined) return agree(mine, theirs)
  // Nobody dies twice: one copy has the choice, the other the kill.
  const killed = mine ?? theirs
  if (killed !== undefined) return isChosen(left, killed) || isChosen(right, killed)
  // Without a victim only a comparable time proves that it is the same event.
  const apart = secondsApart(left.time, right.time)
  return (
    apart !== null && Math.abs(apart) < 1 && (left.time.bootSeconds !== null || left.time.atText !== right.time.atText)
  )
}

const isChosen = ({ outcome, chosen }: KernelOomEvent, { pid, comm }: KernelVictim): boolean =>
  outcome === 'chosen' && pid !== null && chosen?.pid === pid && chosen.comm === comm

const isNear = (left: LogTime, right: LogTime): boolean => {
  const apart = secondsApart(left, right)
  return apart === null || Math.abs(apart) <= SAME_EVENT_SECONDS
}

const SIZES = ['totalVmBytes', 'anonRssBytes', 'fileRssBytes'] as const

const agree = (left: KernelVictim, right: KernelVictim): boolean =>
  (left.comm === null || right.comm === null || left.comm === right.comm) &&
  SIZES.every((size) => left[size] === null || right[size] === null || left[size] === right[size])

const richness = (event: KernelOomEvent): number =>
  Object.values(event).filter((value) => value !== null && (!Array.isArray(value) || value.length > 0)).length +
  (event.tasks?.length ?? 0) -
  (event.mixed ? 1000 : 0)

/** The richer copy, with what only the poorer one states filled in. */
const join = (first: KernelOomEvent, second: KernelOomEvent): KernelOomEvent => {
  const [rich, poor] = richness(second) > richness(first) ? [second, first] : [first, second]
  const pids = new Set(rich.victims.map((victim) => victim.pid))
  const filled: Record<string, unknown> = { ...rich }
  for (const [name, value] of Object.entries(poor)) {
    if (filled[name] === null && !poor.mixed) filled[name] = value
  }
  const isKilled = rich.outcome === 'chosen' && poor.outcome === 'killed'
  return {
    ...(filled as unknown as KernelOomEvent),
    outcome: isKilled ? poor.outcome : rich.outcome,
    missing: isKilled ? rich.missing.filter((what) => poor.missing.includes(what)) : rich.missing,
    time: {
      atMs: rich.time.atMs ?? poor.time.atMs,
      atText:
        rich.time.atMs === null && poor.time.atMs !== null ? poor.time.atText : (rich.time.atText ?? poor.time.atText),
      bootSeconds: rich.time.bootSeconds ?? poor.time.bootSeconds,
    },
    quoted: first.quoted && second.quoted,
    victims: [...rich.victims, ...poor.victims.filter((victim) => !pids.has(victim.pid))],
    cited: [...first.cited, ...second.cited].slice(0, MAX_CITED),
  }
}
