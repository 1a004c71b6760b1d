import type { OutgoingMessage } from '../../store/store.ts'
import type { Draft, Rung } from './draft.ts'

/** What became of a message; one that waits is not settled. */
export type Settled =
  | { readonly status: 'sent'; readonly ts: string }
  | { readonly status: 'refused'; readonly reason: string }

/** One message: what it should say (`draft`, `version`) and what Slack shows (`sentVersion`). */
export interface Entry {
  readonly id: string
  readonly threadId: string
  readonly channel: string
  readonly threadTs: string | null
  readonly number: number
  readonly priority: number
  readonly createdAtMs: number
  readonly settled: PromiseWithResolvers<Settled>
  draft: Draft
  version: number
  sentVersion: number
  /** What Slack may show when the answer to the first try was lost; null before it. */
  firstTriedVersion: number | null
  isFinal: boolean
  /** The store's row says that it waits. */
  isStoredUnsent: boolean
  rung: Rung
  ts: string | null
  state: 'unsent' | 'sent' | 'given-up'
  /** An answer was lost: it may stand in Slack already. */
  isAmbiguous: boolean
  tries: number
  notBeforeMs: number
  lastEditAtMs: number
  settledAtMs: number
}

/** What is stored of a message, beside the columns. */
export interface Body {
  readonly channel: string
  readonly threadTs: string | null
  readonly priority: number
  readonly draft: Draft
  readonly owner: string
}

export const isFile = (entry: Entry): boolean => entry.draft.file !== undefined

/** Whether Slack does not yet show what it should. */
export const needsSending = (entry: Entry): boolean =>
  entry.state === 'unsent' || (entry.state === 'sent' && entry.sentVersion < entry.version && !isFile(entry))

/**
 * What is kept of a message that Slack shows as it should be: its kind. Its words stand in Slack, and what they tell
 * stands in the store already. Of one run they were 0.2 MB in memory and 0.1 MB on disk, and rows are kept for a month.
 */
export const withoutWords = ({ kind, file }: Draft): Draft => ({
  kind,
  text: '',
  plain: '',
  rich: null,
  portable: [],
  ...(file === undefined ? {} : { file: { name: file.name, title: file.title, content: '', instead: [] } }),
})

export const newEntry = (
  given: Pick<Entry, 'id' | 'threadId' | 'channel' | 'threadTs' | 'number' | 'priority' | 'draft' | 'createdAtMs'>,
): Entry => ({
  id: given.id,
  threadId: given.threadId,
  channel: given.channel,
  threadTs: given.threadTs,
  number: given.number,
  priority: given.priority,
  draft: given.draft,
  createdAtMs: given.createdAtMs,
  version: 0,
  sentVersion: -1,
  firstTriedVersion: null,
  isFinal: false,
  isStoredUnsent: false,
  rung: 'rich',
  ts: null,
  state: 'unsent',
  isAmbiguous: false,
  tries: 0,
  notBeforeMs: 0,
  lastEditAtMs: Number.NEGATIVE_INFINITY,
  settledAtMs: Number.POSITIVE_INFINITY,
  settled: Promise.withResolvers<Settled>(),
})

/** What became of a message, at once when it is known already. */
export const settledOf = (entry: Entry): Promise<Settled> => {
  if (entry.state === 'given-up') return Promise.resolve({ status: 'refused', reason: 'Slack had refused it before' })
  return entry.ts === null ? entry.settled.promise : Promise.resolve({ status: 'sent', ts: entry.ts })
}

/** A stored message of a process that may have died between sending and storing. */
export const entryOf = (row: OutgoingMessage, body: Body, nowMs: number): Entry => {
  const entry = newEntry({
    ...body,
    id: row.id,
    threadId: row.threadId,
    number: row.number,
    createdAtMs: row.createdAtMs,
  })
  entry.ts = row.sentAs
  entry.state = row.state === 'given-up' ? 'given-up' : row.sentAs === null ? 'unsent' : 'sent'
  entry.sentVersion = row.state === 'unsent' ? -1 : entry.version
  entry.isFinal = row.state === 'unsent' && row.sentAs !== null
  entry.isStoredUnsent = row.state === 'unsent'
  entry.isAmbiguous = row.sentAs === null
  // Which text it tried to send is not known: once it is found, it is edited to what it should say.
  if (entry.isAmbiguous) entry.firstTriedVersion = -1
  entry.settledAtMs = nowMs
  return entry
}

export const rowOf = (entry: Entry, owner: string): OutgoingMessage => {
  const { channel, threadTs, priority, draft } = entry
  const body: Body = { channel, threadTs, priority, draft, owner }
  return {
    id: entry.id,
    threadId: entry.threadId,
    number: entry.number,
    state: entry.state === 'given-up' ? 'given-up' : needsSending(entry) ? 'unsent' : 'sent',
    sentAs: entry.ts,
    createdAtMs: entry.createdAtMs,
    body: JSON.stringify(body),
  }
}
