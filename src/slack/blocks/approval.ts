import { outcomeOf, type ChangeOutcome } from '../../app/change/changeOutcome.ts'
import type { Approval, ChangePlan } from '../../domain/approval.ts'
import { ACTION } from '../actionIds.ts'
import type { Draft } from '../outbox/draft.ts'
import {
  actions,
  asPlain,
  button,
  code,
  confirm,
  context,
  cutMrkdwn,
  escaped,
  fields,
  header,
  line,
  mention,
  own,
  plain,
  rich,
  verbatim,
  when,
  words,
} from './text.ts'

export interface ApprovalView {
  readonly approval: Approval
  /** Who may decide, as mentions. */
  readonly approvers: string
}

const ICON: Readonly<Record<Approval['state'], string>> = {
  pending: '🖐️',
  approved: '✅',
  denied: '⛔',
  expired: '⌛',
  superseded: '↪️',
}

/** A change that waits for a named human: the exact text, and after the decision who decided and what came of it. */
export const approvalMessage = ({ approval, approvers }: ApprovalView): Draft => {
  const { plan } = approval
  const icon = approval.result === null ? ICON[approval.state] : OUTCOME[outcomeOf(approval.result)].icon
  const title = `${icon} ${approval.state === 'pending' ? 'Approval needed' : wordsOf(approval)}: ${plan.runbook} on ${plan.host}`
  const exact = plan.steps
    .map((step) => `# ${step.name}\n${step.body.trim()}\n# undo\n${step.undo ?? 'none'}`)
    .join('\n\n')
  const given = Object.entries(plan.parameters).map(([name, value]) => `${name}=${value}`)
  const foot = [
    `asked by ${mention(plan.requestedBy)}`,
    approval.state === 'pending' ? `may decide: ${approvers}` : null,
    approval.state === 'pending' ? `expires ${when(plan.expiresAtMs)}` : null,
    `plan ${code(approval.planHash.slice(0, 12))}`,
  ].filter((part) => part !== null)
  return {
    kind: 'approval',
    text: title,
    plain: asPlain([title, exact, approval.result ?? '']),
    rich: null,
    portable: [
      header(title),
      fields([
        plain(`What\n${plan.runbook}${given.length === 0 ? '' : ` (${given.join(' ')})`}`, 500),
        plain(`Host\n${plan.host}`),
        plain(`Risk\n${plan.risk}`),
        plain(`Reversible\n${plan.steps.every((step) => step.undo !== null) ? 'yes, the undo is below' : 'no'}`),
      ]),
      rich(line(words('Exactly this, and what undoes it', { bold: true })), verbatim(exact)),
      ...touchedFiles(plan),
      ...(approval.decidedBy === null ? [] : [context(own(decidedBy(approval)))]),
      ...(approval.result === null
        ? []
        : [rich(line(words('Result: ', { bold: true }), words(approval.result, {}, 1000)))]),
      context(own(foot.join(' · '))),
      ...(approval.state === 'pending' ? [decision(approval)] : []),
    ],
  }
}

const wordsOf = (approval: Approval): string => {
  if (approval.state !== 'approved') return `${approval.state[0]?.toUpperCase() ?? ''}${approval.state.slice(1)}`
  return approval.result === null ? 'Approved' : OUTCOME[outcomeOf(approval.result)].title
}

const OUTCOME: Readonly<Record<ChangeOutcome, { readonly icon: string; readonly title: string }>> = {
  done: { icon: '✅', title: 'Done' },
  'not done': { icon: '⛔', title: 'Not done' },
  unknown: { icon: '❓', title: 'Outcome unknown' },
  'not as planned': { icon: '⚠️', title: 'Not as planned' },
}

/** The files as they were read: when one of them has changed, nothing is done. */
const touchedFiles = ({ before }: ChangePlan) => {
  if (before.touches.length === 0) return []
  const files = before.files.map(({ path, sha256 }) => `${path}  ${sha256?.slice(0, 12) ?? 'not there'}`)
  const text = files.length === 0 ? `${before.touches.join('\n')}\nno such file yet` : files.join('\n')
  return [rich(line(words('Files it touches, as they are', { bold: true })), verbatim(text, 1000))]
}

/** What came of an approved change, as an answer to the message that asked: it calls those who asked and decided. */
export const resultMessage = (approval: Approval): Draft => {
  const { plan } = approval
  const result = approval.result ?? ''
  const title = `${OUTCOME[outcomeOf(result)].icon} ${plan.runbook} on ${plan.host}`
  const people = [...new Set([plan.requestedBy, approval.decidedBy ?? plan.requestedBy])].map((user) => mention(user))
  return {
    kind: 'change-result',
    text: cutMrkdwn(escaped(`${title}: ${result}`), 600),
    plain: asPlain([title, result]),
    rich: null,
    portable: [
      rich(line(words(`${title}: `, { bold: true }), words(result, {}, 1500))),
      context(own(`${people.join(' ')} · plan ${code(approval.planHash.slice(0, 12))}`)),
    ],
  }
}

const decidedBy = (approval: Approval): string => {
  const self = approval.decidedBy === approval.plan.requestedBy && approval.state === 'approved'
  const time = approval.decidedAtMs === null ? '' : ` ${when(approval.decidedAtMs)}`
  return `${approval.state} by ${mention(approval.decidedBy ?? '')}${time}${self ? ', who also asked for it (selfApprove)' : ''}`
}

const decision = (approval: Approval) =>
  actions(
    button(ACTION.approve, 'Approve and run', approval.id, {
      style: 'primary',
      confirm: confirm(
        'Run this change?',
        `Exactly the text shown runs on ${approval.plan.host}, once.`,
        'Approve and run',
        'Not now',
      ),
    }),
    button(ACTION.deny, 'Deny', approval.id, { style: 'danger' }),
  )
