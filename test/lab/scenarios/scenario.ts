import type { Guest } from '../guest.ts'

/** Who ended a process, or nobody. */
export type Killer = 'kernel' | 'v8' | 'systemd' | 'systemd-oomd' | 'earlyoom' | 'person' | 'program'

/** Whose limit was hit when the kernel killed. */
export type LimitOwner = 'unit' | 'slice' | 'container' | 'host'

export interface Victim {
  readonly pid: number
  /** The kernel's short name; Node's main thread is `MainThread`. null where the witness gives none. */
  readonly comm: string | null
  /** Where the victim lived, `/system.slice/queue_worker.service`; null where the witness gives none. */
  readonly cgroup: string | null
  readonly at: string
}

/** What really happened, seen by other means than Medic's: a test compares a diagnosis with it. */
export interface Truth {
  /** The unit that suffered. */
  readonly unit: string
  /** One line for people. */
  readonly summary: string
  readonly killer: Killer | null
  readonly limitOwner: LimitOwner | null
  readonly limitBytes: number | null
  /** Those killed until the moment of looking, oldest first. The machine goes on, so more may follow. */
  readonly victims: readonly Victim[]
  /** The unit's main process now; null when it is down. */
  readonly mainPid: number | null
  readonly restarts: number
  readonly activeState: string
  readonly result: string
  /** What else this scenario saw. */
  readonly facts: Readonly<Record<string, string | number | boolean | null>>
}

/** One way in which the machine breaks. It begins on a healthy, settled machine. */
export interface Scenario {
  readonly id: string
  /** What a person gets, in one line. */
  readonly title: string
  /** Breaks the machine, waits until it has happened, and tells the truth about it. */
  run(guest: Guest): Promise<Truth>
}
