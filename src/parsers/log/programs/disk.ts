import type { LogLine } from '../lines/line.ts'
import { mentions } from '../needles.ts'
import { isOracleAnswer, isOracleRefusal } from './oracle.ts'
import type { Recognizer } from '../recognizer.ts'
import type { DiskFullEvent } from './runtimeEvents.ts'
import { foldingRecognizer, toldBy } from '../telling.ts'

/**
 * A write found no room: `No space left on device` (ENOSPC), `Disk quota exceeded` (EDQUOT), Redis `MISCONF … RDB snapshots`,
 * Elasticsearch at its flood stage.
 * inotify watches and shared memory report ENOSPC as well and are no full disk.
 */
const messages = foldingRecognizer<DiskFullEvent>('disk', (line) => read(line), {
  key: (event) => `${event.cause} ${event.program ?? ''} ${event.path ?? ''}`,
})

export const diskRecognizer: Recognizer = {
  id: messages.id,
  start: () => {
    const reading = messages.start()
    let refused: LogLine | null = null
    return {
      accept: (line) => {
        if (isOracleRefusal(line.text)) refused = line
        else if (!isOracleAnswer(refused, line)) reading.accept(line)
      },
      finish: () => reading.finish(),
    }
  },
}

const NOT_A_DISK =
  /inotify|\bwatch(?:es|er)?\b|shm_open|shared memory segment|\/dev\/shm|semget|shmget|semaphore|\bmutex\b|could not create \w{1,60}lock\b|ENOSPC: System limit|\bmsgget\b|epoll/i

const read = (line: LogLine): DiskFullEvent | null => {
  const { text } = line
  if (line.source === 'sudo') return null
  const cause = causeIn(text)
  if (cause === null || NOT_A_DISK.test(text)) return null
  return { type: 'disk-full', ...toldBy(line), program: programOf(line), path: pathIn(text), cause }
}

/** Words of which one stands in every message. */
const mayTell = mentions(
  'o space left on device',
  'ENOSPC',
  'ot enough free disk space',
  'isk quota exceeded',
  'full',
  'space on the disk',
  'enough free space',
  'ith error 28',
  'watermark',
  'MISCONF ',
)

const causeIn = (text: string): DiskFullEvent['cause'] | null => {
  if (!mayTell(text)) return null
  if (text.includes('o space left on device')) {
    if (IS_TOLD.test(text)) return null
    return /(?:^|[\s:("'\])])[Nn]o space left on device(?:\s{0,4}$|[)\]"'`.,;:\\!]| ["'`]| @ \w| - \/| \[(?:Errno )?28\]| at java\.| \((?:28|os error 28|OS errno 28))/.test(
      text,
    )
      ? 'no-space'
      : null
  }
  if (text.includes('ENOSPC')) return ENOSPC.test(text) ? 'no-space' : null
  if (text.includes('ot enough free disk space'))
    return /\berror: .{0,80}\bnot enough free disk space\b/.test(text) ? 'no-space' : null
  if (text.includes('isk quota exceeded')) return QUOTA.test(text) ? 'quota' : null
  if (text.includes('full') || text.includes('space on the disk') || text.includes('enough free space'))
    if (FULL.test(text)) return 'no-space'
  if (text.includes('ith error 28'))
    return /^EXT4-fs \(\S{1,32}\): Delayed block allocation failed .{1,200} with error 28\b/.test(text)
      ? 'no-space'
      : null
  if (text.includes('watermark')) return FLOOD_STAGE.test(text) ? 'flood-stage' : null
  return text.includes('MISCONF ') && text.includes('RDB snapshots') ? 'redis-snapshot' : null
}

/** SQLite, the BSDs' kernels and their programs, Windows and .NET, apt: none of them says ENOSPC's own words. */
const FULL =
  /(?:^|: |\) )database or disk is full(?:\s{0,4}$|["'.(\\])|: write failed, file ?system is full\s{0,4}$|\buid \d{1,10}(?:,| ).{0,80} on \/\S{0,200}: (?:file ?system full|out of inodes)\b|\bThere is not enough space on the disk\.?(?: [:(]|["']|\s{0,4}$)|^E: You don't have enough free space in \/|\bnot enough free space in mail queue: \d/

/** Elasticsearch and OpenSearch stop writing at this mark; at the `low` and `high` ones they only move shards. */
const FLOOD_STAGE =
  /\bflood stage disk watermark \[[^\]\s]{1,40}\] exceeded on \[|\/12\/disk usage exceeded flood-stage watermark, index has read-only/

/** The name is the error itself, with its text or as a field; `break out of the loop on ENOSPC, …` is a sentence. */
const ENOSPC =
  /\b(?:(?:Error|error|errno|code)["']?[:=] ?["'(]?|ERR! (?:code )?)ENOSPC\b(?=[:,)'"]|\s|$)|(?:^|[^\w.])ENOSPC[:,] (?:[Nn]o space|write|open|mkdir|copyfile)|Errno::ENOSPC\b|^[^(]{1,200}: .{0,200}\(ENOSPC\)/

/** Somebody writes about the words: `fails if yum prints 'No space left on device' because …`. */
const IS_TOLD =
  /\b(?:prints?|for|about|the|like|than) ["'`“‘](?:\w{1,20}: ){0,2}(?:write error: )?[Nn]o space left on device["'`”’]|["'`”’] rather than\b/

/** A manual lists it with the standard that names it. */
const QUOTA = /isk quota exceeded(?! \((?:POSIX|BSD|SUS|SVr4)| (?:error|message)s?\b)/

const programOf = (line: LogLine): string | null =>
  line.source ?? /^([A-Za-z][\w.+-]{0,30})(?:\[\d{1,10}\])?: /.exec(line.text)?.[1] ?? null

const PATH = /(?:["'`( ]|^)(\/[^\s"'`():,]{1,1000})/

/** Only a path the line states; PostgreSQL's are relative (`base/16384/2619`). */
const pathIn = (text: string): string | null =>
  PATH.exec(text)?.[1] ?? /could not (?:extend|write to|write) file "([^"]{1,1000})"/.exec(text)?.[1] ?? null
