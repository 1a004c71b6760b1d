import { exportReader } from './journalExport.ts'
import type { ExportReader } from './journalExport.ts'
import { verboseReader } from './journalVerbose.ts'
import { pairReader } from './streamPairs.ts'

/** All forms in which an entry of a log takes several lines. */
export const entryReader = (): ExportReader => {
  const readers = [exportReader(), verboseReader(), pairReader()]
  return {
    take: (line, number) => readers.some((reader) => reader.take(line, number)),
    ready: () => {
      for (const reader of readers) {
        const entry = reader.ready()
        if (entry !== null) return entry
      }
      return null
    },
    end: () => readers.forEach((reader) => reader.end()),
  }
}
