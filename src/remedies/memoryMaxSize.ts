import { down64, up64 } from './sizing.ts'
import type { Growth } from './theilSen.ts'

/** What is known when a limit has to be found; all MiB, null is "not known" (oom.md 4.1 has the words). */
export interface MemoryMaxQuestion {
  /** `own-limit`: killed at its own limit. `host`: the whole host was short and this unit is the culprit. */
  readonly situation: 'own-limit' | 'host'
  /** The limit that was met, or the one in force; null when there is none. */
  readonly limitMib: number | null
  readonly nowMib: number | null
  readonly peakMib: number | null
  readonly steadyMib: number | null
  readonly healthyPeakMib: number | null
  /** Steepest rise from one sample to the next: what the healthy peak may have been exceeded by, unseen. */
  readonly steepestMib: number | null
  readonly growth: Growth
  readonly growthMibPerHour: number | null
  readonly roomMib: number | null
}

export interface MemoryMaxAnswer {
  readonly answer: 'new' | 'raise' | 'keep' | 'too-small' | 'later' | 'cannot-say'
  /** Only with `new` and `raise`. */
  readonly mib: number | null
  readonly because: string
}

/** The table of oom.md 4.2. Lower bounds round up, upper bounds down. */
export const memoryMaxFor = (question: MemoryMaxQuestion): MemoryMaxAnswer =>
  question.situation === 'own-limit' ? forOwnLimit(question) : forHost(question)

const say = (answer: MemoryMaxAnswer['answer'], because: string, size: number | null = null): MemoryMaxAnswer => ({
  answer,
  mib: size,
  because,
})

const forOwnLimit = (question: MemoryMaxQuestion): MemoryMaxAnswer => {
  const { limitMib, peakMib, steadyMib, roomMib } = question
  if (limitMib === null) return say('cannot-say', 'the limit that was met is not stated')
  if (question.growth === 'leak') {
    const hours =
      question.growthMibPerHour === null || steadyMib === null
        ? null
        : (limitMib - steadyMib) / question.growthMibPerHour
    const next = hours === null || hours <= 0 ? '' : `; the next kill comes about ${durationText(hours)} after a start`
    return say(
      'keep',
      `memory only grows (${question.growthMibPerHour ?? 'unknown'} MiB/h), and a higher limit only delays the kill${next}`,
    )
  }
  if (peakMib === null) return say('cannot-say', 'how much the unit held at the kill is not stated')
  if (question.growth === 'flat' && steadyMib !== null && peakMib > 1.5 * steadyMib)
    return say(
      'keep',
      `the peak of ${peakMib} MiB is more than 1.5 times the steady ${steadyMib} MiB: a burst, not a limit that is too tight`,
    )
  const usual = up64(1.25 * peakMib)
  const survived = survivedMib(question)
  const wanted = Math.max(usual, survived)
  const why = wanted > usual ? survivedText(question) : `1.25 times the highest seen, ${peakMib} MiB`
  if (wanted <= limitMib) return say('keep', `the limit of ${limitMib} MiB is above ${why}`)
  if (roomMib === null) return say('cannot-say', 'how much room the host has is not known')
  if (wanted > roomMib) return say('too-small', `${why}, is ${wanted} MiB and the host has room for ${roomMib} MiB`)
  return say('raise', `${why}, rounded up to ${wanted} MiB, which is within the host's room of ${roomMib} MiB`, wanted)
}

/** Below this a limit would have killed in healthy time, by what the samples saw and may have missed (oom.md 4.8). */
const survivedMib = ({ healthyPeakMib, steepestMib }: MemoryMaxQuestion): number =>
  // Each of the two was rounded, and the limit itself kills.
  healthyPeakMib === null ? 0 : up64(healthyPeakMib + (steepestMib ?? 0) + 2)

const survivedText = ({ healthyPeakMib, steepestMib }: MemoryMaxQuestion): string =>
  `the healthy peak of ${healthyPeakMib ?? '?'} MiB with ${steepestMib ?? 0} MiB on top, the steepest rise between two samples`

const forHost = (question: MemoryMaxQuestion): MemoryMaxAnswer => {
  const { roomMib, nowMib, peakMib, steadyMib, healthyPeakMib } = question
  if (roomMib === null) return say('cannot-say', 'how much room the host has is not known')
  const need =
    steadyMib === null && healthyPeakMib === null
      ? null
      : Math.max(1.5 * (steadyMib ?? 0), 1.25 * (healthyPeakMib ?? 0))
  const usual = down64(need === null ? roomMib : Math.min(roomMib, need))
  const floor = nowMib === null ? 0 : up64(nowMib) + 64
  const survived = survivedMib(question)
  // The arithmetic of a small unit gives less than it may be given at all: it is raised as far as the room goes.
  const least = need === null ? 0 : Math.max(floor, survived)
  const size = least <= usual ? usual : Math.min(least, down64(roomMib))
  if (nowMib !== null && size < floor && need === null && size >= 64)
    return say(
      'later',
      `it holds ${nowMib} MiB now, so a limit below ${floor} MiB could kill it at once, and the host has room for ${roomMib} MiB`,
    )
  if (nowMib !== null && size < floor)
    return say(
      'too-small',
      `no number fits: the unit holds ${nowMib} MiB now and needs a limit of at least ${floor} MiB, and the host has room for ${roomMib} MiB`,
    )
  if (steadyMib !== null && size < 1.2 * steadyMib)
    return say(
      'too-small',
      `no number fits: the steady state is ${steadyMib} MiB, 1.2 times that is more than ${size} MiB, and the host has room for ${roomMib} MiB`,
    )
  if (size < 64) return say('too-small', `no number fits: the host has room for ${roomMib} MiB`)
  if (need === null && peakMib !== null && peakMib <= size)
    return say(
      'cannot-say',
      `the unit held ${peakMib} MiB at the kill, which is within the host's room of ${roomMib} MiB: alone it was not too big`,
    )
  const how =
    need === null
      ? `all the room the host has, ${roomMib} MiB, rounded down: there are not enough samples, and a tighter number could kill a healthy unit`
      : size > usual
        ? `${floor > survived ? `what it holds now, ${nowMib} MiB, rounded up and 64 MiB on top` : `${survivedText(question)}, rounded up`}, at most the host's room of ${roomMib} MiB`
        : `the larger of 1.5 times the steady ${steadyMib ?? '?'} MiB and 1.25 times the healthy peak ${healthyPeakMib ?? '?'} MiB, at most the host's room of ${roomMib} MiB, rounded down`
  return say('new', how, size)
}

/** Time from a start to the next kill, for a limit, a steady state and a growth. Null when one is unknown or nothing grows. */
export const hoursToKill = (limitMib: number, fromMib: number | null, growthMibPerHour: number | null): number | null =>
  fromMib === null || growthMibPerHour === null || growthMibPerHour <= 0
    ? null
    : Math.max(0, (limitMib - fromMib) / growthMibPerHour)

export const durationText = (hours: number): string =>
  hours < 2 ? `${Math.round(hours * 60)} min` : hours < 48 ? `${Math.round(hours)} h` : `${Math.round(hours / 24)} days`
