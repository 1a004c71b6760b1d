/** Where a postmortem stands. Medic writes drafts; every other step is a person's. */
export type PageStatus = 'draft' | 'in-review' | 'reviewed' | 'closed'

export const PAGE_STATUSES: readonly PageStatus[] = ['draft', 'in-review', 'reviewed', 'closed']

/** A reviewed page may be taken up again; nothing skips the review. */
const NEXT: Readonly<Record<PageStatus, readonly PageStatus[]>> = {
  draft: ['in-review'],
  'in-review': ['draft', 'reviewed'],
  reviewed: ['in-review', 'closed'],
  closed: ['in-review'],
}

export const nextStatuses = (from: PageStatus): readonly PageStatus[] => NEXT[from]

export interface PageStatusRecord {
  readonly incidentId: string
  readonly status: PageStatus
  readonly changedAtMs: number
  /** A person as the door knows them; kept here, never shown on a page. */
  readonly changedBy: string
}
