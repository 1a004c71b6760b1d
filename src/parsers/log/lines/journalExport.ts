import type { Head } from './head.ts'
import { headOf } from './head.ts'
import { applyJournalFields } from './jsonPrefix.ts'

/** More fields than an entry has; a text that only looks like an export costs no memory. */
const MAX_FIELDS = 256

const FIELD = /^([A-Z_][A-Z0-9_]{0,63})=/

/** Collects the `FIELD=value` lines of `journalctl -o export`; an entry ends at a blank line. */
export interface ExportReader {
  /** True when the line belongs to an export entry and must not be read on its own. */
  take(line: string, number: number): boolean
  /** The entry that just became complete, once. */
  ready(): { readonly head: Head; readonly number: number; readonly raw: string } | null
  /** The text is over. */
  end(): void
}

/** A reader for one text. */
export const exportReader = (): ExportReader => {
  let fields: Map<string, string> | null = null
  let number = 0
  let raw = ''
  let binary: string | null = null
  let complete: { head: Head; number: number; raw: string } | null = null

  const close = (): void => {
    const message = fields?.get('MESSAGE')
    const entry = fields
    if (entry !== null && message !== undefined) {
      const head = headOf(message)
      applyJournalFields(head, (name) => entry.get(name) ?? null)
      complete = { head, number, raw }
    }
    fields = null
    binary = null
  }

  return {
    take: (line, lineNumber) => {
      if (fields === null) {
        if (!line.startsWith('__CURSOR=') && !line.startsWith('__REALTIME_TIMESTAMP=')) return false
        fields = new Map()
      }
      if (binary !== null) {
        // A binary field: eight bytes of length, then the data; what is left of them depends on the paste.
        fields.set(binary, line.length > 8 ? line.slice(8) : line)
        if (binary === 'MESSAGE') raw = line
        binary = null
        return true
      }
      if (line === '') {
        close()
        return true
      }
      const name = FIELD.exec(line)?.[1]
      if (name === undefined) {
        if (/^[A-Z_][A-Z0-9_]{0,63}$/.test(line)) {
          binary = line
          if (line === 'MESSAGE') number = lineNumber
          return true
        }
        close()
        return false
      }
      if (fields.size < MAX_FIELDS) fields.set(name, line.slice(name.length + 1))
      if (name === 'MESSAGE') {
        number = lineNumber
        raw = line
      }
      return true
    },
    ready: () => {
      const entry = complete
      complete = null
      return entry
    },
    end: close,
  }
}
