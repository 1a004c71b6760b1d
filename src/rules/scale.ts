/** Numbers, asked whether one is within a reach: stretches are as wide as the reach, so that three are looked at. */
export class Scale {
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
