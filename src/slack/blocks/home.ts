import type { HomeView, KnownBlock } from '@slack/types'
import { ACTION } from '../actionIds.ts'
import { BLOCK_LIMITS } from '../blockLimits.ts'
import { button, context, header, own, plain, section, when } from './text.ts'

export interface HomeInput {
  /** Ready lines in mrkdwn of our own. */
  readonly waiting: readonly string[]
  readonly recent: readonly string[]
  readonly nowMs: number
  /** Direct channel with this person: where a run started here goes. */
  readonly channel: string
}

/** Start a run, what waits for a decision, what happened lately. */
export const homeView = (input: HomeInput): HomeView => ({
  type: 'home',
  private_metadata: JSON.stringify({ channel: input.channel }),
  blocks: [
    header('🩺 Medic'),
    {
      type: 'input',
      block_id: 'start',
      dispatch_action: true,
      label: plain('Look at a host'),
      element: {
        type: 'external_select',
        action_id: ACTION.homeHost,
        min_query_length: 0,
        placeholder: plain('Type a few letters', BLOCK_LIMITS.placeholderLength),
      },
    },
    ...listed('🖐️ Waiting for approval', input.waiting, 'Nothing waits for approval.'),
    ...listed('🕘 Recent runs', input.recent, 'No runs yet: type `/oom-triage demo` in a channel.'),
    { type: 'actions', elements: [button(ACTION.homeRefresh, 'Refresh', 'refresh')] },
    context(own(`as of ${when(input.nowMs)}`)),
  ],
})

const MOST = 10

const listed = (title: string, lines: readonly string[], none: string): KnownBlock[] => [
  header(title),
  ...(lines.length === 0 ? [section(own(none))] : lines.slice(0, MOST).map((line) => section(own(line)))),
]
