/** One thing that goes wrong with a call. `*Ms` values are real time. */
export type Fault =
  /** Answered `{ok:false,error}` without acting. */
  | { readonly error: string; readonly messages?: readonly string[] }
  /** Answered with an HTTP status without acting. */
  | { readonly status: number; readonly retryAfterSeconds?: number }
  /** Acts after a pause. */
  | { readonly delayMs: number }
  /** Acts at once, answers after a pause: the client may have given up by then. */
  | { readonly answerAfterMs: number }
  /** The connection breaks, before or after the call took effect. */
  | { readonly drop: 'before-acting' | 'after-acting' }

/** A Web API method, `upload`, `response_url`, or `*` for all of them. */
export type FaultTarget = string

interface Planned {
  readonly target: FaultTarget
  readonly fault: Fault
  left: number
  skip: number
}

/** The plan of what goes wrong next. */
export class Faults {
  readonly #planned: Planned[] = []

  /** The next `times` calls of the target fail so, after `skip` that go well. */
  plan(target: FaultTarget, fault: Fault, times = 1, skip = 0): void {
    this.#planned.push({ target, fault, left: times, skip })
  }

  take(target: FaultTarget): Fault | null {
    for (const planned of this.#planned) {
      if (planned.left === 0 || (planned.target !== '*' && planned.target !== target)) continue
      if (planned.skip > 0) {
        planned.skip--
        continue
      }
      planned.left--
      return planned.fault
    }
    return null
  }

  /** How many planned faults have not happened yet: a test that expects a fault should end at 0. */
  get left(): number {
    return this.#planned.reduce((sum, planned) => sum + planned.left, 0)
  }

  clear(): void {
    this.#planned.length = 0
  }
}
