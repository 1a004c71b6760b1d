const UNIT_NAME = /^(?![.-])(?:[A-Za-z0-9:_.@-]|\\x[0-9a-f]{2}){1,200}$/
const UNIT_SUFFIX = /\.(?:service|socket|timer|target|mount|automount|swap|path|slice|scope|device)$/

/** A name that is safe to hand to systemctl as an operand (security-reliability.md section 3). */
export const isUnitName = (text: string): boolean =>
  UNIT_NAME.test(text) && UNIT_SUFFIX.test(text) && !text.includes('..')

/** The innermost service, else scope, of a cgroup path; null for slices, `/` and foreign layouts (oom.md 1.2). */
export const unitOfCgroup = (cgroup: string): string | null => {
  const parts = cgroup.split('/')
  const named = (suffix: string): string | undefined =>
    parts.findLast((part) => part.endsWith(suffix) && isUnitName(part))
  const unit = named('.service') ?? named('.scope') ?? null
  return unit === 'init.scope' ? null : unit
}

/** The innermost slice of a path, for the owner of a limit only. */
export const sliceOfCgroup = (cgroup: string): string | null =>
  cgroup.split('/').findLast((part) => part.endsWith('.slice') && isUnitName(part)) ?? null
