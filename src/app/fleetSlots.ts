import { availableParallelism } from 'node:os'
import { monitorEventLoopDelay } from 'node:perf_hooks'

/** performance.md section 3: 16 to 64 hosts at once is the flat optimum on two cores. */
const LEAST = 16
const MOST = 64
const PER_CORE = 16
/** A host that says nothing for this long costs no work here, so that it does not keep a busy place; our choice. */
const QUIET_MS = 2_000
/** Sockets are bounded all the same. */
const QUIET_FACTOR = 4
const LOOK_MS = 500
/** Our own loop is late: hosts would be read too slowly and look as if they hung. */
const LATE_MS = 200

export interface Slot {
  /** The host said something. */
  readonly heard: () => void
  readonly release: () => void
}

/** Bounded places for hosts, adapted to the machine: fewer when our own loop is late, more when it is idle. */
export class FleetSlots implements Disposable {
  #limit: number
  readonly #most: number
  readonly #held = new Set<{ heardAtMs: number }>()
  readonly #waiting: ((slot: Slot) => void)[] = []
  readonly #delay = monitorEventLoopDelay({ resolution: 20 })
  readonly #timer: NodeJS.Timeout

  /** `fixed` is for tests and for people who know better. */
  constructor(fixed?: number) {
    this.#limit = fixed ?? Math.min(MOST, Math.max(LEAST, PER_CORE * availableParallelism()))
    this.#most = fixed ?? MOST
    this.#delay.enable()
    this.#timer = setInterval(() => this.#look(fixed === undefined), LOOK_MS)
    this.#timer.unref()
  }

  acquire(): Promise<Slot> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve)
      this.#admit()
    })
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
    this.#delay.disable()
  }

  #look(adapts: boolean): void {
    const lateMs = this.#delay.mean / 1e6
    this.#delay.reset()
    if (adapts && lateMs > LATE_MS) this.#limit = Math.max(LEAST, this.#limit - 4)
    else if (adapts && lateMs < LATE_MS / 4) this.#limit = Math.min(this.#most, this.#limit + 4)
    this.#admit()
  }

  #admit(): void {
    const since = performance.now() - QUIET_MS
    let busy = 0
    for (const held of this.#held) if (held.heardAtMs >= since) busy += 1
    while (this.#waiting.length > 0 && busy < this.#limit && this.#held.size < this.#most * QUIET_FACTOR) {
      const held = { heardAtMs: performance.now() }
      this.#held.add(held)
      busy += 1
      this.#waiting.shift()?.({
        heard: () => {
          held.heardAtMs = performance.now()
        },
        release: () => {
          if (this.#held.delete(held)) this.#admit()
        },
      })
    }
  }
}
