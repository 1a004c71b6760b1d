import { ParseError } from '../domain/errors.ts'
import type { Parser } from './parser.ts'

// journalctl --list-boots   (with TZ=UTC; before systemd 254 without the header, first and last joined by "—" or "-")
//
// IDX BOOT ID                          FIRST ENTRY                 LAST ENTRY
//  -1 66b49a597a9547f09949b29fe35d670b Mon 2026-11-23 14:58:10 UTC Mon 2026-11-23 14:58:31 UTC
//   0 c6121736965d4a79b114a20d9854e9d2 Mon 2026-11-23 15:01:24 UTC Mon 2026-11-23 15:03:57 UTC

export interface Boot {
  /** 0 is this boot, -1 the one before. */
  readonly index: number
  /** As /proc/sys/kernel/random/boot_id without dashes. */
  readonly bootId: string
  /** Null when the stamp is not in UTC. */
  readonly firstEntryAtMs: number | null
  readonly lastEntryAtMs: number | null
  /** 1-based line of the output. */
  readonly line: number
}

export interface ListBootsFacts {
  /** Oldest first. A single one may mean that the journal does not outlive a boot. */
  readonly boots: readonly Boot[]
}

const STAMP = '[A-Z][a-z]{2} (\\d{4}-\\d\\d-\\d\\d) (\\d\\d:\\d\\d:\\d\\d) ([A-Za-z0-9+:-]{1,10})'
const ROW = new RegExp(`^\\s{0,10}(-?\\d{1,6}) ([0-9a-f]{32}) ${STAMP}(?: |\u2014|-)${STAMP}\\s{0,10}$`)

export const listBootsParser: Parser<ListBootsFacts> = {
  id: 'list-boots',
  parse: (output) => {
    const boots: Boot[] = []
    for (const [index, line] of output.split('\n').entries()) {
      const match = ROW.exec(line)
      if (match === null) continue
      boots.push({
        index: Number(match[1]),
        bootId: match[2] ?? '',
        firstEntryAtMs: utc(match[3], match[4], match[5]),
        lastEntryAtMs: utc(match[6], match[7], match[8]),
        line: index + 1,
      })
    }
    if (boots.length === 0)
      throw new ParseError('list-boots', 1, 'expected rows of index, boot id, first and last entry')
    return { boots: boots.toSorted((one, other) => one.index - other.index) }
  },
}

const utc = (date: string | undefined, time: string | undefined, zone: string | undefined): number | null => {
  const atMs = zone === 'UTC' || zone === 'GMT' ? Date.parse(`${date}T${time}Z`) : Number.NaN
  return Number.isNaN(atMs) ? null : atMs
}
