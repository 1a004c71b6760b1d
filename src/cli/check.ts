/** One thing that was tried: what, how it went, and how to mend it. */
export interface Check {
  readonly what: string
  readonly status: 'ok' | 'warn' | 'fail'
  readonly detail: string
  readonly mend: string | null
}
