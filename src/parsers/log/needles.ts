// Tables of sentences are long, and nearly every line holds none of them: one pass over a line, for all tables together,
// tells which entries are worth a closer look. A search for each of several hundred words took a quarter of the time of
// a long log, a pass for each table a fifth.

/** Characters of a needle that are looked up at once: as many as fit a number, one byte each. */
const WINDOW = 4
/** So that few windows of a line are taken by chance (one in sixty), and the slots stay in the processor's nearest cache. */
const SLOT_BITS = 16

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

/** Shifts out what is older than the window. Characters beyond Latin-1 share a byte with others: the needle decides. */
const next = (window: number, code: number): number => (window << 8) | (code & 0xff)

/** Knuth's multiplicative hashing: the upper bits of the product depend on all of the window. */
const slotOf = (window: number): number => Math.imul(window, 0x9e3779b1) >>> (32 - SLOT_BITS)

const NONE: readonly never[] = []
const LAST_ASCII = 0x7f

const file = <Key>(index: Map<Key, Row[]>, key: Key, row: Row): void => {
  const rows = index.get(key)
  if (rows === undefined) index.set(key, [row])
  else rows.push(row)
}

const search = (words: ReadonlyMap<string, readonly Row[]>, text: string, found: Row[]): void => {
  for (const [needle, rows] of words) if (text.includes(needle)) found.push(...rows)
}

/** Tables that share one look at each line. */
export const sharedTables = (): MakeTable => {
  const isTaken = new Uint8Array(1 << SLOT_BITS)
  const rowsOf = new Map<number, Row[]>()
  /** Words shorter than the window are searched for, each once; those with foreign letters only beside such. */
  const shortRows = new Map<string, Row[]>()
  const foreignRows = new Map<string, Row[]>()
  let tables = 0
  // Every table asks about a line in turn: what the last look at it found is at hand.
  let lastText = ''
  let lastRows: readonly Row[] = NONE

  const add = (row: Row): void => {
    if (row.needle.length < WINDOW) {
      file(/^\p{ASCII}*$/u.test(row.needle) ? shortRows : foreignRows, row.needle, row)
      return
    }
    let window = 0
    for (let at = 0; at < WINDOW; at += 1) window = next(window, row.needle.charCodeAt(at))
    isTaken[slotOf(window)] = 1
    file(rowsOf, window, row)
  }

  const look = (text: string): readonly Row[] => {
    const found: Row[] = []
    let window = 0
    let letters = 0
    for (let at = 0; at < text.length; at += 1) {
      const code = text.charCodeAt(at)
      letters |= code
      window = next(window, code)
      if (isTaken[slotOf(window)] === 0 || at < WINDOW - 1) continue
      for (const row of rowsOf.get(window) ?? NONE) {
        if (text.startsWith(row.needle, at - WINDOW + 1) && !found.includes(row)) found.push(row)
      }
    }
    search(shortRows, text, found)
    if (letters > LAST_ASCII) search(foreignRows, text, found)
    return found
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

/** Whether one of the words stands in a line: asked before what costs more. */
export const mentions = (...words: readonly string[]): ((text: string) => boolean) => {
  const found = byNeedle(words, (word) => word)
  return (text) => found(text).length > 0
}
