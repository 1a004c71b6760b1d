import { randomUUID } from 'node:crypto'
import { changesSomething } from '../../app/change/changingSteps.ts'
import type { PreparedRun } from '../../app/prepareRun.ts'
import { ExpectedError } from '../../domain/errors.ts'
import type { RunRequest } from '../../domain/runRequest.ts'
import { headMessage } from '../blocks/head.ts'
import { notice, ownNotice, shortId } from '../blocks/notices.ts'
import { code, escaped, mention } from '../blocks/text.ts'
import { conduct, progressOf } from './conduct.ts'
import { record, refusalOf, type Actor, type Desk } from '../desk.ts'
import { linkTo } from '../links.ts'
import { placeOf, placeText, type Place } from '../place.ts'
import { askForChange } from './changes.ts'

export interface RunWish {
  readonly prepared: PreparedRun
  readonly actor: Actor
  /** A thread in Slack that was there before us, null for none. */
  readonly threadTs: string | null
  /** A run whose thread takes this one too. */
  readonly after: RunRequest | null
}

/** A repeat within this time goes into the thread of the run before: one incident, one thread. */
const FOLD_WITHIN_MS = 10 * 60_000
/** A head message that takes longer is not waited for: Slack is slow, the host may be dying. */
const HEAD_PATIENCE_MS = 1_500

const REFUSED_PLACE = /not_in_channel|channel_not_found|is_archived|restricted_action|not_allowed/

/**
 * One command, one run: asks the policy, joins a run that is at work, shows the head message and starts. Resolves when
 * the run is under way or was refused; `finished` settles when the last message is handed over.
 */
export const startRun = async (desk: Desk, wish: RunWish): Promise<{ readonly finished: Promise<void> }> => {
  const { prepared, actor } = wish
  const changes = changesSomething(prepared.runbook)
  const refusal = await refusalOf(desk, actor, changes ? 'change' : 'read', prepared.host)
  if (refusal !== null) {
    await actor.answer(notice(`Not started: ${refusal}.`, 'Ask an operator to change `policy` in medic.yaml.'))
    return NOTHING
  }
  if (changes) {
    await askForChange(desk, { prepared, actor, threadTs: wish.threadTs })
    return NOTHING
  }
  const thread = await threadFor(desk, wish)
  const request = newRequest(desk, wish, thread)
  const active = await openRequest(desk, request).catch((error: unknown) => {
    if (error instanceof ExpectedError) return error
    throw error
  })
  if (active instanceof ExpectedError) {
    await actor.answer(notice(active.message, active.hint))
    return NOTHING
  }
  if (active !== undefined) {
    await join(desk, active, actor)
    return NOTHING
  }
  return begin(desk, wish, request)
}

/** A request that a dead process left is settled first: it goes on, or is said to be interrupted. */
const openRequest = async (desk: Desk, request: RunRequest): Promise<RunRequest | undefined> => {
  const active = await desk.runs.open(request)
  if (active === undefined || !(await desk.runs.isLeftBehind(active))) return active
  await desk.takeUp()
  return desk.runs.open(request)
}

const NOTHING = { finished: Promise.resolve() }

interface ThreadChoice {
  /** Null starts a thread. */
  readonly threadId: string | null
  readonly place: Place
}

const threadFor = async (desk: Desk, { prepared, actor, threadTs, after }: RunWish): Promise<ThreadChoice> => {
  const place = { channel: actor.channel, threadTs }
  if (after !== null) return { threadId: after.threadId, place: placeOf(after.place) }
  if (threadTs !== null) return { threadId: null, place }
  const recent = (await desk.runs.list({ host: prepared.host.name, limit: 5 })).find(
    (request) =>
      request.runbook === prepared.runbook.id &&
      request.place === placeText(place) &&
      request.state !== 'active' &&
      desk.now() - (request.endedAtMs ?? 0) < FOLD_WITHIN_MS,
  )
  const isThere = recent !== undefined && (await desk.outbox.tsOf(recent.threadId)) !== null
  return { threadId: isThere ? recent.threadId : null, place }
}

const newRequest = (desk: Desk, { prepared, actor }: RunWish, thread: ThreadChoice): RunRequest => {
  const id = randomUUID()
  const headId = randomUUID()
  return {
    id,
    runbook: prepared.runbook.id,
    host: prepared.host.name,
    parameters: prepared.parameters,
    requestedBy: actor.user,
    place: placeText(thread.place),
    threadId: thread.threadId ?? headId,
    headId,
    state: 'active',
    owner: desk.owner,
    heartbeatAtMs: desk.now(),
    createdAtMs: desk.now(),
    endedAtMs: null,
    runId: null,
    incidentId: null,
    verdict: null,
  }
}

const join = async (desk: Desk, active: RunRequest, actor: Actor): Promise<void> => {
  await record(desk, {
    actor: actor.user,
    verb: 'join',
    subject: active.id,
    detail: { host: active.host, runbook: active.runbook, place: actor.channel },
  })
  const link = await linkTo(desk, active.headId)
  const where = link === null ? 'see its message in the channel' : `<${link}|follow it here>`
  const isSame = active.requestedBy === actor.user
  await actor.answer(
    ownNotice(
      `🔎 ${code(active.host)} is being looked at already, started by ${isSame ? 'you' : mention(active.requestedBy)}: ${where}. ` +
        `No second run was started. (run ${code(shortId(active.id))})`,
    ),
  )
}

const begin = async (
  desk: Desk,
  { prepared, actor }: RunWish,
  request: RunRequest,
): Promise<{ readonly finished: Promise<void> }> => {
  const place = placeOf(request.place)
  const progress = progressOf(desk, prepared, request)
  const isFolded = request.threadId !== request.headId
  const head = await desk.outbox.post({
    id: request.headId,
    threadId: isFolded ? request.threadId : null,
    threadTs: place.threadTs,
    channel: place.channel,
    draft: headMessage(progress.head()),
    priority: 0,
  })
  const settled = await Promise.race([head.settled, later(HEAD_PATIENCE_MS)])
  if (settled?.status === 'refused') {
    await desk.runs.finish(request.id, { state: 'failed', verdict: `Slack refused: ${settled.reason}` })
    await actor.answer(
      REFUSED_PLACE.test(settled.reason)
        ? ownNotice(
            'I am not in this channel, so nothing was started. Invite me with `/invite @medic`, then type the command again.',
          )
        : notice(`Nothing was started: Slack did not take the message (${settled.reason}).`),
    )
    return NOTHING
  }
  await record(desk, {
    actor: actor.user,
    verb: 'start',
    subject: request.id,
    detail: { host: request.host, runbook: request.runbook, place: request.place, ...request.parameters },
  })
  if (isFolded) {
    const link = await linkTo(desk, request.headId)
    await actor.answer(
      ownNotice(
        `🔁 ${code(request.host)} was looked at a moment ago: the new run goes into ${link === null ? 'the same thread' : `<${link}|the same thread>`}.`,
      ),
    )
  }
  return { finished: conduct(desk, prepared, request, progress) }
}

const later = (ms: number): Promise<null> =>
  new Promise((resolve) => {
    setTimeout(() => resolve(null), ms).unref()
  })

/** What somebody may cancel: by short id, whole id, run id or host. */
export const findRequest = async (desk: Desk, typed: string): Promise<RunRequest | undefined> => {
  const requests = await desk.runs.list({ limit: 100 })
  const matches = (request: RunRequest): boolean =>
    request.id === typed || (typed.length >= 6 && request.id.startsWith(typed)) || request.runId === typed
  return (
    requests.find(matches) ??
    requests.find((request) => request.host === typed && request.state === 'active') ??
    requests.find((request) => request.host === typed)
  )
}

/** Cancels a run for the person who asked; one's own needs `read`, another's needs `change` on that host. */
export const cancelRun = async (desk: Desk, request: RunRequest, actor: Actor): Promise<void> => {
  if (await desk.runs.isLeftBehind(request)) {
    await desk.takeUp()
    const now = await desk.runs.find(request.id)
    if (now !== undefined && now.owner !== request.owner) return cancelRun(desk, now, actor)
  }
  if (request.state !== 'active') {
    await actor.answer(notice(`That run is over already: ${request.state}.`))
    return
  }
  const isOwn = request.requestedBy === actor.user
  const host = desk.inventory.find(request.host)
  // Without a policy nobody may change anything, and still any reader may stop a read-only run.
  const refusal = isOwn ? null : await refusalOf(desk, actor, 'read', host)
  if (refusal !== null) {
    await actor.answer(notice(`Not cancelled: ${refusal}.`))
    return
  }
  const isCancelled = await desk.runs.cancel(request.id, actor.user)
  if (!isCancelled && request.approval !== undefined) {
    await actor.answer(
      ownNotice(
        `✋ Not cancelled: a change is under way on ${escaped(request.host)}, and Medic does not stop one halfway. Its message says how it ends, and what undoes it.`,
      ),
    )
    return
  }
  await record(desk, {
    actor: actor.user,
    verb: 'cancel',
    subject: request.id,
    detail: { host: request.host, place: actor.channel },
  })
  await actor.answer(
    ownNotice(`⏹️ The run on ${escaped(request.host)} is being cancelled; what has arrived is still diagnosed.`),
  )
}
