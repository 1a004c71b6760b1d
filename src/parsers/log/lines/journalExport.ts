import type { Head } from './head.ts'
import { headOf, isoToMs, setTime } from './head.ts'
import { applyJournalFields } from './jsonPrefix.ts'

/** `journalctl -o verbose`: the time and the cursor head an entry, and its fields stand indented below. */
const VERBOSE = /^\S{2,12} (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,6})?) (\S{1,8}) \[s=[0-9a-f]{4,32};/

/** More fields than an entry has; a text that only looks like an export costs no memory. */
const MAX_FIELDS = 256

const FIELD = /^([A-Z_][A-Z0-9_]{0,63})=/

/** Collects the `FIELD=value` lines of `journalctl -o export` and `-o verbose`; an entry ends at a blank line. */
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
  let verbose: { atText: string; atMs: number | null } | null = null
  let complete: { head: Head; number: number; raw: string } | null = null

  const close = (): void => {
    const message = fields?.get('MESSAGE')
    const entry = fields
    if (entry !== null && message !== undefined) {
      const head = headOf(message)
      applyJournalFields(head, (name) => entry.get(name) ?? null)
      if (verbose !== null) setTime(head, verbose.atText, verbose.atMs)
      complete = { head, number, raw }
    }
    fields = null
    binary = null
    verbose = null
  }

  const begin = (line: string): boolean => {
    const head = line.includes(' [s=') ? VERBOSE.exec(line) : null
    if (head === null) return false
    close()
    fields = new Map()
    const atText = `${head[1] ?? ''} ${head[2] ?? ''}`
    verbose = { atText, atMs: isoToMs(atText) }
    return true
  }

  return {
    take: (printed, lineNumber) => {
      if (begin(printed)) return true
      const line = verbose === null ? printed : printed.replace(/^\s{1,8}(?=[A-Z_]{2})/, '')
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
