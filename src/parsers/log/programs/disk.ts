import type { LogLine } from '../lines/line.ts'
import { isOracleAnswer, isOracleRefusal } from './oracle.ts'
import { byNeedle } from '../needles.ts'
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

const causeIn = (text: string): DiskFullEvent['cause'] | null => {
  if (text.includes('o space left on device')) {
    if (IS_TOLD.test(text)) return null
    return /(?:^|[\s:("'\])])[Nn]o space left on device(?:\s{0,4}$|[)\]"'.,;:\\!]| \((?:28|os error 28|OS errno 28))/.test(
      text,
    )
      ? 'no-space'
      : null
  }
  if (text.includes('ENOSPC')) return ENOSPC.test(text) ? 'no-space' : null
  if (fullWords(text).some(([, words]) => words.test(text))) return 'no-space'
  if (text.includes('ot enough free disk space'))
    return /\berror: .{0,80}\bnot enough free disk space\b/.test(text) ? 'no-space' : null
  if (text.includes('isk quota exceeded')) return QUOTA.test(text) ? 'quota' : null
  if (text.includes('watermark')) return FLOOD_STAGE.test(text) ? 'flood-stage' : null
  return text.includes('MISCONF ') && text.includes('RDB snapshots') ? 'redis-snapshot' : null
}

/** Other systems' words for ENOSPC, and those of programs that do not print it. */
const fullWords = byNeedle<readonly [needle: string, words: RegExp]>(
  [
    [
      'filesystem full',
      /\bpid \d{1,10} \(.{1,40}\), uid \d{1,10} inumber \d{1,20} on \S{1,400}: filesystem full\s{0,4}$/,
    ],
    ['file system full', /^(?:\/bsd: )?uid \d{1,10} on \S{1,400}: file system full\s{0,4}$/],
    ['filesystem is full', /^\S{1,400}: write failed, filesystem is full\s{0,4}$/],
    ['nough space on the disk', /(?:^|[:)\]] )There is not enough space on the disk\b/],
    ['isk is full writing', /\bDisk is full writing '.{1,400}' \((?:Errcode|OS errno):? 28\b/],
    [
      'database or disk is full',
      /(?:\bOperationalError|\bSQLITE_FULL|[Ee]rror(?: \d{1,4})?|SQLSTATE\[HY000\]: .{0,40}): (?:13 )?database or disk is full\b/,
    ],
    ['enough free space in', /^E: You don't have enough free space in \/\S/],
    ['more space needed on the', /^\s{0,8}At least \d{1,9}[KMG]B more space needed on the \S{1,200} filesystem\b/],
    ['Out of diskspace', /\bwrite error\. Out of diskspace\b/],
    ['file system is full', /\bSQL0968C {1,2}The file system is full\b/],
    ['Not enough space for compaction', /\bNot enough space for compaction\b.{0,80}estimated sstables/],
    [
      'minimum free drive threshold',
      /\bStorage (?:backend )?(?:has )?reached its minimum free (?:drive|disk) (?:space|threshold)\b/,
    ],
  ],
  ([needle]) => needle,
)

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
