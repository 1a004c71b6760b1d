// Tables of sentences are long, and nearly every line holds none of them: one pass over a line, for all tables together,
// tells which entries are worth a closer look. A search for each of several hundred words took a quarter of the time of
// a long log, a pass for each table a fifth.

/** Characters of a needle that are looked up at once. */
const WINDOW = 4
const SLOTS = 1 << 16

interface Row {
  readonly needle: string
  /** Which table the row stands in. */
  readonly table: number
  /** Where it stands there. */
  readonly order: number
}

/** Makes a table of entries and gives the question to it: which entries have their needle in a line, in the table's order. */
export type MakeTable = <Entry>(
  entries: readonly Entry[],
  needleOf: (entry: Entry) => string,
) => (text: string) => readonly Entry[]

/** Shifts out what is older than the window: four bits a character, sixteen in all. */
const next = (hash: number, code: number): number => ((hash << 4) ^ code) & (SLOTS - 1)

const NONE: readonly never[] = []

/** Tables that share one look at each line. */
export const sharedTables = (): MakeTable => {
  const isTaken = new Uint8Array(SLOTS)
  const rowsOf = new Map<number, Row[]>()
  const shortRows: Row[] = []
  let tables = 0
  // Every table asks about a line in turn: what the last look at it found is at hand.
  let lastText = ''
  let lastRows: readonly Row[] = NONE

  const add = (row: Row): void => {
    if (row.needle.length < WINDOW) {
      shortRows.push(row)
      return
    }
    let hash = 0
    for (let at = 0; at < WINDOW; at += 1) hash = next(hash, row.needle.charCodeAt(at))
    isTaken[hash] = 1
    const rows = rowsOf.get(hash)
    if (rows === undefined) rowsOf.set(hash, [row])
    else rows.push(row)
  }

  const look = (text: string): readonly Row[] => {
    let found: Row[] | null = null
    for (const row of shortRows) if (text.includes(row.needle)) (found ??= []).push(row)
    let hash = 0
    for (let at = 0; at < text.length; at += 1) {
      hash = next(hash, text.charCodeAt(at))
      if (isTaken[hash] === 0 || at < WINDOW - 1) continue
      for (const row of rowsOf.get(hash) ?? NONE) {
        if (text.startsWith(row.needle, at - WINDOW + 1) && found?.includes(row) !== true) (found ??= []).push(row)
      }
    }
    return found ?? NONE
  }

  return (entries, needleOf) => {
    const table = tables
    tables += 1
    for (const [order, entry] of entries.entries()) add({ needle: needleOf(entry), table, order })
    lastText = ''
    lastRows = NONE
    return (text) => {
      if (text !== lastText) {
        lastRows = look(text)
        lastText = text
      }
      if (lastRows.length === 0) return NONE
      return lastRows
        .filter((row) => row.table === table)
        .toSorted((one, other) => one.order - other.order)
        .flatMap(({ order }) => entries.slice(order, order + 1))
    }
  }
}

/** The tables of the log reading; each is made once, when the module that holds it loads. */
export const byNeedle = sharedTables()
