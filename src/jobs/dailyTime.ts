import { Cron } from 'croner'
import type { DailyTime, Occurrence } from './job.ts'

/** The next moment after `nowMs`. A time that the clock skips in spring is due when the clock has moved on. */
export const nextOccurrence = (time: DailyTime, nowMs: number): Occurrence => {
  const next = cronOf(time).nextRun(new Date(nowMs))
  if (next === null) throw new Error(`${time.at} in ${time.zone} never comes`)
  return occurrenceOf(time, next)
}

/** The latest moments at or before `nowMs`, newest first. */
export const lastOccurrences = (time: DailyTime, count: number, nowMs: number): readonly Occurrence[] =>
  cronOf(time)
    .previousRuns(count + 1, new Date(nowMs + 1000))
    .filter((date) => date.getTime() <= nowMs)
    .slice(0, count)
    .map((date) => occurrenceOf(time, date))

/** Paused from the beginning: only its arithmetic is used. */
const cronOf = ({ at, zone }: DailyTime): Cron => {
  const [hour = '0', minute = '0'] = at.split(':')
  return new Cron(`${Number(minute)} ${Number(hour)} * * *`, { timezone: zone, paused: true })
}

const occurrenceOf = ({ zone }: DailyTime, date: Date): Occurrence => ({
  localDate: localDate(zone, date.getTime()),
  dueAtMs: date.getTime(),
})

/** `2026-11-12`, as the calendar on the wall of that zone says. */
export const localDate = (zone: string, atMs: number): string =>
  new Intl.DateTimeFormat('en-CA', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' }).format(atMs)

/** `2026-11-12 07:00 GMT+1`, in the zone of the job. */
export const localTime = (zone: string, atMs: number): string => {
  const parts = new Intl.DateTimeFormat('en-CA', {
    timeZone: zone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZoneName: 'short',
  }).formatToParts(atMs)
  const part = (type: Intl.DateTimeFormatPartTypes): string => parts.find((one) => one.type === type)?.value ?? ''
  return `${part('year')}-${part('month')}-${part('day')} ${part('hour')}:${part('minute')} ${part('timeZoneName')}`
}
