/** `inc-20261112T091502Z-vps-01-queue_worker`: sorts by time, and is safe as a file name, a page name and a URL part. */
export const incidentId = (what: {
  readonly occurredAtMs: number
  readonly host: string
  readonly subject: string
}): string => `inc-${stamp(what.occurredAtMs)}-${part(what.host)}-${part(what.subject.replace(/\.service$/, ''))}`

/** `20261112T091502Z`; the longest time a Date can hold is far away. */
export const stamp = (atMs: number): string => `${new Date(atMs).toISOString().replaceAll(/[-:]|\.\d+Z$/g, '')}Z`

const part = (text: string): string =>
  text
    .replaceAll(/[^A-Za-z0-9_.-]+/g, '-')
    .replaceAll(/\.{2,}/g, '.')
    .slice(0, 60)
