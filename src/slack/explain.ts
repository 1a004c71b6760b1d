import { verdictMessage } from './blocks/verdict.ts'
import { blindSpotsMessage } from './blocks/blindSpots.ts'
import { proposalsMessage } from './blocks/proposals.ts'
import { notice } from './blocks/notices.ts'
import { record, refusalOf, type Actor, type Desk } from './desk.ts'
import { textFiles } from './files.ts'
import { textOfMessage, type ReadMessage } from './messageText.ts'

/** Diagnoses a message, or the text files on it, and answers in its thread. No host is asked. */
export const explainMessage = async (desk: Desk, actor: Actor, message: ReadMessage): Promise<void> => {
  const refusal = await refusalOf(desk, actor, 'read', null)
  if (refusal !== null) {
    await actor.answer(notice(`Not explained: ${refusal}.`))
    return
  }
  const threadTs = message.thread_ts ?? message.ts ?? null
  const files = await textFiles(desk, message)
  const text = files.texts.length > 0 ? files.texts.join('\n') : textOfMessage(message)
  if (text.trim() === '' || threadTs === null) {
    await actor.answer(notice('There is no text to explain in this message.', files.problem))
    return
  }
  const analysis = await desk.explain(text, files.texts.length > 0 ? 'an attached file' : 'a message')
  await record(desk, { actor: actor.user, verb: 'explain', subject: threadTs, detail: { place: actor.channel } })
  const verdict = verdictMessage({
    host: null,
    requestId: null,
    diagnosis: analysis.diagnosis,
    evidence: analysis.evidence,
    incident: null,
    runId: null,
    runbook: null,
    durationMs: null,
    processes: [],
    notes: [...files.cut, ...(files.problem === null ? [] : [files.problem])],
  })
  const { id, settled } = await desk.outbox.post({ threadId: null, threadTs, channel: actor.channel, draft: verdict })
  const more = [
    proposalsMessage(analysis.diagnosis),
    analysis.diagnosis.findings.length > 0 ? null : blindSpotsMessage(analysis.diagnosis, []),
  ]
  for (const draft of more) {
    if (draft !== null) await desk.outbox.post({ threadId: id, threadTs, channel: actor.channel, draft })
  }
  const result = await settled
  if (result.status === 'refused') {
    await actor.answer(
      notice(
        `I could not answer in this channel (${result.reason}).`,
        'Invite me with /invite @medic, then try again.',
      ),
    )
  }
}
