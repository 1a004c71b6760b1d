import type { Head } from './head.ts'
import { headOf, isoToMs, setTime } from './head.ts'
import type { ExportReader } from './journalExport.ts'
import { applyJournalFields } from './jsonPrefix.ts'

/** `Thu 2026-11-12 09:15:02.113471 UTC [s=6bf1…;i=fa0;…]` */
const TITLE =
  /^(\S{2,8} (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,9})?) ([A-Z+-][A-Z0-9+:-]{0,9})) \[s=[0-9a-f]{1,40};i=/u
const FIELD = /^ {4}([A-Z_][A-Z0-9_]{0,63})=(.*)$/s
/** The later lines of a field stand below its first letter. */
const FURTHER = /^ {5,80}(\S.*)$/s

/** More fields than an entry has. */
const MAX_FIELDS = 256

interface Entry {
  readonly title: RegExpExecArray
  readonly fields: Map<string, string>
  number: number
  raw: string
}

/** Collects the fields that `journalctl -o verbose` sets under an entry's time. */
export const verboseReader = (): ExportReader => {
  let entry: Entry | null = null
  let last: string | null = null
  let complete: { head: Head; number: number; raw: string } | null = null

  const close = (): void => {
    const message = entry?.fields.get('MESSAGE')
    if (entry !== null && message !== undefined) {
      const { title, fields, number, raw } = entry
      const head = headOf(message)
      applyJournalFields(head, (name) => fields.get(name) ?? null)
      setTime(head, title[1] ?? '', isoToMs(`${title[2]} ${title[3]}`))
      complete = { head, number, raw }
    }
    entry = null
    last = null
  }

  const takeField = (into: Entry, line: string, lineNumber: number): boolean => {
    const field = FIELD.exec(line)
    const further = field === null ? FURTHER.exec(line) : null
    if (field !== null && into.fields.size < MAX_FIELDS) {
      last = field[1] ?? ''
      into.fields.set(last, field[2] ?? '')
      if (last === 'MESSAGE') Object.assign(into, { number: lineNumber, raw: line })
    } else if (further !== null && last !== null) {
      into.fields.set(last, `${into.fields.get(last) ?? ''}\n${further[1]}`)
    }
    return field !== null || further !== null
  }

  return {
    take: (line, lineNumber) => {
      if (entry !== null && takeField(entry, line, lineNumber)) return true
      if (entry !== null) close()
      const title = line.includes(' [s=') ? TITLE.exec(line) : null
      if (title === null) return false
      entry = { title, fields: new Map(), number: lineNumber, raw: line }
      return true
    },
    ready: () => {
      const ready = complete
      complete = null
      return ready
    },
    end: close,
  }
}
