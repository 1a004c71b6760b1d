/** Where an answer goes: a channel, and a thread in it that was there before us. Stored as one opaque text. */
export interface Place {
  readonly channel: string
  /** Null: the run starts a thread of its own. */
  readonly threadTs: string | null
}

export const placeText = ({ channel, threadTs }: Place): string =>
  threadTs === null ? channel : `${channel}/${threadTs}`

export const placeOf = (text: string): Place => {
  const [channel = '', threadTs] = text.split('/')
  return { channel, threadTs: threadTs ?? null }
}
