import { ParseError } from '../domain/errors.ts'
import type { Parser } from './parser.ts'

// systemctl cat UNIT   the unit's file, then its drop-ins in the order in which they apply
//
// # /etc/systemd/system/queue_worker.service
// [Unit]
// Description=Email queue worker (NestJS)
//
// [Service]
// MemoryMax=3G # soft

/** One `Key=value`, as written: systemd has no comments at the end of a line, so they belong to the value. */
export interface UnitAssignment {
  /** Null before the first section. */
  readonly section: string | null
  readonly key: string
  readonly value: string
  /** 1-based in the output. */
  readonly line: number
  /** 1-based in the file itself. */
  readonly fileLine: number
}

export interface UnitFile {
  readonly path: string
  /** False for the unit's own file. */
  readonly isDropIn: boolean
  readonly assignments: readonly UnitAssignment[]
}

export interface SystemctlCatFacts {
  /** In the order in which they apply: of two assignments the later one wins. */
  readonly files: readonly UnitFile[]
  /** systemd says that the files changed since it read them. */
  readonly changedOnDisk: boolean
}

/** A path that `systemctl cat` puts above each file; units live below folders named systemd. */
const FILE_HEADER =
  /^# (\/(?:[^\n]{1,400}\/)?systemd\/[^\n]{1,400}\.(?:service|slice|scope|socket|timer|mount|target|path|swap|automount|device|conf))$/

export const systemctlCatParser: Parser<SystemctlCatFacts> = {
  id: 'systemctl-cat',
  parse: (output) => {
    const reader = new UnitFileReader()
    for (const [index, raw] of output.split('\n').entries()) reader.accept(raw.replace(/\r$/, ''), index + 1)
    if (reader.files.length === 0)
      throw new ParseError('systemctl-cat', 1, 'expected "# /path/to/systemd/…" above the first file')
    return { files: reader.files, changedOnDisk: reader.changedOnDisk }
  },
}

type OpenFile = UnitFile & { readonly assignments: UnitAssignment[]; readonly headerLine: number }

class UnitFileReader {
  readonly files: OpenFile[] = []
  changedOnDisk = false
  #section: string | null = null
  #continued: { key: string; value: string; line: number; fileLine: number } | null = null
  #previousBlank = true

  accept(line: string, number: number): void {
    const file = this.files.at(-1)
    const header = this.#previousBlank && this.#continued === null ? FILE_HEADER.exec(line) : null
    this.#previousBlank = line.trim() === ''
    if (/^(?:# )?Warning: .{1,300}changed on disk/.test(line)) {
      this.changedOnDisk = true
      this.#previousBlank = true
    } else if (header !== null) {
      const path = header[1] ?? ''
      this.files.push({ path, isDropIn: /\.d\/[^/]+\.conf$/.test(path), assignments: [], headerLine: number })
      this.#section = null
    } else if (file !== undefined) this.#content(file, line, number)
  }

  #content(file: OpenFile, line: string, number: number): void {
    const trimmed = line.trim()
    // Comments may stand between the lines of a continued value; an empty line ends it.
    if (/^[#;]/.test(trimmed)) return
    const continued = this.#continued
    const open = continued ?? this.#assignment(file, trimmed, number)
    if (open === null) return
    const part = continued === null ? open.value : trimmed
    const goesOn = part.endsWith('\\')
    const text = goesOn ? part.slice(0, -1).trimEnd() : part
    const value = continued === null ? text : `${continued.value} ${text}`.trim()
    if (goesOn) {
      this.#continued = { ...open, value }
      return
    }
    this.#continued = null
    file.assignments.push({ section: this.#section, key: open.key, value, line: open.line, fileLine: open.fileLine })
  }

  #assignment(
    file: OpenFile,
    trimmed: string,
    number: number,
  ): { key: string; value: string; line: number; fileLine: number } | null {
    const section = /^\[([^\]\n]{1,100})\]$/.exec(trimmed)
    if (section !== null) {
      this.#section = section[1] ?? null
      return null
    }
    const at = trimmed.indexOf('=')
    if (at <= 0) return null
    const fileLine = number - file.headerLine
    return { key: trimmed.slice(0, at).trimEnd(), value: trimmed.slice(at + 1).trimStart(), line: number, fileLine }
  }
}
