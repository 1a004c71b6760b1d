import type { Host } from '../../domain/host.ts'
import type { RunRequest } from '../../domain/runRequest.ts'
import type { Runbook } from '../../app/prepareRun.ts'
import { formatDuration } from '../../render/format.ts'
import { ACTION } from '../actionIds.ts'
import type { Draft } from '../outbox/draft.ts'
import {
  actions,
  asPlain,
  button,
  code,
  context,
  cutMrkdwn,
  escaped,
  line,
  list,
  mention,
  own,
  plain,
  rich,
  section,
  sentence,
  verbatim,
  when,
  withinBudget,
  words,
} from './text.ts'

/** A run that could not go on: what stopped, what was not done, what to do next, and a reference. */
export const errorMessage = (what: {
  readonly stopped: string
  readonly next: string
  readonly notDone: string
  readonly error: string
  readonly requestId: string
  readonly reference: string
}): Draft => ({
  kind: 'error',
  text: cutMrkdwn(`❌ ${escaped(what.stopped)}`, 600),
  plain: asPlain([`❌ ${what.stopped}`, what.next, what.notDone, what.error, what.reference]),
  rich: null,
  portable: [
    section(plain(`❌ ${what.stopped}`)),
    section(plain(`${what.next}\n${what.notDone}`)),
    rich(verbatim(what.error, 1500)),
    actions(button(ACTION.again, 'Try again', what.requestId)),
    context(own(`reference ${code(what.reference)}`)),
  ],
})

/** One short answer. `text` may hold host text: it is shown letter by letter. */
export const notice = (text: string, hint: string | null = null): Draft => ({
  kind: 'notice',
  text: cutMrkdwn(escaped(text), 1000),
  plain: asPlain([text, ...(hint === null ? [] : [hint])]),
  rich: null,
  portable: [section(plain(text)), ...(hint === null ? [] : [rich(sentence(hint))])],
})

/** One short answer in mrkdwn of our own: links and mentions. */
export const ownNotice = (text: string): Draft => ({
  kind: 'notice',
  text: cutMrkdwn(text, 2900),
  plain: cutMrkdwn(text, 2900),
  rich: null,
  portable: [section(own(text))],
})

export const usageMessage = (command: string, examples: readonly string[]): Draft => {
  const lines = [
    `${command} HOST [UNIT] [--since 2h] [--dry-run]`,
    `${command} list`,
    `${command} status [RUN]`,
    `${command} cancel RUN`,
    '',
    ...examples,
  ]
  return {
    kind: 'usage',
    text: `How to use ${command}`,
    plain: asPlain(lines),
    rich: null,
    portable: [
      section(own(`*${escaped(command)}* takes the first look at a sick server. It only reads.`)),
      rich(verbatim(lines.join('\n'))),
      context(own('In a thread, mention me: `@medic server1`. On an alert, use the message shortcut *Triage this*.')),
    ],
  }
}

export const hostsMessage = (hosts: readonly Host[]): Draft => {
  const lines = hosts.slice(0, 60).map((host) => {
    const more = [host.site, ...host.groups].filter((each) => each !== null).join(', ')
    return `${host.name}${more === '' ? '' : ` (${more})`}${host.transport === 'replay' ? ' · a recorded run' : ''}`
  })
  const rest = hosts.length - lines.length
  const title =
    hosts.length === 0
      ? 'No hosts yet: add them to medic.yaml. `demo` always exists: a recorded kill.'
      : `${hosts.length} host${hosts.length === 1 ? '' : 's'}`
  return {
    kind: 'hosts',
    text: title,
    plain: asPlain([title, ...lines]),
    rich: null,
    portable: [
      section(own(`*Hosts*\n${title}`)),
      ...(lines.length === 0 ? [] : [rich(list(lines.map((each) => line(words(each, {}, 200)))))]),
      ...(rest > 0 ? [context(plain(`and ${rest} more`))] : []),
    ],
  }
}

const STATE_ICON: Readonly<Record<RunRequest['state'], string>> = {
  active: '🔎',
  done: '✅',
  failed: '❌',
  cancelled: '⏹️',
  interrupted: '⚠️',
}

/** One line a run, with the state in words. */
export const requestLine = (request: RunRequest, link: string | null): string => {
  const what = request.verdict === null ? '' : `: ${escaped(request.verdict)}`
  const name = `${escaped(request.runbook)} on ${escaped(request.host)}`
  const shown = link === null ? name : `<${link}|${name}>`
  return `${STATE_ICON[request.state]} ${shown} ${request.state === 'active' ? 'running' : request.state}${what} · ${mention(request.requestedBy)} ${when(request.createdAtMs)} · ${code(shortId(request.id))}`
}

/** Enough of an id to type. */
export const shortId = (id: string): string => id.slice(0, 8)

export const statusMessage = (lines: readonly string[]): Draft => ({
  kind: 'status',
  text: lines.length === 0 ? 'No runs yet' : 'Runs, newest first',
  plain: lines.length === 0 ? 'No runs yet' : cutMrkdwn(lines.join('\n'), 3000),
  rich: null,
  portable: withinBudget([
    section(own(lines.length === 0 ? 'No runs yet.' : '*Runs*, newest first')),
    ...lines.slice(0, 20).map((each) => section(own(each))),
    context(own('`status RUN` tells more about one, `cancel RUN` stops it')),
  ]),
})

/** What a run would do, without asking the host anything. */
export const dryRunMessage = (host: Host, runbook: Runbook, parameters: Readonly<Record<string, string>>): Draft => {
  const given = Object.entries(parameters).map(([name, value]) => `${name}=${value}`)
  const lines = runbook.phases.flatMap((phase) => [
    phase.title,
    ...phase.steps.map(
      (step) =>
        `  ${step.name}${step.risk === 'read' ? '' : ` (${step.risk})`}${step.when === null ? '' : `, when ${step.when}`}${step.each === null ? '' : ', for each suspect'}`,
    ),
  ])
  const title = `Dry run: ${runbook.title} on ${host.name}${given.length === 0 ? '' : ` with ${given.join(' ')}`}`
  return {
    kind: 'dry-run',
    text: escaped(title),
    plain: asPlain([title, ...lines]),
    rich: null,
    portable: withinBudget([
      section(plain(title)),
      rich(verbatim(lines.join('\n'))),
      context(plain(`Nothing was asked of ${host.name}. Longest time: ${formatDuration(runbook.timeoutMs)}.`)),
    ]),
  }
}
