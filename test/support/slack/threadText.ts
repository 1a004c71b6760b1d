import { asText, type JsonObject, type Message } from './records.ts'
import type { WorkspaceState } from './workspaceState.ts'

const objects = (value: unknown): JsonObject[] =>
  Array.isArray(value)
    ? (value as unknown[]).filter((each): each is JsonObject => typeof each === 'object' && each !== null)
    : []

const textOf = (value: unknown): string => {
  if (typeof value === 'string') return value
  if (typeof value !== 'object' || value === null) return ''
  const { text } = value as JsonObject
  return typeof text === 'string' ? text : ''
}

const richPiece = (piece: JsonObject): string => {
  switch (piece['type']) {
    case 'text':
      return asText(piece['text'])
    case 'link':
      return piece['text'] === undefined ? asText(piece['url']) : `${asText(piece['text'])} (${asText(piece['url'])})`
    case 'emoji':
      return `:${asText(piece['name'])}:`
    case 'user':
      return `@${asText(piece['user_id'])}`
    case 'channel':
      return `#${asText(piece['channel_id'])}`
    case 'usergroup':
      return `@${asText(piece['usergroup_id'])}`
    case 'broadcast':
      return `@${asText(piece['range'])}`
    case 'date':
      return String(piece['fallback'] ?? piece['timestamp'])
    default:
      return ''
  }
}

const richElement = (element: JsonObject): string => {
  const pieces = objects(element['elements'])
  switch (element['type']) {
    case 'rich_text_list':
      return pieces
        .map((item, index) => {
          const bullet = element['style'] === 'ordered' ? `${index + 1 + Number(element['offset'] ?? 0)}.` : '•'
          return `${'  '.repeat(Number(element['indent'] ?? 0))}${bullet} ${richElement(item)}`
        })
        .join('\n')
    case 'rich_text_quote':
      return prefixLines(pieces.map(richPiece).join(''), '> ')
    case 'rich_text_preformatted':
      return prefixLines(pieces.map(richPiece).join(''), '| ')
    default:
      return pieces.map(richPiece).join('')
  }
}

const prefixLines = (text: string, prefix: string): string =>
  text
    .split('\n')
    .map((line) => prefix + line)
    .join('\n')

const richText = (block: JsonObject): string => objects(block['elements']).map(richElement).join('\n')

const cellText = (cell: JsonObject): string =>
  cell['type'] === 'rich_text' ? richText(cell) : asText(cell['text'] ?? cell['value'])

const tableText = (block: JsonObject): string => {
  const rows = (Array.isArray(block['rows']) ? (block['rows'] as unknown[]) : []).map((row) =>
    objects(row).map(cellText),
  )
  const widths = rows.reduce<number[]>((widest, row) => {
    for (const [column, cell] of row.entries()) widest[column] = Math.max(widest[column] ?? 0, cell.length)
    return widest
  }, [])
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

const controlText = (element: JsonObject): string => {
  switch (element['type']) {
    case 'button':
      return `[${textOf(element['text'])}]`
    case 'overflow':
      return `[⋯ ${objects(element['options'])
        .map((option) => textOf(option['text']))
        .join(' | ')}]`
    case 'image':
      return `(${asText(element['alt_text'])})`
    default:
      return `[${asText(element['type'])} ${textOf(element['placeholder'])}]`.replace(' ]', ']')
  }
}

const TASK_MARK: Record<string, string> = { pending: '○', in_progress: '◐', complete: '●', error: '✗' }

const taskText = (task: JsonObject): string => {
  const output = objects([task['output'], task['details']]).map(richText).filter(Boolean)
  return [
    `${TASK_MARK[asText(task['status'])] ?? '?'} ${asText(task['title'])} (${asText(task['status'])})`,
    ...output.map((each) => prefixLines(each, '    ')),
  ].join('\n')
}

/** One block as a person would read it, without colours. */
export const blockText = (block: JsonObject): string => {
  switch (block['type']) {
    case 'header':
      return `# ${textOf(block['text'])}`
    case 'section':
      return [
        textOf(block['text']),
        ...objects(block['fields']).map(textOf),
        ...objects([block['accessory']]).map(controlText),
      ]
        .filter(Boolean)
        .join('\n')
    case 'context':
      return `(${objects(block['elements'])
        .map((each) => (each['type'] === 'image' ? controlText(each) : textOf(each)))
        .join(' · ')})`
    case 'actions':
    case 'context_actions':
      return objects(block['elements']).map(controlText).join(' ')
    case 'divider':
      return '----'
    case 'image':
      return `[image: ${asText(block['alt_text'])}]`
    case 'rich_text':
      return richText(block)
    case 'table':
    case 'data_table':
      return tableText(block)
    case 'plan':
      return [`= ${asText(block['title'])}`, ...objects(block['tasks']).map(taskText)].join('\n')
    case 'task_card':
      return taskText(block)
    case 'markdown':
      return asText(block['text'])
    case 'input':
      return `${textOf(block['label'])}: ${objects([block['element']]).map(controlText).join('')}`
    case 'alert':
      return `! ${textOf(block['text'])}`
    case 'container':
      return [textOf(block['title']), ...objects(block['child_blocks']).map(blockText)].filter(Boolean).join('\n')
    default:
      return `[${asText(block['type'])}]`
  }
}

/** One message with its writer, as text. */
export const messageText = (state: WorkspaceState, message: Message): string => {
  const who = state.people.get(message.user)?.realName ?? message.user
  const marks = message.edited === undefined ? '' : ' (edited)'
  const body = (message.blocks?.length ?? 0) > 0 ? (message.blocks ?? []).map(blockText) : [message.text]
  const files = (message.files ?? []).map(
    (file) => `[file: ${file.name}, ${file.bytes?.length ?? 0} bytes] ${file.title}`,
  )
  return [`${who}${marks}`, ...[...body, ...files].filter(Boolean)].join('\n')
}

/** A thread, the root first, replies indented. */
export const threadText = (state: WorkspaceState, thread: readonly Message[]): string =>
  thread
    .map((message, index) =>
      index === 0 ? messageText(state, message) : prefixLines(messageText(state, message), '    '),
    )
    .join('\n')
