import { findRegions } from '../../domain/region.ts'
import { countTodos } from '../../render/postmortem.ts'
import { lintWording } from '../../render/wording.ts'
import type { WordingProblem } from '../../render/wording.ts'
import type { Publisher } from '../../publishers/publisher.ts'
import type { Store } from '../../store/store.ts'

export interface PageCheck {
  /** Wording, facts without evidence, and marks that point at no evidence. */
  readonly problems: readonly WordingProblem[]
  readonly openQuestions: number
}

/** What a reviewer would send a page back for. */
export const checkPage = (markdown: string): PageCheck => ({
  problems: [...lintWording(markdown), ...danglingMarks(markdown)].toSorted((one, other) => one.line - other.line),
  openQuestions: countTodos(markdown),
})

/** Marks of evidence that the page's own index does not list. Silent on a page without an index. */
const danglingMarks = (markdown: string): readonly WordingProblem[] => {
  const index = findRegions(markdown).find((region) => region.name === 'evidence')
  if (index === undefined) return []
  const known = new Set([...index.body.matchAll(/^\| (E\d+) \|/gm)].map((match) => match[1]))
  const before = markdown.slice(0, index.start)
  return before.split('\n').flatMap((text, at) =>
    [...text.matchAll(/(?<!\\)\[(E\d+(?:, E\d+)*)\](?!\()/g)].flatMap((match) =>
      (match[1] ?? '')
        .split(', ')
        .filter((id) => !known.has(id))
        .map((id) => ({
          line: at + 1,
          rule: `"${id}" is not in the list of evidence`,
          text: text.trim().slice(0, 200),
        })),
    ),
  )
}

/** A page as people left it. */
export interface StandingPage {
  /** Target and path, or the incident for a draft that was never published. */
  readonly where: string
  readonly markdown: string
}

/** Where people read and answer: every published copy, or the stored draft when there is none. */
export const standingPages = async (
  tools: { readonly store: Store; readonly publishers: readonly Publisher[] },
  incidentId: string,
  signal: AbortSignal,
): Promise<readonly StandingPage[]> => {
  const pages: StandingPage[] = []
  for (const { target } of await tools.store.listPublications({ incidentId })) {
    const publisher = tools.publishers.find(({ name }) => name === target)
    const found = await publisher?.findPage(incidentId, signal)
    if (found !== undefined) pages.push({ where: `${target}: ${found.path}`, markdown: found.text })
  }
  if (pages.length > 0) return pages
  const draft = await tools.store.findPostmortem(incidentId)
  return draft === undefined ? [] : [{ where: incidentId, markdown: draft.markdown }]
}
