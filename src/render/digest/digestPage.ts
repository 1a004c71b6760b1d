import type { Digest } from '../../domain/digest.ts'
import { escapeText } from '../escape.ts'
import { digestHeadline } from './digestHeadline.ts'
import {
  STILL,
  changeText,
  growthText,
  lineText,
  linesOf,
  moverText,
  partlyLines,
  section,
  uncheckedLines,
  unforecastLines,
} from './digestWords.ts'
import type { DigestSection } from './digestWords.ts'

/** Everything, for the page. */
const digestPageSections = (digest: Digest): readonly DigestSection[] =>
  [
    section('New', linesOf(digest, (line) => line.state === 'new').map(lineText(digest))),
    section('Worse', linesOf(digest, (line) => line.state === 'worse').map(lineText(digest))),
    section(
      'Heading for trouble',
      digest.growing.map((growth) => growthText(growth)),
    ),
    section('Still open', linesOf(digest, (line) => STILL.has(line.state)).map(lineText(digest))),
    section('Resolved', linesOf(digest, (line) => line.state === 'resolved').map(lineText(digest))),
    section('Changes', digest.changes.map(changeText)),
    section('Top movers', digest.movers.map(moverText)),
    section('Not checked', [...uncheckedLines(digest), ...partlyLines(digest), ...unforecastLines(digest)]),
  ].filter(({ lines }) => lines.length > 0)

/** The full report as a Markdown page. */
export const renderDigestPage = (digest: Digest): string => {
  const date = new Date(digest.atMs).toISOString().slice(0, 10)
  const out = [`# Digest ${escapeText(digest.name)}, ${date}`, '', escapeText(digestHeadline(digest)), '']
  out.push(escapeText(`Hosts: ${digest.hosts}. Looked at: ${span(digest)}. Run: ${digest.runId}.`), '')
  for (const missed of digest.missed) out.push(`**Missed:** ${escapeText(missed)}`, '')
  for (const { title, lines } of digestPageSections(digest)) {
    out.push(`## ${title}`, '', ...lines.map((line) => `- ${escapeText(line)}`), '')
  }
  return `${out.join('\n').trimEnd()}\n`
}

const span = (digest: Digest): string =>
  `${new Date(digest.sinceMs).toISOString().slice(0, 16).replace('T', ' ')} to ${new Date(digest.atMs).toISOString().slice(0, 16).replace('T', ' ')} UTC`
