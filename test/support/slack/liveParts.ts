/** A part of a message that Slack would bring to life: a mention, a link, a channel-wide call. */
export interface LivePart {
  readonly kind: 'mention' | 'broadcast' | 'link' | 'channel'
  readonly source: string
}

const partsOfMarkup = (markup: string): LivePart[] =>
  [...markup.matchAll(/<([^<>]+)>/g)].flatMap((match): LivePart[] => {
    const inner = match[1] ?? ''
    if (/^!(here|channel|everyone)\b/.test(inner)) return [{ kind: 'broadcast', source: match[0] }]
    if (/^(@[UW]|!subteam\^)/.test(inner)) return [{ kind: 'mention', source: match[0] }]
    if (/^#[CG]/.test(inner)) return [{ kind: 'channel', source: match[0] }]
    if (/^(https?:|mailto:|tel:)/i.test(inner)) return [{ kind: 'link', source: match[0] }]
    return []
  })

const RICH: Record<string, LivePart['kind']> = {
  user: 'mention',
  usergroup: 'mention',
  team: 'mention',
  broadcast: 'broadcast',
  channel: 'channel',
  link: 'link',
}

const partsOfBlocks = (value: unknown): LivePart[] => {
  if (Array.isArray(value)) return value.flatMap(partsOfBlocks)
  if (typeof value !== 'object' || value === null) return []
  const object = value as Record<string, unknown>
  const type = String(object['type'])
  if (type === 'plain_text' || type === 'raw_text') return []
  if (type === 'mrkdwn') return partsOfMarkup(String(object['text']))
  // In the markdown block all of Slack's own markup and Markdown's links live.
  if (type === 'markdown') {
    const source = String(object['text'])
    const links = [...source.matchAll(/\[[^\]]*\]\([^)]+\)|https?:\/\/\S+/g)].map((match): LivePart => ({
      kind: 'link',
      source: match[0],
    }))
    return [...partsOfMarkup(source), ...links]
  }
  const kind = Object.hasOwn(RICH, type) ? RICH[type] : undefined
  const here = kind === undefined ? [] : [{ kind, source: JSON.stringify(object) }]
  return [...here, ...Object.values(object).flatMap(partsOfBlocks)]
}

/** Everything in a message that would notify somebody or could be followed. Hostile log text must leave this empty. */
export const liveParts = (message: { readonly text: string; readonly blocks?: unknown }): LivePart[] => [
  ...partsOfMarkup(message.text),
  ...partsOfBlocks(message.blocks),
]
