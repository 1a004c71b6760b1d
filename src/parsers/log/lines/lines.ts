/** Longest line that is kept; what stands behind is cut (reference: oom.md section 8, hostile input). */
export const LINE_LIMIT = 65_536

/** Longest text a regular expression is run over. */
export const TEXT_LIMIT = 8192

const DAMAGE = /[\0\u{ad}\u{200b}\u{feff}\u{fffe}]/gu
/** Pages and word processors set blanks at which a line may not break. */
const HARD_BLANK = /[\u{a0}\u{2007}\u{202f}]/gu
// CSI, OSC and two-byte escapes; bounded, so that an unfinished one costs nothing.
const ANSI = /\x1b(?:\[[0-9;:?<=>]{0,64}[ -/]{0,8}[@-~]|\][^\x07\x1b]{0,512}(?:\x07|\x1b\\)|[()][0-9A-B]|[=>@-Z\\-_])/g
const OVERSTRIKE = /[^\x08]\x08/g
/** A mail client's encoding is believed only when it damaged a kernel line or says so itself. */
const QUOTED_PRINTABLE = [
  'gfp_mask=3D',
  'order=3D',
  'constraint=3D',
  'nodemask=3D',
  'Content-Transfer-Encoding: quoted-printable',
]

/** Whether a mail client's encoding stands in the text; it is then taken off every line. */
export const isQuotedPrintable = (text: string): boolean =>
  QUOTED_PRINTABLE.some((mark) => text.includes(mark)) || (text.includes(' =3D ') && SOFT_BREAK.test(text))

/** A line that goes on after its end, as no other encoding marks it. */
const SOFT_BREAK = /[^\s=]=\r?\n\S/

/** Visits every line once, in order, without building an array of them. */
export const forEachLine = (text: string, visit: (line: string) => void): void => {
  let start = 0
  while (start < text.length) {
    const found = text.indexOf('\n', start)
    const end = found === -1 ? text.length : found
    visit(text.slice(start, Math.min(end, start + LINE_LIMIT)))
    start = end + 1
  }
}

/** Takes the lines of one text in order, and gives them clean and numbered to `visit`. */
export interface LineReader {
  readonly accept: (line: string) => void
  /** The text is over; gives how many lines there were. */
  finish(): number
}

/** A reader for one text; `softBreaks` says whether it is quoted-printable. */
export const lineReader = (softBreaks: boolean, visit: (line: string, number: number) => void): LineReader => {
  let number = 0
  let held = ''
  let heldNumber = 0
  return {
    accept: (raw) => {
      number += 1
      const line = withoutControls(raw.length > LINE_LIMIT ? raw.slice(0, LINE_LIMIT) : raw)
      if (!softBreaks) {
        visit(line, number)
        return
      }
      if (held === '') heldNumber = number
      if (line.endsWith('=') && held.length < LINE_LIMIT) {
        held += line.slice(0, -1)
        return
      }
      visit(decodeQuotedPrintable(held + line), heldNumber)
      held = ''
    },
    finish: () => {
      if (held !== '') visit(decodeQuotedPrintable(held), heldNumber)
      return number
    },
  }
}

/** Takes off what terminals, pagers and pastes leave in a line: carriage returns, NUL bytes, colours, overstrikes. */
export const withoutControls = (line: string): string => {
  let text = line
  if (hasControl(text)) {
    text = text.replace(DAMAGE, '').replace(HARD_BLANK, ' ').replace(ANSI, '')
    if (text.includes('\b')) text = text.replace(OVERSTRIKE, '').replaceAll('\b', '')
    while (text.endsWith('\r')) text = text.slice(0, -1)
    // A pager or progress bar overwrote the beginning of the line.
    if (text.includes('\r')) text = text.slice(text.lastIndexOf('\r') + 1)
  }
  return MAY_BE_COLOUR.test(text) && !text.includes('u001') ? text.replace(LOST_COLOUR, '') : text
}

/**
 * A colour whose escape was lost in the paste, or is shown: `[31mFATAL ERROR`, `^[[31mFATAL ERROR`; never `rate(x[5m])`.
 * In JSON it is an escape yet, which comes to light when the JSON is read.
 */
const LOST_COLOUR =
  /(?:\^\[|\\x1[bB]|\\0?33|\\e|[␛←])?\[(?:(?:(?:0{1,2}|[349]\d|10[0-7]|[0-9]{1,2};\d{1,3})(?:;\d{1,3}){0,4})m(?!\])|(?:[1-47]|2[1247])m(?![\]\d]))/g
const MAY_BE_COLOUR = /\[\d{1,3}(?:;\d{1,3}){0,5}m/

const CONTROL = /[\0\x08\r\x1b\u{a0}\u{ad}\u{2007}\u{200b}\u{202f}\u{feff}\u{fffe}]/u

const hasControl = (text: string): boolean => CONTROL.test(text)

const CODES = /(?:=[0-9A-F]{2})+/g
const utf8 = new TextDecoder()

/** Most codes are one character of ASCII; the others come in rows, as UTF-8. */
const decodeQuotedPrintable = (text: string): string =>
  text.includes('=')
    ? text.replace(CODES, (codes) => {
        const first = Number.parseInt(codes.slice(1, 3), 16)
        return codes.length === 3 && first < 0x80 ? String.fromCharCode(first) : utf8.decode(bytesOf(codes))
      })
    : text

const bytesOf = (codes: string): Uint8Array =>
  Uint8Array.from(codes.slice(1).split('='), (hex) => Number.parseInt(hex, 16))
