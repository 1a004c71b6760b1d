// Tables of sentences are long, and nearly every line holds none of them: one pass over a line tells which entries are
// worth a closer look, where a search for each of several hundred words took a quarter of the time of a long log.

/** Characters of a needle that are looked up at once. */
const WINDOW = 4
const SLOTS = 1 << 16

interface Row<Entry> {
  readonly needle: string
  readonly entry: Entry
  readonly order: number
}

/** Shifts out what is older than the window: four bits a character, sixteen in all. */
const next = (hash: number, code: number): number => ((hash << 4) ^ code) & (SLOTS - 1)

/** Says which entries have their needle in a line, in the order of the table. */
export const byNeedle = <Entry>(
  entries: readonly Entry[],
  needleOf: (entry: Entry) => string,
): ((text: string) => readonly Entry[]) => {
  const isTaken = new Uint8Array(SLOTS)
  const rowsOf = new Map<number, Row<Entry>[]>()
  const short: Row<Entry>[] = []
  for (const [order, entry] of entries.entries()) {
    const needle = needleOf(entry)
    const row = { needle, entry, order }
    if (needle.length < WINDOW) {
      short.push(row)
      continue
    }
    let hash = 0
    for (let at = 0; at < WINDOW; at += 1) hash = next(hash, needle.charCodeAt(at))
    isTaken[hash] = 1
    rowsOf.set(hash, [...(rowsOf.get(hash) ?? []), row])
  }
  return (text) => {
    let found: Row<Entry>[] | null = null
    for (const row of short) if (text.includes(row.needle)) (found ??= []).push(row)
    let hash = 0
    for (let at = 0; at < text.length; at += 1) {
      hash = next(hash, text.charCodeAt(at))
      if (isTaken[hash] === 0 || at < WINDOW - 1) continue
      for (const row of rowsOf.get(hash) ?? []) {
        if (text.startsWith(row.needle, at - WINDOW + 1) && found?.includes(row) !== true) (found ??= []).push(row)
      }
    }
    if (found === null) return []
    return found.toSorted((one, other) => one.order - other.order).map(({ entry }) => entry)
  }
}
