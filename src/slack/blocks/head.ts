import type { KnownBlock, TaskCardBlock } from '@slack/types'
import { formatDuration } from '../../render/format.ts'
import { ACTION } from '../actionIds.ts'
import { BLOCK_LIMITS } from '../blockLimits.ts'
import type { Draft } from '../outbox/draft.ts'
import {
  actions,
  asPlain,
  button,
  code,
  confirm,
  context,
  cut,
  cutMrkdwn,
  escaped,
  line,
  mention,
  own,
  plain,
  rich,
  section,
  words,
} from './text.ts'

export interface PhaseProgress {
  readonly title: string
  readonly total: number
  readonly done: number
  /** The steps at work now. */
  readonly running: readonly string[]
}

export interface HeadState {
  readonly requestId: string
  readonly host: string
  readonly runbook: string
  readonly title: string
  readonly startedBy: string
  readonly runId: string | null
  readonly startedAtMs: number
  readonly elapsedMs: number
  readonly state: 'waiting' | 'connecting' | 'running' | 'done' | 'failed' | 'cancelled' | 'interrupted'
  readonly phases: readonly PhaseProgress[]
  /** Our own words: what came of it, why it stopped, who stopped it. */
  readonly outcome: string | null
}

const STATE_WORDS: Readonly<Record<HeadState['state'], readonly [string, string]>> = {
  waiting: ['⏳', 'waiting for its turn'],
  connecting: ['🔌', 'connecting'],
  running: ['🔎', 'looking'],
  done: ['✅', 'done'],
  failed: ['❌', 'stopped'],
  cancelled: ['⏹️', 'cancelled'],
  interrupted: ['⚠️', 'interrupted'],
}

const isOver = (state: HeadState['state']): boolean => !['waiting', 'connecting', 'running'].includes(state)

/** One message a run, edited in place: how far it is, and at last what came of it. */
export const headMessage = (head: HeadState): Draft => {
  const [icon, word] = STATE_WORDS[head.state]
  const done = head.phases.reduce((sum, phase) => sum + phase.done, 0)
  const total = head.phases.reduce((sum, phase) => sum + phase.total, 0)
  const steps = head.state === 'running' && total > 0 ? `step ${done} of ${total}` : word
  const subject = `${head.title}: ${head.host}`
  const status = head.outcome === null ? steps : `${word}: ${head.outcome}`
  const text = cutMrkdwn(`${icon} ${escaped(subject)}: ${escaped(status)}`, 600)
  const foot = [
    `started by ${mention(head.startedBy)}`,
    head.runId === null ? null : `run ${code(head.runId)}`,
    head.state === 'waiting' || head.elapsedMs <= 0 ? null : formatDuration(head.elapsedMs),
    'read-only',
  ].filter((part) => part !== null)
  const buttons = buttonsOf(head)
  const tail: KnownBlock[] = [context(own(foot.join(' · '))), ...(buttons === null ? [] : [buttons])]
  const title = section(own(`${icon} *${escaped(subject)}*\n${escaped(cut(status, 600))}${barOf(head, done, total)}`))
  const lines = head.phases.slice(-MOST_LINES).map((phase) => `${iconOf(head, phase)} ${phaseLine(phase)}`)
  return {
    kind: 'head',
    text,
    plain: asPlain([`${icon} ${subject}: ${status}`, ...lines]),
    rich:
      head.phases.length === 0
        ? null
        : [
            {
              type: 'plan',
              title: plain(`${icon} ${subject}: ${status}`, BLOCK_LIMITS.plan.titleLength).text,
              tasks: head.phases.slice(-MOST_LINES).map((phase, index) => taskOf(head, phase, index)),
            },
            ...tail,
          ],
    portable: [
      title,
      ...(lines.length === 0 ? [] : [section(own(lines.map((each) => escaped(each)).join('\n')))]),
      ...tail,
    ],
  }
}

/** At most so many step lines (slack.md section 5). */
const MOST_LINES = 12

const phaseLine = (phase: PhaseProgress): string => {
  const count = phase.total === 0 ? 'nothing to do' : `${phase.done} of ${phase.total}`
  const now = phase.running.length === 0 ? '' : ` · ${phase.running.slice(0, 4).join(', ')}`
  return cut(`${phase.title}: ${count}${now}`, 200)
}

const isComplete = (phase: PhaseProgress): boolean => phase.done >= phase.total

const iconOf = (head: HeadState, phase: PhaseProgress): string => {
  if (isComplete(phase)) return '✅'
  return isOver(head.state) ? '⚪' : '🔄'
}

const taskOf = (head: HeadState, phase: PhaseProgress, index: number): TaskCardBlock => ({
  type: 'task_card',
  task_id: `phase-${index + 1}`,
  title: plain(phase.title, BLOCK_LIMITS.taskCard.titleLength).text,
  status: isComplete(phase) ? 'complete' : isOver(head.state) ? 'error' : 'in_progress',
  output: rich(line(words(phaseLine(phase).slice(phase.title.length + 2)))),
})

const barOf = (head: HeadState, done: number, total: number): string => {
  if (isOver(head.state) || total === 0) return ''
  const full = Math.round((done / total) * 10)
  return `\n${'▰'.repeat(full)}${'▱'.repeat(10 - full)} ${done} of ${total}`
}

const buttonsOf = (head: HeadState): KnownBlock | null => {
  if (!isOver(head.state)) {
    return actions(
      button(ACTION.cancel, 'Cancel', head.requestId, {
        confirm: confirm('Cancel this run?', 'What has arrived is still diagnosed.', 'Cancel the run', 'Go on'),
      }),
    )
  }
  if (head.state === 'done') return null
  return actions(button(ACTION.again, 'Run again', head.requestId))
}
