import { ParseError } from '../domain/errors.ts'

interface DfRow {
  readonly source: string
  readonly mount: string
  /** The three columns before the percentage, as printed. */
  readonly numbers: readonly string[]
  readonly percent: number | null
  readonly line: number
}

/**
 * The table every `df` prints. Columns are found from the percentage that is followed by a path, because sources and
 * mount points may hold blanks; without -P a long source stands on a line of its own.
 */
export const dfRows = (parser: string, output: string): { header: string; rows: readonly DfRow[] } => {
  const lines = output.split('\n')
  const headerAt = lines.findIndex((line) => line.startsWith('Filesystem'))
  const header = lines[headerAt]
  if (header === undefined) throw new ParseError(parser, 1, 'expected the header "Filesystem …"')
  const rows: DfRow[] = []
  let carried = ''
  for (const [index, raw] of lines.entries()) {
    if (index <= headerAt || raw.trim() === '') continue
    const words = `${carried} ${raw}`.trim().split(/\s+/)
    const percentAt = words.findIndex(
      (word, at) => /^(?:\d{1,3}%|-)$/.test(word) && words[at + 1]?.startsWith('/') === true,
    )
    if (percentAt < 4) {
      if (carried !== '' || words.length > 2)
        throw new ParseError(parser, index + 1, `expected a row of df, got "${raw.slice(0, 80)}"`)
      carried = raw.trim()
      continue
    }
    const percent = words[percentAt] ?? '-'
    rows.push({
      source: words.slice(0, percentAt - 3).join(' '),
      mount: words.slice(percentAt + 1).join(' '),
      numbers: words.slice(percentAt - 3, percentAt),
      percent: percent === '-' ? null : Number(percent.slice(0, -1)),
      line: index + 1,
    })
    carried = ''
  }
  return { header, rows }
}
