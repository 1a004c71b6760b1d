import type { Finding } from '../domain/finding.ts'
import type { Remedy } from '../domain/remedy.ts'
import type { FactView } from '../parsers/facts.ts'
import { eventsOf, logParser } from '../parsers/log/log.ts'
import { unitOfCgroup } from '../parsers/unitOfCgroup.ts'
import { advice } from './dropIn.ts'
import { mib } from './sizing.ts'

/** The children's sizes against the slice's limit: only a person can share it out. */
export const sliceLimitAdvice = (finding: Finding, slice: string, facts: FactView): Remedy =>
  advice({
    id: 'memory-max-slice',
    title: `Size the units of ${slice} against its limit`,
    because:
      `The limit that was met belongs to ${slice}${finding.limitBytes === null ? '' : ` (${mib(finding.limitBytes)} MiB)`}, ` +
      `not to the unit whose process died.${killedThere(finding, facts)} Give the unit that grows a limit of its own below it, or raise the limit of the slice.`,
  })

/** More deaths of one unit say no more. */
const SIZES_SHOWN = 5

/** The size of each unit's process at each of its deaths: one that is always the same size did not grow. */
const killedThere = (finding: Finding, facts: FactView): string => {
  const seen = new Set<number>()
  const sizes = facts
    .all(logParser)
    .flatMap((item) => eventsOf(item.facts, 'kernel-oom'))
    .filter((event) => event.ownerCgroup !== null && event.ownerCgroup === finding.cgroup)
    .flatMap(({ taskCgroup, victims }) =>
      victims.flatMap(({ pid, anonRssBytes }) => {
        const unit = taskCgroup === null ? null : unitOfCgroup(taskCgroup)
        if (unit === null || pid === null || anonRssBytes === null || seen.has(pid)) return []
        seen.add(pid)
        return [{ unit, sizeMib: mib(anonRssBytes) }]
      }),
    )
  const units = [...Map.groupBy(sizes, ({ unit }) => unit)]
  if (units.length < 2) return ''
  const texts = units.map(
    ([unit, kills]) =>
      `${unit} with ${kills
        .map(({ sizeMib }) => sizeMib)
        .slice(-SIZES_SHOWN)
        .join(', ')} MiB`,
  )
  return ` Killed at it: ${texts.join('; ')}. The kernel takes the largest; who has the same size each time is not the one that grows.`
}
