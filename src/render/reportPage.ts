import { escapeTerminal } from './escape.ts'
import { wrap } from './wrap.ts'

/** Colours are the front door's business; each function gets plain text. */
export interface Painter {
  readonly bold: (text: string) => string
  readonly red: (text: string) => string
  readonly yellow: (text: string) => string
  readonly green: (text: string) => string
  readonly dim: (text: string) => string
}

const same = (text: string): string => text

export const PLAIN: Painter = { bold: same, red: same, yellow: same, green: same, dim: same }

const LABEL = 9

export class ReportPage {
  readonly lines: string[] = []
  readonly width: number
  readonly paint: Painter

  constructor(width: number, paint: Painter) {
    this.width = Math.max(40, width)
    this.paint = paint
  }

  blank(): void {
    if (this.lines.length > 0 && this.lines.at(-1) !== '') this.lines.push('')
  }

  heading(text: string): void {
    this.blank()
    this.lines.push(this.paint.bold(text))
  }

  /** Wrapped text without a label, painted line by line. */
  text(text: string, paint: (line: string) => string = same): void {
    for (const line of wrap('', escapeTerminal(text), this.width)) this.lines.push(paint(line))
  }

  /** One of several lines; what does not fit goes on below its text. */
  bullet(text: string): void {
    this.lines.push(...wrap('- ', escapeTerminal(text), this.width))
  }

  /** `  proof: …`, later lines below the text. */
  field(label: string, text: string): void {
    const head = `  ${`${label}:`.padEnd(LABEL)}`
    for (const [index, line] of wrap(head, escapeTerminal(text), this.width).entries())
      this.lines.push(index === 0 ? `${this.paint.dim(head)}${line.slice(head.length)}` : line)
  }

  /** As it is, indented: bytes of a file, argument vectors. */
  verbatim(indent: number, text: string): void {
    this.lines.push(`${' '.repeat(indent)}${escapeTerminal(text)}`)
  }
}
