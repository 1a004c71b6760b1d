import type { Inventory } from '../app/inventory/inventory.ts'
import type { Host } from '../domain/host.ts'

/** A message as far as it is read here. */
export interface ReadMessage {
  readonly text?: string
  readonly ts?: string
  readonly thread_ts?: string
  readonly blocks?: unknown
  readonly attachments?: unknown
  readonly files?: unknown
}

const LONGEST_TEXT = 400_000

/** Everything a reader of the message sees, as plain text: alerts keep theirs in blocks and attachments. */
export const textOfMessage = (message: ReadMessage): string => {
  const parts: string[] = []
  if (typeof message.text === 'string' && message.text !== '') parts.push(unescaped(message.text))
  for (const found of [...stringsOf(message.attachments), ...stringsOf(message.blocks)]) {
    const text = unescaped(found)
    if (!parts.some((part) => part.includes(text))) parts.push(text)
  }
  return parts.join('\n').slice(0, LONGEST_TEXT)
}

/** Slack's entities and links back into what was typed; fences of code blocks are left out. */
const unescaped = (text: string): string =>
  text
    .slice(0, LONGEST_TEXT)
    .replaceAll(/<(?:https?:\/\/|mailto:)[^|>\n]*\|([^>\n]*)>/g, '$1')
    .replaceAll(/<(https?:\/\/[^|>\n]*)>/g, '$1')
    .replaceAll('```', '\n')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')

const READ_KEYS = new Set(['text', 'fallback', 'title', 'pretext', 'value'])

const stringsOf = (value: unknown, depth = 0): readonly string[] => {
  if (depth > 12) return []
  if (Array.isArray(value)) return value.slice(0, 200).flatMap((each) => stringsOf(each, depth + 1))
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, each]) => {
    if (typeof each === 'string') return READ_KEYS.has(key) && each.trim() !== '' ? [each] : []
    return stringsOf(each, depth + 1)
  })
}

/** Hosts of the inventory that a text names as whole words, in the order of the inventory. */
export const hostsNamedIn = (text: string, inventory: Inventory): readonly Host[] => {
  const words = new Set(
    text
      .toLowerCase()
      .split(/[^a-z0-9._-]+/)
      .flatMap((word) => [word, word.replace(/[.:]+$/, ''), word.split('.')[0] ?? '']),
  )
  return inventory.list().filter((host) => words.has(host.name))
}
