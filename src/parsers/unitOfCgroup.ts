import { parseUnitName } from '../domain/unitName.ts'

/** A full unit name that is safe to hand to systemctl as an operand. */
export const isUnitName = (text: string): boolean => parseUnitName(text) === text

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
