import { createHash } from 'node:crypto'
import { wrapRegion } from '../../src/domain/region.ts'
import type { Publication } from '../../src/publishers/publisher.ts'

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

export const INCIDENT = 'inc-20261112T091502Z-vps-01-queue_worker'
export const PAGE = `${INCIDENT}.md`
export const ASSET = `assets/${INCIDENT}/E1-kernel-log.txt`

/** A small page with two regions and text between them. */
export const draft = (facts = 'Host vps-01.', timeline = 'Killed at 09:15.', incident = INCIDENT): string =>
  [
    `<!-- incident:${incident} -->`,
    '# Postmortem',
    wrapRegion('facts', facts, sha256),
    '**TODO(human):** severity?',
    wrapRegion('timeline', timeline, sha256),
    'The end.',
    '',
  ].join('\n\n')

export const publication = (
  text = draft(),
  changes: Partial<Publication> & { readonly incident?: string } = {},
): Publication => {
  const { incident = INCIDENT, ...rest } = changes
  return {
    subject: `Postmortem ${incident}`,
    pages: [
      { incident, name: incident, text: () => text },
      {
        incident: null,
        name: 'Incidents',
        text: (view) =>
          `# Incidents\n\n${wrapRegion('incidents', `[page](${view.incidentPage(incident) ?? 'none'})`, sha256)}\n`,
      },
    ],
    assets: [{ path: `assets/${incident}/E1-kernel-log.txt`, bytes: Buffer.from('kernel: killed\n') }],
    ...rest,
  }
}

export const outcomes = (regions: readonly { readonly name: string; readonly outcome: string }[]) =>
  Object.fromEntries(regions.map(({ name, outcome }) => [name, outcome]))
