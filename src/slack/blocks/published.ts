import type { PublishReport, TargetOutcome } from '../../app/postmortem/publish.ts'
import { regionLines } from '../../render/regionLines.ts'
import type { Draft } from '../outbox/draft.ts'
import {
  asPlain,
  context,
  cutMrkdwn,
  escaped,
  mention,
  own,
  plain,
  rich,
  section,
  verbatim,
  withinBudget,
} from './text.ts'

/** Where the page of an incident stands now, and what became of each of its regions there. */
export const publishedMessage = (report: PublishReport, user: string): Draft => {
  const failed = report.outcomes.filter(({ status }) => status === 'failed').length
  const icon = failed === 0 ? '📚' : '⚠️'
  const how = failed === 0 ? 'published' : failed === report.outcomes.length ? 'not published' : 'published in part'
  const title = `${icon} Postmortem ${report.incident.id}: ${how}`
  const masked =
    report.redactions === 0
      ? []
      : [`${report.redactions} secrets were masked on the way out; please report the rule gap`]
  return {
    kind: 'published',
    text: cutMrkdwn(escaped(title), 600),
    plain: asPlain([title, ...report.outcomes.flatMap(linesOf), ...masked]),
    rich: null,
    portable: withinBudget([
      section(own(`${icon} *${escaped(`Postmortem ${report.incident.id}`)}*: ${how}`)),
      ...report.outcomes.flatMap((outcome) => [
        section(own(titleOf(outcome))),
        rich(verbatim(linesOf(outcome).join('\n'))),
      ]),
      context(own(`asked by ${mention(user)}`), ...masked.map((line) => plain(line))),
    ]),
  }
}

/** The name of the place, with a link to the page when a browser can open it. */
const titleOf = (outcome: TargetOutcome): string => {
  const name = `*${escaped(outcome.target)}*`
  if (outcome.status === 'failed') return `❌ ${name}: nothing was written`
  const address = outcome.published.pages[0]?.address ?? null
  return isLink(address) ? `✅ ${name}: <${address}|open the page>` : `✅ ${name}`
}

/** Only what cannot end the link it stands in. */
const isLink = (address: string | null): address is string =>
  address !== null && /^https?:\/\/[^\s<>|]{1,2000}$/.test(address)

const linesOf = (outcome: TargetOutcome): readonly string[] => {
  if (outcome.status === 'failed') return [outcome.message, ...(outcome.hint === null ? [] : [`hint: ${outcome.hint}`])]
  const { pages, assets, revision, notes } = outcome.published
  return [
    ...pages.flatMap((page) => [
      `${page.path} ${page.outcome}${page.address === null ? '' : `, ${page.address}`}`,
      ...regionLines(page.regions).map((line) => `  ${line}`),
    ]),
    ...(assets.length === 0 ? [] : [`${assets.length} file${assets.length === 1 ? '' : 's'} beside it`]),
    ...(revision === null ? [] : [`commit ${revision.slice(0, 12)}`]),
    ...notes.map((note) => `note: ${note}`),
  ]
}
