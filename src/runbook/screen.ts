import xterm from '@xterm/headless'

export interface ScreenCell {
  readonly text: string
  /** Columns it covers: 1, or 2 for wide characters. */
  readonly width: number
  /** Index into the 256 colours, null for the terminal's own. */
  readonly foreground: number | null
  readonly background: number | null
  readonly bold: boolean
  readonly inverse: boolean
}

/** What a terminal showed. */
export interface Screen {
  readonly columns: number
  /** Each row trimmed at its right end; rows below the last one written are left out. */
  readonly rows: readonly string[]
  readonly cells: readonly (readonly ScreenCell[])[]
}

export interface ScreenSize {
  readonly columns: number
  readonly rows: number
}

/** The size htop's pty gets (outputs.md section 6). */
export const PTY_SIZE: ScreenSize = { columns: 160, rows: 48 }

/** Characters a picture can come from; htop writes 10 KB in three seconds. A longer session is read from its end. */
const LONGEST_SESSION = 256 * 1024

const ESCAPE = '\u001B'
const ENTER_ALTERNATE = /\u001B\[\?(?:1049|1047|47)h/
const LEAVE_ALTERNATE = /\u001B\[\?(?:1049|1047|47)l/

/** Final bytes of sequences that do something N times. A terminal obeys a thousand million, and a host may ask for it. */
const REPEATERS = ['@', 'I', 'L', 'M', 'P', 'S', 'T', 'X', 'Z', 'b']

/** Whether a text is the raw output of a screen program rather than plain lines. */
export const isTerminalSession = (text: string): boolean => text.includes(ESCAPE)

/**
 * The last picture a screen program showed. Quitting leaves the alternate screen and empties it, so reading stops just
 * before; what was printed before the screen was entered (a title line) is given apart.
 */
export const readScreen = async (session: string, size: ScreenSize): Promise<{ title: string; screen: Screen }> => {
  const text = session.slice(-LONGEST_SESSION)
  const enter = ENTER_ALTERNATE.exec(text)
  const title = enter === null ? '' : plain(text.slice(0, enter.index))
  const from = enter?.index ?? 0
  const leave = LEAVE_ALTERNATE.exec(text.slice(from))
  const picture = leave === null ? text.slice(from) : text.slice(from, from + leave.index)
  const terminal = new xterm.Terminal({ cols: size.columns, rows: size.rows, scrollback: 0, allowProposedApi: true })
  for (const final of REPEATERS) {
    terminal.parser.registerCsiHandler({ final }, (params) => params.flat().some((count) => count > size.columns))
  }
  try {
    await new Promise<void>((resolve) => {
      terminal.write(picture, resolve)
    })
    return { title, screen: screenOf(terminal.buffer.active, size) }
  } finally {
    terminal.dispose()
  }
}

/** Title and rows as text: what becomes the evidence of a pty step. */
export const screenText = (title: string, screen: Screen): string =>
  [...(title === '' ? [] : [title]), ...screen.rows].map((row) => `${row}\n`).join('')

/**
 * The screen with every row cleaned. A row that held a secret keeps its clean text and loses its colours.
 */
export const cleanScreen = (screen: Screen, clean: (text: string) => string): Screen => {
  const rows = screen.rows.map((row) => clean(row).replace(/\n$/, ''))
  const cells = screen.cells.map((row, index) =>
    rows[index] === screen.rows[index] ? row : Array.from(rows[index] ?? '', plainCell),
  )
  return { ...screen, rows, cells }
}

const plainCell = (text: string): ScreenCell => ({
  text,
  width: 1,
  foreground: null,
  background: null,
  bold: false,
  inverse: false,
})

const screenOf = (buffer: xterm.IBuffer, size: ScreenSize): Screen => {
  const cells: ScreenCell[][] = []
  for (let y = 0; y < size.rows; y += 1) {
    const line = buffer.getLine(buffer.baseY + y)
    const row: ScreenCell[] = []
    for (let x = 0; x < size.columns; x += 1) {
      const cell = line?.getCell(x)
      if (cell === undefined || cell.getWidth() === 0) continue
      row.push({
        text: cell.getChars() || ' ',
        width: cell.getWidth(),
        foreground: cell.isFgPalette() ? cell.getFgColor() : null,
        background: cell.isBgPalette() ? cell.getBgColor() : null,
        bold: cell.isBold() !== 0,
        inverse: cell.isInverse() !== 0,
      })
    }
    cells.push(row)
  }
  const rows = cells.map((row) =>
    row
      .map((cell) => cell.text)
      .join('')
      .trimEnd(),
  )
  const used = rows.findLastIndex((row) => row !== '') + 1
  return { columns: size.columns, rows: rows.slice(0, used), cells: cells.slice(0, used) }
}

/** Text printed before the screen program took over, without its escapes. */
const plain = (text: string): string =>
  text
    .replace(/\u001B\[[0-9;?]{0,32}[A-Za-z]|\u001B[()][A-Z0-9]|\u001B[=>]/g, '')
    .replace(/[\u0000-\u0009\u000B-\u001F]/g, '')
    .trim()
