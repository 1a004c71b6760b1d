/** A moment a job is due at. */
export interface Occurrence {
  /** `2026-11-12` in the job's zone: one row a day. */
  readonly localDate: string
  readonly dueAtMs: number
}

/** When a job is due: once a day, in its own zone. */
export interface DailyTime {
  /** `07:00` */
  readonly at: string
  readonly zone: string
}

/** Something that happens once a day. */
export interface Job {
  readonly name: string
  readonly time: DailyTime
  /** The work. Its result is kept as the day's detail. Called again with `earlier` when a process died in the middle. */
  run(day: JobRun, signal: AbortSignal): Promise<string>
}

export interface JobRun {
  readonly occurrence: Occurrence
  /** Days that went by without this job, oldest first. */
  readonly missed: readonly string[]
  /** What a process that died had remembered, null for a first try. */
  readonly earlier: string | null
  /** Keeps what a later process needs to go on. */
  remember(detail: string): Promise<void>
}

/** Who may work on something; `app/holder.ts` knows. */
export interface JobHold extends AsyncDisposable {
  readonly signal: AbortSignal
}

/** Runs jobs until it is disposed; what runs then is stopped. */
export interface Scheduler extends AsyncDisposable {
  /** Looks now; resolves when everything that was due has ended. For tests and for the start. */
  tick(): Promise<void>
}
