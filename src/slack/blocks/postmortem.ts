import { countTodos } from '../../render/postmortem.ts'
import { formatCount } from '../../render/format.ts'
import { ACTION } from '../actionIds.ts'
import type { Draft } from '../outbox/draft.ts'
import { actions, asPlain, button, code, context, own, rich, section, verbatim } from './text.ts'

export interface PostmortemView {
  readonly requestId: string
  readonly incidentId: string
  readonly version: number
  readonly markdown: string
  /** Who changed it last, in our own words; null for Medic itself. */
  readonly editedBy: string | null
  /** Whether there is a place to publish to. */
  readonly canPublish: boolean
}

/** The draft's card: what it is, how much is left to people, and what can be done with it. */
export const postmortemMessage = (view: PostmortemView): Draft => {
  const todos = countTodos(view.markdown)
  const open = todos === 0 ? 'no open questions' : `${formatCount(todos, 'open question')} for people, marked TODO`
  const who = view.editedBy === null ? 'written by Medic from the evidence' : `last edited by ${view.editedBy}`
  return {
    kind: 'postmortem',
    text: `📝 Postmortem draft of ${view.incidentId}, version ${view.version}: ${open}`,
    plain: asPlain([`📝 Postmortem draft of ${view.incidentId}, version ${view.version}: ${open}`]),
    rich: null,
    portable: [
      section(own(`📝 *Postmortem draft*, version ${view.version}\n${code(view.incidentId)}: ${open}`)),
      context(own(who)),
      actions(
        button(ACTION.editPostmortem, 'Edit', view.requestId),
        button(ACTION.regeneratePostmortem, 'Regenerate', view.requestId),
        button(ACTION.downloadPostmortem, 'Download', view.requestId),
        ...(view.canPublish ? [button(ACTION.publishPostmortem, 'Publish to wiki', view.requestId)] : []),
      ),
    ],
  }
}

/** A file in the thread; where files are refused, its text in as many messages as it takes. */
export const fileMessage = (name: string, title: string, content: string): Draft => ({
  kind: 'file',
  text: title,
  plain: asPlain([title]),
  rich: null,
  portable: [section(own(title))],
  file: { name, title, content, instead: textMessages(title, content) },
})

/** Below the message limit with room for the title; more than so many messages would bury the thread. */
const PART_LENGTH = 2_800
const PARTS_A_MESSAGE = 3
const MOST_MESSAGES = 6

const textMessages = (title: string, content: string): readonly Draft[] => {
  const parts = partsOf(content)
  const messages: Draft[] = []
  for (let at = 0; at < parts.length && messages.length < MOST_MESSAGES; at += PARTS_A_MESSAGE) {
    const mine = parts.slice(at, at + PARTS_A_MESSAGE)
    const isLast = messages.length === MOST_MESSAGES - 1 && at + PARTS_A_MESSAGE < parts.length
    const heading = `${title}${parts.length > PARTS_A_MESSAGE ? ` (part ${messages.length + 1})` : ''}`
    messages.push({
      kind: 'file-text',
      text: heading,
      plain: asPlain([heading, ...mine]),
      rich: null,
      portable: [
        context(own(heading)),
        ...mine.map((part) => rich(verbatim(part, PART_LENGTH + 100))),
        ...(isLast ? [context(own('The rest is cut here: Medic keeps the whole text.'))] : []),
      ],
    })
  }
  return messages
}

const partsOf = (content: string): readonly string[] => {
  const parts: string[] = []
  let part = ''
  for (const raw of content.split('\n')) {
    for (let at = 0; at === 0 || at < raw.length; at += PART_LENGTH) {
      const piece = raw.slice(at, at + PART_LENGTH)
      if (part.length + piece.length + 1 > PART_LENGTH && part !== '') {
        parts.push(part)
        part = ''
      }
      part = part === '' ? piece : `${part}\n${piece}`
    }
    // Content comes bounded, but never trust it.
    if (parts.length > PARTS_A_MESSAGE * MOST_MESSAGES) break
  }
  if (part.trim() !== '') parts.push(part)
  return parts
}
