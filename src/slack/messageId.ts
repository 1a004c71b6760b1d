import { createHash } from 'node:crypto'

/** The id of a message that a run or digest has once, such as its postmortem card: known without being stored. */
export const messageIdOf = (requestId: string, part: 'postmortem' | 'digest' | 'digest-report'): string => {
  const hex = createHash('sha256').update(`${requestId}:${part}`).digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}
