import type { WebClient } from '@slack/web-api'
import type { Analysis } from '../app/analyse.ts'
import type { ApprovalTools } from '../app/change/approvalTools.ts'
import type { Inventory } from '../app/inventory/inventory.ts'
import type { Policy, Verb } from '../app/policy.ts'
import type { Library } from '../app/prepareRun.ts'
import type { PublishTools } from '../app/postmortem/publish.ts'
import type { RunDesk } from '../app/runDesk.ts'
import type { Host } from '../domain/host.ts'
import type { Store } from '../store/store.ts'
import type { Draft } from './outbox/draft.ts'
import type { Log } from './log.ts'
import type { Outbox } from './outbox/outbox.ts'

/** Everything the listeners work with. */
export interface Desk {
  readonly inventory: Inventory
  readonly library: Library
  /** Null when it could not be opened: triage goes on, everything that must be remembered is refused. */
  readonly store: Store | null
  readonly runs: RunDesk
  readonly outbox: Outbox
  readonly policy: Policy
  /** Null without a store: no change without a record. */
  readonly approvals: ApprovalTools | null
  /** Throws StoreError. */
  readonly publishTools: () => Promise<PublishTools>
  /** Whether medic.yaml names a place for postmortems. */
  readonly canPublish: boolean
  /** Diagnoses a text offline, cleaned first. */
  readonly explain: (text: string, source: string) => Promise<Analysis>
  /** The client for what people wait for: modals, ephemeral answers, look-ups. */
  readonly client: WebClient
  readonly log: Log
  /** This process, as requests name it. */
  readonly owner: string
  /** Takes up what dead processes left, now rather than at the next look. */
  readonly takeUp: () => Promise<void>
  readonly now: () => number
}

/** Answers the person who asked, visible to nobody else. */
export type Answer = (draft: Draft) => Promise<void>

/** A person who acts, and where. */
export interface Actor {
  readonly user: string
  readonly channel: string
  readonly answer: Answer
}

/** One entry of the audit record; a store that is gone is logged, and read-only work goes on. */
export const record = async (
  desk: Desk,
  what: {
    readonly actor: string
    readonly verb: string
    readonly subject: string
    readonly detail: Readonly<Record<string, string>>
  },
): Promise<void> => {
  try {
    await desk.store?.appendAudit({ atMs: desk.now(), ...what })
  } catch (error) {
    desk.log.warn({ error, verb: what.verb }, 'an act could not be recorded')
  }
}

/** Asks the policy for the person who acts now; a refusal is recorded and its reason returned. */
export const refusalOf = async (
  desk: Desk,
  actor: Pick<Actor, 'user' | 'channel'>,
  verb: Verb,
  host: Host | null,
): Promise<string | null> => {
  const decision = await desk.policy.decide({ user: actor.user, verb, host, place: actor.channel })
  if (decision.allowed) return null
  desk.log.info({ user: actor.user, verb, host: host?.name, reason: decision.reason }, 'refused')
  await record(desk, {
    actor: actor.user,
    verb: 'refused',
    subject: host?.name ?? '-',
    detail: { asked: verb, place: actor.channel, reason: decision.reason },
  })
  return decision.reason
}
