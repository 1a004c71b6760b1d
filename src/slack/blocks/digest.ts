import type { KnownBlock, TableBlock } from '@slack/types'
import type { Digest } from '../../domain/digest.ts'
import { digestHeadline } from '../../render/digest/digestHeadline.ts'
import { digestMessageSections } from '../../render/digest/digestMessage.ts'
import { digestHosts } from '../../render/digest/digestHosts.ts'
import type { DigestHost } from '../../render/digest/digestHosts.ts'
import { formatCount } from '../../render/format.ts'
import { DIGEST_BUTTONS, digestTriage } from '../actionIds.ts'
import type { Draft } from '../outbox/draft.ts'
import {
  actions,
  asPlain,
  button,
  code,
  context,
  cut,
  cutMrkdwn,
  escaped,
  header,
  line,
  list,
  own,
  plain,
  rich,
  section,
  when,
  withinBudget,
  words,
} from './text.ts'

export interface DigestView {
  readonly digest: Digest
  /** Where the full report can be read in a browser, null where nowhere. */
  readonly address: string | null
  /** What went wrong on the way to the schedule's targets. */
  readonly notPublished: readonly string[]
  readonly nextRunAtMs: number | null
  /** Whether a run can be started on this host from here. */
  readonly canTriage: (host: string) => boolean
}

/** slack.md section 5: hosts in the table. */
const MOST_ROWS = 15
const NAMED_UNCHECKED = 5
const LINES_A_SECTION = 12
const LINE_LENGTH = 240

/** The morning message: one sentence, the hosts that need somebody, and buttons to look at the worst of them. */
export const digestMessage = (view: DigestView): Draft => {
  const { digest } = view
  const hosts = digestHosts(digest)
  const headline = digestHeadline(digest)
  const icon = iconOf(digest, hosts)
  const isQuiet = hosts.length === 0 && digest.notChecked.length === 0 && digest.missed.length === 0
  const title = `${icon} Digest ${digest.name}, ${new Date(digest.atMs).toISOString().slice(0, 10)}`
  const verdict = section(own(`${isQuiet ? `${icon} ` : ''}*${escaped(headline)}*`))
  const sections = digestMessageSections(digest)
  const buttons = hosts
    .filter(({ host }) => view.canTriage(host))
    .slice(0, DIGEST_BUTTONS)
    .map(({ host }, index) => button(digestTriage(index), `Triage ${host}`, host))
  const foot = footOf(view, hosts)
  const tail = buttons.length === 0 ? [] : [actions(...buttons)]
  const head = isQuiet ? [verdict] : [header(title), verdict]
  return {
    kind: 'digest',
    text: cutMrkdwn(escaped(`${icon} ${digest.name}: ${headline}`), 600),
    plain: asPlain([
      `${icon} ${digest.name}: ${headline}`,
      ...sections.flatMap((each) => ['', each.title, ...each.lines.map((text) => `  ${text}`)]),
    ]),
    rich: hosts.length === 0 ? null : [...withinBudget([...head, tableOf(hosts), foot]), ...tail],
    portable: isQuiet
      ? [verdict, foot]
      : [...withinBudget([...head, ...sections.map((each) => sectionBlock(each.title, each.lines)), foot]), ...tail],
  }
}

const iconOf = (digest: Digest, hosts: readonly DigestHost[]): string => {
  if (hosts.some(({ level }) => level === 'critical')) return '🔴'
  return hosts.length > 0 || digest.notChecked.length > 0 ? '🟠' : '✅'
}

const tableOf = (hosts: readonly DigestHost[]): TableBlock => {
  const cell = (text: string, limit = 80) => ({ type: 'raw_text' as const, text: plain(text, limit).text })
  return {
    type: 'table',
    column_settings: [{}, {}, { is_wrapped: true }],
    rows: [
      [cell('Host'), cell('State'), cell('What')],
      ...hosts
        .slice(0, MOST_ROWS)
        .map((each) => [cell(each.host), cell(stateOf(each)), cell(whatOf(each), LINE_LENGTH)]),
    ],
  }
}

const stateOf = ({ level, isNew }: DigestHost): string => `${isNew ? 'new, ' : ''}${level}`

const whatOf = ({ statements }: DigestHost): string => {
  const [first = '', ...rest] = statements
  const more = rest.length === 0 ? '' : `; and ${rest.length} more`
  return `${cut(first, LINE_LENGTH - 20)}${more}`
}

const sectionBlock = (title: string, lines: readonly string[]): KnownBlock => {
  const shown = lines.slice(0, LINES_A_SECTION)
  const left = lines.length - shown.length
  const all = left === 0 ? shown : [...shown, `and ${left} more in the full report`]
  return rich(line(words(title, { bold: true })), list(all.map((text) => line(words(text, {}, LINE_LENGTH)))))
}

const footOf = (view: DigestView, hosts: readonly DigestHost[]): KnownBlock => {
  const { digest } = view
  const unseen = new Set(digest.notChecked.map(({ host }) => host))
  const healthy = digest.checked - hosts.filter(({ host }) => !unseen.has(host)).length
  const named = digest.notChecked.slice(0, NAMED_UNCHECKED).map(({ host, reason }) => `${host}: ${cut(reason, 120)}`)
  const more = digest.notChecked.length - named.length
  const left = hosts.length - MOST_ROWS
  const parts = [
    `${formatCount(healthy, 'host')} without findings`,
    ...(left > 0 ? [`${formatCount(left, 'more host')} with findings in the full report`] : []),
    isLink(view.address) ? `<${view.address}|full report>` : null,
    view.nextRunAtMs === null ? null : `next ${when(view.nextRunAtMs)}`,
    `run ${code(digest.runId)}`,
  ].filter((part) => part !== null)
  return context(
    own(parts.join(' · ')),
    ...digest.missed.slice(0, 2).map((text) => plain(`⚠ ${text}`, 200)),
    ...(named.length === 0
      ? []
      : [plain(`not checked: ${named.join(' · ')}${more > 0 ? ` · and ${more} more` : ''}`, 900)]),
    ...view.notPublished.slice(0, 3).map((text) => plain(`⚠ not published: ${text}`, 300)),
  )
}

/** Only what cannot end the link it stands in. */
const isLink = (address: string | null): address is string =>
  address !== null && /^https?:\/\/[^\s<>|]{1,2000}$/.test(address)
