import { NEAR_LINES, type Placed } from './nearness.ts'
import { wallOf } from './wallClock.ts'

/** Many things' places: says what `isNear` says of any of them, without a look at each. */
export class Moments {
  readonly #withinMs: number
  readonly #wall: Scale
  /** By text and by which clocks the things in it have: two things are compared on the best clock that both have. */
  readonly #groups = new Map<string, Group>()
  /** The clocks without year or zone that some of them have; the empty name is that of none. */
  readonly #localClocks = new Set<string>()

  constructor(withinMs: number) {
    this.#withinMs = withinMs
    this.#wall = new Scale(withinMs)
  }

  add(placed: Placed): void {
    const { atMs, bootSeconds } = placed.time
    if (atMs !== null) this.#wall.add(atMs)
    const local = wallOf(placed.time)
    const key = groupKey(placed, { hasWall: atMs !== null, hasBoot: bootSeconds !== null, clock: local?.clock ?? '' })
    const group = this.#groups.get(key) ?? {
      boot: new Scale(this.#withinMs),
      local: new Scale(this.#withinMs),
      lines: new Scale(NEAR_LINES),
    }
    this.#groups.set(key, group)
    this.#localClocks.add(local?.clock ?? '')
    if (local !== null) group.local.add(local.ms)
    if (bootSeconds !== null) group.boot.add(bootSeconds * 1000)
    const line = placed.cited[0]?.line
    if (line !== undefined) group.lines.add(line)
  }

  hasNear(placed: Placed): boolean {
    const { atMs, bootSeconds } = placed.time
    if (atMs !== null && this.#wall.hasNear(atMs)) return true
    const line = placed.cited[0]?.line
    const local = wallOf(placed.time)
    return [...this.#localClocks].some((clock) =>
      CLOCKS.some(({ hasWall, hasBoot }) => {
        if (hasWall && atMs !== null) return false
        const group = this.#groups.get(groupKey(placed, { hasWall, hasBoot, clock }))
        if (group === undefined) return false
        if (hasBoot && bootSeconds !== null) return group.boot.hasNear(bootSeconds * 1000)
        if (local !== null && local.clock === clock) return group.local.hasNear(local.ms)
        return line !== undefined && group.lines.hasNear(line)
      }),
    )
  }
}

interface Group {
  readonly boot: Scale
  readonly local: Scale
  readonly lines: Scale
}

const CLOCKS = [false, true].flatMap((hasWall) => [false, true].map((hasBoot) => ({ hasWall, hasBoot })))

interface Clocks {
  readonly hasWall: boolean
  readonly hasBoot: boolean
  readonly clock: string
}

const groupKey = ({ evidence }: Placed, { hasWall, hasBoot, clock }: Clocks): string =>
  `${evidence} ${hasWall} ${hasBoot} ${clock}`

/** Numbers, asked whether one is within a reach: stretches are as wide as the reach, so that three are looked at. */
class Scale {
  readonly #reach: number
  readonly #stretches = new Map<number, { first: number; last: number }>()

  constructor(reach: number) {
    this.#reach = reach
  }

  add(value: number): void {
    const at = Math.floor(value / this.#reach)
    const { first, last } = this.#stretches.get(at) ?? { first: value, last: value }
    this.#stretches.set(at, { first: Math.min(first, value), last: Math.max(last, value) })
  }

  hasNear(value: number): boolean {
    const at = Math.floor(value / this.#reach)
    const before = this.#stretches.get(at - 1)
    const after = this.#stretches.get(at + 1)
    return (
      this.#stretches.has(at) ||
      (before !== undefined && value - before.last <= this.#reach) ||
      (after !== undefined && after.first - value <= this.#reach)
    )
  }
}
