import type { KnownBlock, RichTextBlockElement } from '@slack/types'
import type { Diagnosis } from '../../domain/finding.ts'
import type { Remedy } from '../../domain/remedy.ts'
import { isChange, isRefusal, remediesOf } from '../../render/postmortemResponse.ts'
import type { Draft } from '../outbox/draft.ts'
import { asPlain, context, header, line, list, own, rich, verbatim, withinBudget, words } from './text.ts'

/** What Medic would write, what people could do, and what is not proposed and why; null when there is nothing to say. */
export const proposalsMessage = (diagnosis: Diagnosis): Draft | null => {
  const remedies = remediesOf(diagnosis.findings).map(({ remedy }) => remedy)
  if (remedies.length === 0) return null
  const changes = remedies.filter(isChange)
  const refusals = remedies.filter(isRefusal)
  const advice = remedies.filter((remedy) => !isChange(remedy) && !isRefusal(remedy))
  const blocks: KnownBlock[] = []
  if (changes.length > 0)
    blocks.push(header('🔧 Proposed change'), ...changes.slice(0, 3).map((remedy) => rich(...changeOf(remedy))))
  if (advice.length > 0) blocks.push(header('🧭 What to do'), rich(list(advice.slice(0, 6).map(adviceOf))))
  if (refusals.length > 0)
    blocks.push(header('🚫 Not proposed, and why'), rich(list(refusals.slice(0, 6).map(adviceOf))))
  blocks.push(context(own('Nothing was changed on the host.')))
  const kept = withinBudget(blocks)
  const text =
    changes.length > 0
      ? `🔧 ${changes.length === 1 ? 'A change is' : `${changes.length} changes are`} proposed; nothing was changed`
      : '🧭 What to do; nothing was changed'
  return {
    kind: 'proposals',
    text,
    plain: asPlain([
      text,
      ...remedies.flatMap((remedy) => [
        `- ${remedy.title}: ${remedy.because}`,
        ...remedy.files.map((file) => `${file.path}:\n${file.content}`),
      ]),
    ]),
    rich: null,
    portable: kept,
  }
}

const changeOf = (remedy: Remedy): RichTextBlockElement[] => [
  line(words(remedy.title, { bold: true }, 300), words(` (confidence: ${remedy.confidence})`)),
  line(words(remedy.because, {}, 800)),
  ...remedy.files
    .slice(0, 2)
    .flatMap((file) => [line(words(file.path, { code: true }, 300)), verbatim(file.content, 2000)]),
  list([
    ...remedy.checks
      .slice(0, 6)
      .map((check) => line(words(`${check.holds ? '✔' : '✘'} ${check.check}: ${check.detail}`, {}, 300))),
    ...remedy.warnings.slice(0, 4).map((warning) => line(words(`⚠ ${warning}`, {}, 300))),
    remedy.undo.length === 0
      ? line(words('Undo: not needed'))
      : line(words('Undo: '), words(remedy.undo.map((argv) => argv.join(' ')).join('; '), { code: true }, 500)),
  ]),
]

const adviceOf = (remedy: Remedy) =>
  line(words(remedy.title, { bold: true }, 250), words(`: ${remedy.because}`, {}, 500))
