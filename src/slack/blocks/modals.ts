import type { KnownBlock, ModalView, PlainTextOption } from '@slack/types'
import type { OpenQuestion } from '../../app/postmortem/openQuestions.ts'
import { ACTION, VIEW } from '../actionIds.ts'
import { BLOCK_LIMITS } from '../blockLimits.ts'
import { code, context, own, plain } from './text.ts'

const LIMITS = BLOCK_LIMITS.view
/** A form people finish: so many questions at a time. */
export const MOST_QUESTIONS = 10

/** Answers to what the draft leaves open. The metadata holds ids and the version only. */
export const postmortemModal = (input: {
  readonly requestId: string
  readonly incidentId: string
  readonly version: number
  readonly questions: readonly OpenQuestion[]
}): ModalView => {
  const shown = input.questions.slice(0, MOST_QUESTIONS)
  const rest = input.questions.length - shown.length
  return {
    type: 'modal',
    callback_id: VIEW.postmortem,
    private_metadata: JSON.stringify({ request: input.requestId, version: input.version }),
    title: plain('Postmortem', LIMITS.titleLength),
    submit: plain('Save', LIMITS.submitLength),
    close: plain('Cancel', LIMITS.closeLength),
    blocks: [
      context(own(`${code(input.incidentId)}, version ${input.version}. Answer what you know; leave the rest empty.`)),
      ...shown.map((question): KnownBlock => ({
        type: 'input',
        block_id: `question-${question.index}`,
        optional: true,
        label: plain(labelOf(question), 300),
        element: {
          type: 'plain_text_input',
          action_id: 'answer',
          multiline: true,
          max_length: BLOCK_LIMITS.input.valueLength,
        },
      })),
      ...(rest > 0 ? [context(plain(`${rest} more follow when these are answered.`))] : []),
    ],
  }
}

/** A page asks in the middle of a line, a form at the beginning of one. */
const labelOf = ({ question, index }: OpenQuestion): string =>
  question === '' ? `Open question ${index + 1}` : question.charAt(0).toUpperCase() + question.slice(1)

/** Which host is meant, when a message names none or several. */
export const chooseHostModal = (input: { readonly channel: string; readonly threadTs: string }): ModalView => ({
  type: 'modal',
  callback_id: VIEW.chooseHost,
  private_metadata: JSON.stringify(input),
  title: plain('Triage this', LIMITS.titleLength),
  submit: plain('Look at it', LIMITS.submitLength),
  close: plain('Cancel', LIMITS.closeLength),
  blocks: [
    {
      type: 'input',
      block_id: 'host',
      label: plain('Which host?'),
      element: {
        type: 'external_select',
        action_id: ACTION.homeHost,
        min_query_length: 0,
        placeholder: plain('Type a few letters', BLOCK_LIMITS.placeholderLength),
      },
    },
  ],
})

/** Host names for a menu; the value is the name, which the inventory checks again. */
export const hostOptions = (names: readonly string[], typed: string): PlainTextOption[] => {
  const wanted = typed.trim().toLowerCase().slice(0, 100)
  return names
    .filter((name) => name.includes(wanted) && name.length <= BLOCK_LIMITS.option.valueLength)
    .slice(0, BLOCK_LIMITS.select.options)
    .map((name) => ({ text: plain(name, BLOCK_LIMITS.option.textLength), value: name }))
}
