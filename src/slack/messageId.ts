import { createHash } from 'node:crypto'

/** What a run, a change or a digest says once. */
export type MessagePart =
  | 'verdict'
  | 'proposals'
  | 'postmortem'
  | 'postmortem-file'
  | 'blind-spots'
  | 'error'
  | 'result'
  | 'digest'
  | 'digest-report'

/** The id of a message that a run or digest has once, such as its postmortem card: known without being stored. */
export const messageIdOf = (requestId: string, part: MessagePart): string => {
  const hex = createHash('sha256').update(`${requestId}:${part}`).digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}
