import type { KnownBlock } from '@slack/types'

/**
 * One message in all its forms. The portable form is what every Slack renders; the rich form stands on top of it, and
 * plain text is what is left when blocks are refused.
 */
export interface Draft {
  /** Which builder made it: a form refused once is not tried again for its kind. */
  readonly kind: string
  /** For notifications and screen readers; our own words and checked names only. */
  readonly text: string
  /** All of it, escaped for mrkdwn. */
  readonly plain: string
  /** Null when the portable form says it all. */
  readonly rich: readonly KnownBlock[] | null
  readonly portable: readonly KnownBlock[]
  /** Uploaded into the thread in place of a message; where files are refused, `instead` is posted. */
  readonly file?: DraftFile
}

export interface DraftFile {
  readonly name: string
  readonly title: string
  readonly content: string
  readonly instead: readonly Draft[]
}

/** `rich` → `portable` → `text`. */
export const RUNGS = ['rich', 'portable', 'text'] as const
export type Rung = (typeof RUNGS)[number]

/** The blocks and text of one form. */
export const formOf = (
  draft: Draft,
  rung: Rung,
): { readonly text: string; readonly blocks: readonly KnownBlock[] | null } => {
  if (rung === 'text') return { text: draft.plain, blocks: null }
  return { text: draft.text, blocks: rung === 'rich' && draft.rich !== null ? draft.rich : draft.portable }
}
