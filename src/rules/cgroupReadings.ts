import type { FactView, Sourced } from '../parsers/facts.ts'
import { cgroupFileOf } from '../parsers/cgroupPath.ts'
import { cgroupValueParser } from '../parsers/cgroupValue.ts'
import type { LimitValue } from '../parsers/limitValue.ts'
import type { Parser } from '../parsers/parser.ts'
import { unitOfCgroup } from '../parsers/unitOfCgroup.ts'

/** One reading of a cgroup's file. */
export type CgroupReading<Facts> = Sourced<Facts> & { readonly cgroup: string; readonly file: string }

/** All readings of one parser that name a cgroup's file, in evidence order. */
export const cgroupReadings = <Facts>(facts: FactView, parser: Parser<Facts>): readonly CgroupReading<Facts>[] =>
  facts.all(parser).flatMap((sourced) => {
    const place = cgroupFileOf(sourced.command)
    return place === null ? [] : [{ ...sourced, ...place }]
  })

/** Latest value of a one-number file; undefined when nobody read it. */
export const latestValue = (
  facts: FactView,
  cgroup: string,
  file: string,
): (CgroupReading<unknown> & { readonly value: Exclude<LimitValue, null> }) | undefined => {
  const reading = cgroupReadings(facts, cgroupValueParser).findLast(
    (item) => item.cgroup === cgroup && item.file === file,
  )
  if (reading === undefined || reading.facts.value === null) return undefined
  return { ...reading, value: reading.facts.value }
}

/** The unit a reading is about: its subject, else what the path says. */
export const unitOfReading = (reading: CgroupReading<unknown>): string | null =>
  unitOfCgroup(reading.cgroup) ?? reading.subject
