import { availableParallelism } from 'node:os'
import { monitorEventLoopDelay } from 'node:perf_hooks'

/** performance.md section 3: 16 to 64 hosts at once is the flat optimum on two cores. */
const LEAST = 16
const MOST = 64
const PER_CORE = 16
/** A host that says nothing for this long costs no work here, so that it does not keep a busy place; our choice. */
const SILENT_MS = 2_000
/** Sockets are bounded all the same. */
const SOCKETS_PER_PLACE = 4
const LOOK_MS = 500
/** Our own loop is late: hosts would be read too slowly and look as if they hung. */
const LATE_MS = 200
const STEP = 4

export interface Slot {
  /** The network answers for this host: from now on its silence may be our doing. */
  readonly reached: () => void
  /** The host said something. */
  readonly heard: () => void
  readonly release: () => void
}

interface Held {
  heardAtMs: number
  isReached: boolean
}

interface Census {
  /** Heard lately, or just begun. */
  readonly working: number
  /** Reached, and silent since. */
  readonly silent: number
}

/**
 * Bounded places for hosts. A few silent hosts are sick and give their places away; when most are silent at once, the
 * cause is shared (their common hypervisor, the line, this machine), more of them would make it worse, and the places
 * become fewer. So they do when our own loop is late. Hosts that no network answers for cost nobody anything.
 */
export class FleetSlots implements Disposable {
  #limit: number
  readonly #most: number
  readonly #held = new Set<Held>()
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
    if (adapts) this.#adapt(lateMs)
    this.#admit()
  }

  #adapt(lateMs: number): void {
    const { working, silent } = this.#census()
    if (lateMs > LATE_MS || silent > working) this.#limit = Math.max(LEAST, this.#limit - STEP)
    else if (lateMs < LATE_MS / 4 && silent * 2 <= working) this.#limit = Math.min(this.#most, this.#limit + STEP)
  }

  #census(): Census {
    const since = performance.now() - SILENT_MS
    let [working, silent] = [0, 0]
    for (const { heardAtMs, isReached } of this.#held) {
      if (heardAtMs >= since) working += 1
      else if (isReached) silent += 1
    }
    return { working, silent }
  }

  #admit(): void {
    const { working, silent } = this.#census()
    let taken = Math.max(working, silent)
    while (this.#waiting.length > 0 && taken < this.#limit && this.#held.size < this.#most * SOCKETS_PER_PLACE) {
      this.#waiting.shift()?.(this.#hold())
      taken += 1
    }
  }

  #hold(): Slot {
    const held: Held = { heardAtMs: performance.now(), isReached: false }
    this.#held.add(held)
    return {
      reached: () => {
        held.isReached = true
      },
      heard: () => {
        held.isReached = true
        held.heardAtMs = performance.now()
      },
      release: () => {
        if (this.#held.delete(held)) this.#admit()
      },
    }
  }
}
