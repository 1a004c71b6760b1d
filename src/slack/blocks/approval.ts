import type { Approval } from '../../domain/approval.ts'
import { ACTION } from '../actionIds.ts'
import type { Draft } from '../draft.ts'
import {
  actions,
  asPlain,
  button,
  code,
  confirm,
  context,
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
  const title = `${ICON[approval.state]} ${approval.state === 'pending' ? 'Approval needed' : wordsOf(approval)}: ${plan.runbook} on ${plan.host}`
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
  if (approval.result === null) return 'Approved'
  return approval.result.startsWith('done:') ? 'Done' : 'Not as planned'
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
