import type { Evidence, EvidenceId } from '../domain/evidence.ts'

export type Unnumbered = Omit<Evidence, 'id'>

interface Slot {
  /** How many numbers it takes; null until that is known. */
  count: number | null
  readonly waiting: Map<number, Unnumbered>
}

/**
 * Gives evidence its number in runbook order while results arrive in any order. A slot is one step (about one subject);
 * what stands behind a slot of unknown size waits until the size is known.
 */
export class Numbering {
  readonly #slots: Slot[] = []
  #next: number

  constructor(next: number) {
    this.#next = next
  }

  /** Number after the last one reserved; only whole once every slot's size is known. */
  get next(): number {
    return this.#next + this.#slots.reduce((sum, slot) => sum + (slot.count ?? 0), 0)
  }

  reserve(count: number | null): number {
    this.#slots.push({ count, waiting: new Map() })
    return this.#slots.length - 1
  }

  settle(slot: number, count: number): void {
    const found = this.#slots[slot]
    if (found !== undefined) found.count = count
  }

  place(slot: number, position: number, evidence: Unnumbered): void {
    this.#slots[slot]?.waiting.set(position, evidence)
  }

  /** Everything whose number is known by now, once. */
  *ready(): Generator<Evidence> {
    let base = this.#next
    for (const slot of this.#slots) {
      for (const [position, evidence] of [...slot.waiting].toSorted(([one], [other]) => one - other)) {
        if (slot.count === null) break
        slot.waiting.delete(position)
        const id: EvidenceId = `E${base + position}`
        yield { id, ...evidence }
      }
      if (slot.count === null) return
      base += slot.count
    }
  }
}
