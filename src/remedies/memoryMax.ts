import type { Finding } from '../domain/finding.ts'
import type { Remedy } from '../domain/remedy.ts'
import type { FactView } from '../parsers/facts.ts'
import type { MemorySample } from '../domain/sample.ts'
import { backTested, type BackTested } from './backTestCheck.ts'
import { advice, dropInRemedy, refusal } from './dropIn.ts'
import { harmChecks } from './harmChecks.ts'
import { hostView } from './hostView.ts'
import { heldAtKillBytes, killReportOf } from './killReport.ts'
import { durationText, hoursToKill, memoryMaxFor, type MemoryMaxAnswer } from './memoryMaxSize.ts'
import type { RemedyMaker } from './remedy.ts'
import { limitFromReport } from './reportLimit.ts'
import { sliceLimitAdvice } from './sliceLimit.ts'
import { inputsText, mib, sizingOf, up64, type Sizing } from './sizing.ts'
import { targetOf, whyProtected } from './target.ts'
import { heldSamplesOf, LIMIT_KINDS } from './unitSamples.ts'
import { limitInForce, unitView } from './unitView.ts'

/** A hard limit for the unit that used the memory, or the reason why there is no number. */
export const memoryMaxMaker: RemedyMaker = {
  id: 'memory-max',
  answers: LIMIT_KINDS,
  propose: (finding, facts) => {
    const target = targetOf(finding)
    if (target.kind === 'container') return []
    if (target.kind === 'nobody') {
      const planned = limitFromReport(finding, facts, null)
      if (planned !== null) return [planned]
      return [
        refusal({
          id: 'memory-max',
          title: 'Leave the limits as they are',
          because: `Not proposed, because ${target.reason}.`,
          checks: [failed('whose limit it is', target.reason)],
        }),
      ]
    }
    if (target.kind === 'slice') return [sliceLimitAdvice(finding, target.slice, facts)]
    const protectedBecause = whyProtected(target.unit, unitView(target.unit, facts).state?.delegate ?? null)
    if (protectedBecause !== null)
      return [
        refusal({
          id: 'memory-max',
          title: `Leave ${target.unit} without a limit of Medic's`,
          because: `${target.unit} must not be limited: ${protectedBecause}.`,
          checks: [failed('the unit may be limited', protectedBecause)],
        }),
      ]
    return forUnit(finding, facts, target.unit)
  },
}

const failed = (check: string, detail: string) => ({ check, holds: false, detail })

const forUnit = (finding: Finding, facts: FactView, unit: string): readonly Remedy[] => {
  const planned = finding.kind === 'global-oom' ? limitFromReport(finding, facts, unit) : null
  if (planned !== null) return [planned]
  const view = unitView(unit, facts)
  const sizing = sizingOf(unit, facts, heldAtKillBytes(killReportOf(finding, facts)) ?? peakBytesOf(finding, unit))
  const ownLimit = finding.kind === 'memcg-oom'
  const inForce = limitInForce(view)
  const limitMib =
    finding.limitBytes === null ? (typeof inForce === 'number' ? mib(inForce) : null) : mib(finding.limitBytes)
  const answer = memoryMaxFor({
    situation: ownLimit ? 'own-limit' : 'host',
    limitMib,
    nowMib: sizing.now?.mib ?? null,
    peakMib: sizing.peak?.mib ?? null,
    steadyMib: sizing.steady?.mib ?? null,
    healthyPeakMib: sizing.healthyPeak?.mib ?? null,
    steepestMib: sizing.steepest?.mib ?? null,
    growth: sizing.growth,
    growthMibPerHour: sizing.growthMibPerHour,
    roomMib: sizing.room?.mib ?? null,
  })
  const fared = typeof inForce === 'number' ? backTested(unit, mib(inForce), sizing.growth, facts) : null
  const keepIt = (because: MemoryMaxAnswer): Remedy => keep(unit, sizing, because, fared)
  const changed = typeof inForce === 'number' && limitMib !== null && mib(inForce) !== limitMib
  if (ownLimit && changed)
    return [
      keepIt({
        ...answer,
        because: `the limit was ${limitMib} MiB at the kill and is ${mib(inForce)} MiB now: somebody changed it since`,
      }),
    ]
  if (answer.answer === 'new' && answer.mib !== null)
    return [limitRemedy(finding, facts, unit, { sizing, answer, mib: answer.mib })]
  if (answer.answer === 'raise' && answer.mib !== null && limitMib !== null) {
    const unsure = sizing.growth === 'unknown'
    const cannotTell = 'Without enough samples Medic cannot tell a leak from load, so both answers stand here'
    const raised = raiseAdvice(unit, sizing, facts, { from: limitMib, to: answer.mib, because: answer.because, unsure })
    if (!unsure) return [raised]
    return [
      keepIt({
        ...answer,
        because: `if memory only grows, a higher limit only delays the kill. ${cannotTell}`,
      }),
      raised,
    ]
  }
  if (answer.answer === 'keep') return [keepIt(answer)]
  if (answer.answer === 'too-small' && ownLimit && sizing.growth === 'unknown')
    return [
      keepIt({
        ...answer,
        because: `if memory only grows, a higher limit only delays the kill. If the load itself needs it, this host is too small for it: ${answer.because}. Then move something off this host, or give it more memory`,
      }),
    ]
  if (answer.answer === 'later') return [askLater(unit, sizing, answer)]
  if (ownLimit && limitMib !== null && sizing.room === null && sizing.peak !== null)
    return withoutHost(unit, sizing, facts, { limitMib, peakMib: sizing.peak.mib })
  return [
    refusal({
      id: answer.answer === 'too-small' ? 'host-too-small' : 'memory-max',
      title:
        answer.answer === 'too-small'
          ? `Move something off this host, or give it more memory`
          : `Measure ${unit} before limiting it`,
      because: `No limit is proposed for ${unit}: ${answer.because}. Inputs: ${inputsText(sizing)}.`,
      checks: [failed('a number can be found', answer.because)],
    }),
  ]
}

/** A leak that was looked at late: small again after a restart, it can be given a limit. */
const askLater = (unit: string, sizing: Sizing, answer: MemoryMaxAnswer): Remedy =>
  refusal({
    id: 'memory-max',
    title: `Restart ${unit} and ask again while it is small`,
    because: `No limit is proposed for ${unit} now: ${answer.because}. If it needs that much in quiet times too, this host is too small for it. Inputs: ${inputsText(sizing)}.`,
    checks: [failed('what it holds now fits', answer.because)],
  })

/** A log alone: the sum can be shown, whether the host has the room cannot. */
const withoutHost = (
  unit: string,
  sizing: Sizing,
  facts: FactView,
  { limitMib, peakMib }: { readonly limitMib: number; readonly peakMib: number },
): readonly Remedy[] => {
  const to = up64(1.25 * peakMib)
  const cannotTell =
    'a log alone cannot tell a leak from load: if memory only grows, a higher limit only delays the kill'
  return [
    keep(unit, sizing, { answer: 'keep', mib: null, because: cannotTell }, null),
    raiseAdvice(unit, sizing, facts, {
      from: limitMib,
      to,
      because: `1.25 times the highest seen, ${peakMib} MiB, rounded up; whether the host has that room was not read`,
      unsure: true,
    }),
  ]
}

interface Sized {
  readonly sizing: Sizing
  readonly answer: MemoryMaxAnswer
  readonly mib: number
}

const limitRemedy = (finding: Finding, facts: FactView, unit: string, sized: Sized): Remedy => {
  const view = unitView(unit, facts)
  const { sizing } = sized
  // The slope of memory that comes back is noise and leads to no kill.
  const hours =
    sizing.growth === 'leak' ? hoursToKill(sized.mib, sizing.steady?.mib ?? null, sizing.growthMibPerHour) : null
  const certain =
    finding.confidence === 'certain' && finding.culprit !== null && finding.largestTask !== null && sizing.now !== null
  const restart = view.state?.restart ?? null
  const tested = backTested(unit, sized.mib, sizing.growth, facts)
  return dropInRemedy({
    id: 'memory-max',
    title: `Limit ${unit} to ${sized.mib} MiB`,
    unit,
    topic: 'memory',
    settings: [{ key: 'MemoryMax', value: `${sized.mib}M`, because: sized.answer.because }],
    because: `${unit} took the host's memory. With a limit the kernel kills inside this unit instead of anywhere on the host. Inputs: ${inputsText(sizing)}.`,
    checks: [
      // First: where space is short the last ones are left out.
      ...(tested.check === null ? [] : [tested.check]),
      ...harmChecks(unit, sized.mib, sizing, facts),
    ],
    warnings: [
      ...(finding.culprit === null
        ? ['Nobody stands far out in the table: this is the biggest process, not a proven culprit.']
        : []),
      'It contains the growth and does not cure it: at the limit the unit is killed and restarted.',
      ...(hours === null
        ? []
        : [`At ${sizing.growthMibPerHour} MiB/h the next kill comes about ${durationText(hours)} after a start.`]),
      ...(tested.check === null ? [`${tested.text}.`] : []),
      ...(tested.whole === null ? [] : [tested.whole]),
      ...(restart === 'no' ? [`${unit} has Restart=no: a kill at the limit leaves it stopped.`] : []),
    ],
    confidence: certain
      ? daysOf(heldSamplesOf(unit, facts)) >= 1 && sizing.growth !== 'unknown'
        ? 'high'
        : 'medium'
      : 'low',
    cgroupFiles: cgroupFilesOf(view.cgroup, hostView(facts).cgroupVersion),
  })
}

const DAY_MS = 86_400_000

const daysOf = (samples: readonly MemorySample[]): number =>
  ((samples.at(-1)?.atMs ?? 0) - (samples[0]?.atMs ?? 0)) / DAY_MS

const cgroupFilesOf = (cgroup: string | null, version: 1 | 2 | null): readonly string[] => {
  if (cgroup === null || cgroup.includes('..') || !/^\/[A-Za-z0-9:_.@\\/-]+$/.test(cgroup)) return []
  return version === 1
    ? [`/sys/fs/cgroup/memory${cgroup}/memory.limit_in_bytes`]
    : [`/sys/fs/cgroup${cgroup}/memory.max`]
}

/** An operator's number is only loosened by a person: the sum is shown, no file is written. */
const raiseAdvice = (
  unit: string,
  sizing: Sizing,
  facts: FactView,
  change: { readonly from: number; readonly to: number; readonly because: string; readonly unsure: boolean },
): Remedy => {
  const tested = backTested(unit, change.to, sizing.growth, facts)
  return advice({
    id: 'memory-max-raise',
    title: `Raise the limit of ${unit} from ${change.from} to ${change.to} MiB, on a named person's word`,
    because: `${change.unsure ? 'If the load itself needs it: ' : ''}MemoryMax=${change.to}M, ${change.because}. ${tested.text}. Inputs: ${inputsText(sizing)}.`,
    checks: tested.check === null ? [] : [tested.check],
    warnings: [
      `Somebody chose ${change.from} MiB; Medic never loosens a limit by itself.`,
      ...(tested.whole === null ? [] : [tested.whole]),
    ],
  })
}

/** How the limit in force fared before is said where samples tell it: whether it is too tight is what one wants to know. */
const keep = (unit: string, sizing: Sizing, answer: MemoryMaxAnswer, fared: BackTested | null): Remedy =>
  advice({
    id: 'memory-max-keep',
    title: `Keep the limit of ${unit} and find what grows`,
    because: `The limit did its work: the unit died and not the host. It stays, because ${answer.because}. ${fared?.check == null ? '' : `${fared.text}. `}Inputs: ${inputsText(sizing)}.`,
  })

/** At its own limit a unit held its victims' memory at least; for the host the culprit's biggest process counts. */
const peakBytesOf = (finding: Finding, unit: string): number | null => {
  const pids = new Set<number | null>()
  let sum = 0
  for (const victim of finding.victims) {
    if (victim.anonRssBytes === null || (victim.unit !== null && victim.unit !== unit)) continue
    if (victim.pid !== null && pids.has(victim.pid)) continue
    pids.add(victim.pid)
    sum += victim.anonRssBytes
  }
  const own = finding.kind === 'memcg-oom' ? Math.max(sum, finding.largestTask?.rssBytes ?? 0) : sum
  return own === 0 ? null : own
}
