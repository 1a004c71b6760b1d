import { joinSignals } from '../domain/joinedSignal.ts'
import type { JobDay, Store } from '../store/store.ts'
import { lastOccurrences } from './dailyTime.ts'
import type { Job, JobHold, JobRun, Occurrence, Scheduler } from './job.ts'

export interface SchedulerTools {
  readonly store: Pick<Store, 'claimJobDay' | 'saveJobDay' | 'findJobDay'>
  readonly now: () => number
  /** Undefined when a living process holds it. */
  readonly hold: (key: string) => Promise<JobHold | undefined>
  /** One line for the log. */
  readonly report: (line: string) => void
  /** At most this long after the time, so that many installations do not ask one server at once. */
  readonly jitterMs?: number
  /** Between two looks at the clock; a timer for the exact moment would miss changed clocks and sleeping machines. */
  readonly lookMs?: number
}

/** Said by name up to here, then by number. */
const MISSED_LOOKED_AT = 14
const LOOK_MS = 20_000
const JITTER_MS = 60_000

/**
 * Runs each job once per local date, whichever process is first. After downtime the latest missed day is run late, once;
 * earlier ones are told to it as missed. A job never runs for days before it was known.
 */
export const createScheduler = (jobs: readonly Job[], tools: SchedulerTools): Scheduler => {
  const stop = new AbortController()
  const working = new Map<string, Promise<void>>()
  const jitterMs = Math.floor(Math.random() * (tools.jitterMs ?? JITTER_MS))
  const tick = async (): Promise<void> => {
    for (const job of jobs) {
      if (working.has(job.name) || stop.signal.aborted) continue
      const work = lookAt(job, tools, jitterMs, stop.signal)
        .catch((error: unknown) => {
          tools.report(`${job.name}: ${error instanceof Error ? error.message : String(error)}`)
        })
        .finally(() => working.delete(job.name))
      working.set(job.name, work)
    }
    await Promise.all(working.values())
  }
  const timer = setInterval(() => void tick(), tools.lookMs ?? LOOK_MS)
  return {
    tick,
    async [Symbol.asyncDispose]() {
      clearInterval(timer)
      stop.abort()
      await Promise.all(working.values())
    },
  }
}

const lookAt = async (job: Job, tools: SchedulerTools, jitterMs: number, signal: AbortSignal): Promise<void> => {
  const { store, now } = tools
  const nowMs = now()
  await store.claimJobDay({ job: job.name, localDate: 'first', state: 'known', atMs: nowMs, detail: '' })
  const first = await store.findJobDay(job.name, 'first')
  const past = lastOccurrences(job.time, MISSED_LOOKED_AT, nowMs - jitterMs).filter(
    ({ dueAtMs }) => dueAtMs >= (first?.atMs ?? nowMs),
  )
  const [due] = past
  if (due === undefined || isOver(await store.findJobDay(job.name, due.localDate))) return
  await using held = await tools.hold(`job:${job.name}:${due.localDate}`)
  if (held === undefined) return
  // Between the look and the hold another process may have done it.
  const before = await store.findJobDay(job.name, due.localDate)
  if (isOver(before)) return
  const missed = await missedDays(job, store, past.slice(1), nowMs)
  using either = joinSignals(signal, held.signal)
  await work({ job, due, before, missed }, tools, either.signal)
}

const isOver = (day: JobDay | undefined): boolean => day !== undefined && day.state !== 'running'

/** Days between the last one with a row and this one, marked so that they are said once. */
const missedDays = async (
  job: Job,
  store: SchedulerTools['store'],
  past: readonly Occurrence[],
  nowMs: number,
): Promise<readonly string[]> => {
  const missed: string[] = []
  for (const { localDate } of past) {
    const row: JobDay = { job: job.name, localDate, state: 'missed', atMs: nowMs, detail: 'Medic was not running' }
    if (!(await store.claimJobDay(row))) break
    missed.unshift(localDate)
  }
  return missed
}

interface Work {
  readonly job: Job
  readonly due: Occurrence
  readonly before: JobDay | undefined
  readonly missed: readonly string[]
}

const work = async ({ job, due, before, missed }: Work, tools: SchedulerTools, signal: AbortSignal): Promise<void> => {
  const { store, now, report } = tools
  const row = (state: JobDay['state'], detail: string): JobDay => ({
    job: job.name,
    localDate: due.localDate,
    state,
    atMs: now(),
    detail,
  })
  const earlier = before === undefined || before.detail === '' ? null : before.detail
  if (before === undefined) await store.claimJobDay(row('running', ''))
  const lateMs = now() - due.dueAtMs
  report(
    `${job.name}: ${due.localDate} begins${lateMs > 10 * 60_000 ? `, ${Math.round(lateMs / 60_000)} min late` : ''}`,
  )
  const run: JobRun = {
    occurrence: due,
    missed,
    earlier,
    remember: (detail) => store.saveJobDay(row('running', detail)),
  }
  try {
    const detail = await job.run(run, signal)
    // Stopped in the middle: the row stays `running`, and whoever starts next goes on with it.
    if (signal.aborted) return
    await store.saveJobDay(row('done', detail))
    report(`${job.name}: ${due.localDate} done: ${detail}`)
  } catch (error) {
    if (signal.aborted) return
    const message = error instanceof Error ? error.message : String(error)
    await store.saveJobDay(row('failed', message))
    report(`${job.name}: ${due.localDate} failed: ${message}`)
  }
}
