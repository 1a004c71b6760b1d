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

/** One host of a fleet run that a worker near it looks at. */
export interface SiteOrder {
  readonly fleetId: string
  /** The host's row in the fleet run. */
  readonly number: number
  /** Longest time for the host, null for what the runbook needs. */
  readonly deadlineMs: number | null
}

/** Hands hosts to the workers of their site. It carries orders only: what became of a host stands in the store. */
export interface SiteQueue extends AsyncDisposable {
  /** An order that waits already, or is worked on, is kept as it is. Throws StoreError. */
  offer(site: string, order: SiteOrder): Promise<void>
  /** Takes back an order that nobody works on. */
  withdraw(site: string, order: SiteOrder): Promise<void>
  /** Takes orders until it is disposed. What throws, or whose process dies, goes to the next worker. */
  work(site: string, options: SiteWork): Promise<AsyncDisposable>
}

export interface SiteWork {
  readonly concurrency: number
  readonly handle: (order: SiteOrder, signal: AbortSignal) => Promise<void>
}
