import type { EvidenceId } from '../domain/evidence.ts'
import { NEAR_LINES, type Placed } from './nearness.ts'
import { Scale } from './scale.ts'
import { wallOf } from './wallClock.ts'

/** Many things' places: says what `isNear` says of any of them, without a look at each. */
export class Moments {
  readonly #withinMs: number
  readonly #utc: Scale
  /** By text and by the clocks that things in it have: two things are compared on the best clock that both have. */
  readonly #groups = new Map<string, Group>()

  constructor(withinMs: number) {
    this.#withinMs = withinMs
    this.#utc = new Scale(withinMs)
  }

  add(placed: Placed): void {
    const { atMs, bootSeconds } = placed.time
    const wall = wallOf(placed.time)
    if (atMs !== null) this.#utc.add(atMs)
    const group = this.#groupOf(placed, wall?.clock ?? null)
    if (bootSeconds !== null) group.boot.add(bootSeconds * 1000)
    if (wall !== null) group.wall.add(wall.ms)
    const line = placed.cited[0]?.line
    if (line !== undefined) group.lines.add(line)
  }

  hasNear(placed: Placed): boolean {
    const { atMs, bootSeconds } = placed.time
    if (atMs !== null && this.#utc.hasNear(atMs)) return true
    const wall = wallOf(placed.time)
    const line = placed.cited[0]?.line
    return [...this.#groups.values()].some((group) => {
      if (group.evidence !== placed.evidence || (group.hasUtc && atMs !== null)) return false
      if (group.hasBoot && bootSeconds !== null) return group.boot.hasNear(bootSeconds * 1000)
      if (wall !== null && group.wallClock === wall.clock) return group.wall.hasNear(wall.ms)
      return line !== undefined && group.lines.hasNear(line)
    })
  }

  #groupOf({ evidence, time }: Placed, wallClock: string | null): Group {
    const hasUtc = time.atMs !== null
    const hasBoot = time.bootSeconds !== null
    const key = `${evidence} ${hasUtc} ${hasBoot} ${wallClock}`
    const known = this.#groups.get(key)
    if (known !== undefined) return known
    const scales = { boot: new Scale(this.#withinMs), wall: new Scale(this.#withinMs), lines: new Scale(NEAR_LINES) }
    const group = { evidence, hasUtc, hasBoot, wallClock, ...scales }
    this.#groups.set(key, group)
    return group
  }
}

interface Group {
  readonly evidence: EvidenceId
  readonly hasUtc: boolean
  readonly hasBoot: boolean
  readonly wallClock: string | null
  readonly boot: Scale
  readonly wall: Scale
  readonly lines: Scale
}
