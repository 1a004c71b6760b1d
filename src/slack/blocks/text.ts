import type {
  ActionsBlock,
  Button,
  ConfirmationDialog,
  ContextBlock,
  HeaderBlock,
  KnownBlock,
  MrkdwnElement,
  PlainTextElement,
  RichTextBlock,
  RichTextBlockElement,
  RichTextSection,
  SectionBlock,
} from '@slack/types'
import { escapeTerminal } from '../../render/escape.ts'
import { BLOCK_LIMITS, blockContentLength, characterCount } from '../blockLimits.ts'

/**
 * How text becomes a part of a message. Whatever was read from a host goes into `plain`, `words` or `verbatim`, which
 * show it letter by letter; `own` is mrkdwn and takes our own words and values that passed `escaped`.
 */

/** Control, direction and invisible characters are made visible; line ends and tabs stay. */
export const visible = (text: string): string =>
  text
    .replaceAll('\r\n', '\n')
    .split('\n')
    .map((line) => line.split('\t').map(escapeTerminal).join('  '))
    .join('\n')

/** Cuts on a code-point border, and says so by an ellipsis. */
export const cut = (text: string, limit: number): string => {
  if (text.length <= limit || characterCount(text) <= limit) return text
  return `${Array.from(text.slice(0, limit * 2))
    .slice(0, limit - 1)
    .join('')}…`
}

/** Lines far beyond any screen are cut before anything else is done with them: a line of 1 MB is data too. */
const LONGEST_INPUT = 20_000

const shown = (text: string, limit: number): string => {
  const seen = cut(visible(text.slice(0, LONGEST_INPUT)), limit)
  return seen.trim() === '' ? '–' : seen
}

export const plain = (text: string, limit: number = BLOCK_LIMITS.textLength): PlainTextElement => ({
  type: 'plain_text',
  text: shown(text, limit),
  emoji: false,
})

/** mrkdwn of our own making. */
export const own = (text: string, limit: number = BLOCK_LIMITS.textLength): MrkdwnElement => ({
  type: 'mrkdwn',
  text: text.trim() === '' ? '–' : cutMrkdwn(text, limit),
  verbatim: true,
})

/** Never ends inside an entity: `&am…` would be shown as it is. */
export const cutMrkdwn = (text: string, limit: number): string => {
  const shorter = cut(text, limit)
  return shorter === text ? text : shorter.replace(/&[a-z]{0,4}…$/, '…')
}

/** A value inside mrkdwn: the three entities, no backticks, nothing that formats, one line. */
export const escaped = (value: string): string =>
  escapeTerminal(value.slice(0, LONGEST_INPUT))
    .replaceAll('`', "'")
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')

/** A value as code inside mrkdwn. */
export const code = (value: string): string => `\`${escaped(value) === '' ? '–' : escaped(value)}\``

/** A moment in the reader's own zone; the fallback is UTC. */
export const when = (atMs: number): string =>
  `<!date^${Math.floor(atMs / 1000)}^{date_short_pretty} {time_secs}|${new Date(atMs).toISOString().slice(0, 19).replace('T', ' ')} UTC>`

/** Only ids that Slack itself gave become a mention. */
export const mention = (user: string): string => (/^[UW][A-Z0-9]{1,30}$/.test(user) ? `<@${user}>` : escaped(user))

export const header = (text: string): HeaderBlock => ({
  type: 'header',
  text: plain(text.replaceAll(/\s+/g, ' '), BLOCK_LIMITS.headerLength),
})

export const section = (text: PlainTextElement | MrkdwnElement): SectionBlock => ({
  type: 'section',
  text,
  expand: true,
})

export const fields = (items: readonly (PlainTextElement | MrkdwnElement)[]): SectionBlock => ({
  type: 'section',
  fields: items.slice(0, BLOCK_LIMITS.section.fields),
})

export const context = (...elements: (PlainTextElement | MrkdwnElement)[]): ContextBlock => ({
  type: 'context',
  elements: elements.slice(0, BLOCK_LIMITS.context.elements),
})

export const actions = (...elements: ActionsBlock['elements']): ActionsBlock => ({
  type: 'actions',
  elements: elements.slice(0, BLOCK_LIMITS.actions.elements),
})

/** The value is an opaque id, never content. */
export const button = (
  actionId: string,
  label: string,
  value: string,
  more: { readonly style?: 'primary' | 'danger'; readonly confirm?: ConfirmationDialog } = {},
): Button => ({
  type: 'button',
  action_id: actionId,
  text: { type: 'plain_text', text: cut(label, BLOCK_LIMITS.button.visibleLength), emoji: true },
  value: cut(value, BLOCK_LIMITS.button.valueLength),
  ...more,
})

export const confirm = (title: string, text: string, yes: string, no: string): ConfirmationDialog => ({
  title: plain(title, BLOCK_LIMITS.confirm.titleLength),
  text: plain(text, BLOCK_LIMITS.confirm.textLength),
  confirm: plain(yes, BLOCK_LIMITS.confirm.buttonLength),
  deny: plain(no, BLOCK_LIMITS.confirm.buttonLength),
})

type RichText = RichTextSection['elements'][number]

/** Literal text of a rich_text block. */
export const words = (
  text: string,
  style: { bold?: true; italic?: true; code?: true } = {},
  limit = 1500,
): RichText => ({
  type: 'text',
  text: shown(text, limit),
  ...(Object.keys(style).length > 0 ? { style } : {}),
})

/** Our own sentence around values that may be anybody's: what stands between backticks becomes code, the rest is literal. */
export const sentence = (text: string, limit = 1500): RichTextSection =>
  line(
    ...shown(text, limit)
      .split(/`([^`\n]+)`/)
      .flatMap((part, index): RichText[] => {
        if (part === '') return []
        return [{ type: 'text', text: part, ...(index % 2 === 1 ? { style: { code: true } } : {}) }]
      }),
  )

export const line = (...elements: RichText[]): RichTextSection => ({ type: 'rich_text_section', elements })

export const list = (
  items: readonly RichTextSection[],
  style: 'ordered' | 'bullet' = 'bullet',
): RichTextBlockElement => ({
  type: 'rich_text_list',
  style,
  elements: [...items],
})

/** Text exactly as it is, in a box; at most 2500 characters (slack.md section 5). */
export const verbatim = (text: string, limit = 2500): RichTextBlockElement => ({
  type: 'rich_text_preformatted',
  elements: [{ type: 'text', text: shown(text.replace(/\n+$/, ''), limit) }],
})

export const rich = (...elements: RichTextBlockElement[]): RichTextBlock => ({ type: 'rich_text', elements })

/** Leaves out blocks from the end, but never the last one (buttons or context), until a message keeps its budget. */
export const withinBudget = (blocks: readonly KnownBlock[]): readonly KnownBlock[] => {
  const kept = [...blocks]
  while (
    kept.length > 2 &&
    (kept.length > BLOCK_LIMITS.blocksPerMessage || blockContentLength(kept) > BLOCK_LIMITS.message.contentBudget)
  ) {
    kept.splice(-2, 1)
  }
  return kept
}

/** The last rung: everything as one escaped text. */
export const asPlain = (lines: readonly string[]): string => {
  const text = lines.map((each) => each.split('\n').map(escaped).join('\n')).join('\n')
  return text.trim() === '' ? '–' : cutMrkdwn(text, BLOCK_LIMITS.message.textLength - 200)
}
