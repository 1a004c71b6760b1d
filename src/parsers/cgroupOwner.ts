import { isUnitName, sliceOfCgroup, unitOfCgroup } from './unitOfCgroup.ts'

/** Who a cgroup path belongs to (reference: oom.md 1.2). */
export interface CgroupOwner {
  readonly path: string
  /** `container` and `pod` are a runtime's, `unit` a service or scope, `session` a login, `cgroup` anything else. */
  readonly kind: 'container' | 'pod' | 'unit' | 'session' | 'slice' | 'root' | 'cgroup'
  /** Innermost service, else scope. */
  readonly unit: string | null
  readonly slice: string | null
  /** Id of the innermost container, or its name where the runtime prints names. */
  readonly container: string | null
  readonly podUid: string | null
  /** The user whose manager runs the unit. */
  readonly uid: number | null
}

const CONTAINERS: readonly RegExp[] = [
  /^(?:docker|cri-containerd|crio|crio-conmon|libpod|libpod-conmon|containerd|nerdctl)-([0-9a-f]{12,64})\.scope$/,
  /^([0-9a-f]{64})$/,
  /^libpod-([0-9a-f]{12,64})$/,
  /^systemd-nspawn@(.{1,200})\.service$/,
  /^machine-(.{1,200})\.scope$/,
  /^lxc\.payload\.(.{1,200})$/,
  /^(step_[a-z0-9_]{1,40})$/,
]
const POD = /^(?:kubepods-(?:burstable-|besteffort-)?)?pod([0-9a-f]{8}[-_][0-9a-f_-]{20,30}|[0-9a-f]{32})(?:\.slice)?$/
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}$/
const USER = /^user@(\d{1,10})\.service$/
/** Ids of 12 to 64 hex digits count only under a runtime's own parent. */
const UNDER_RUNTIME = /^(?:docker|kubepods.*|pod.*|ecs|lxc|libpod_parent|garden|actions_job)$/

const containerIn = (parts: readonly string[]): { id: string; index: number } | null => {
  for (let index = parts.length - 1; index >= 0; index -= 1) {
    const part = parts[index] ?? ''
    const found = CONTAINERS.map((pattern) => pattern.exec(part)?.[1]).find((id) => id !== undefined)
    if (found !== undefined) return { id: found, index }
    const parent = parts[index - 1] ?? ''
    if (
      part !== '' &&
      !part.includes('.') &&
      (/^lxc(?:\.payload)?$/.test(parent) || (UNDER_RUNTIME.test(parent) && /^[0-9a-f]{12,64}$/.test(part)))
    )
      return { id: part, index }
  }
  return null
}

/** How far a torn path must come to show that it leads into a container or a pod. */
const INTO_CONTAINER =
  /(?:^|\/)(?:(?:docker|cri-containerd|crio|libpod|containerd|nerdctl)-[0-9a-f]{6}|docker\/[0-9a-f]{6}|(?:kubepods-(?:burstable-|besteffort-)?)?pod[0-9a-f]{8}|ecs\/[0-9a-f]{8}|[0-9a-f]{64}(?:$|\/)|lxc(?:\.payload)?[./]\w)/

/** Whether a path, or what is left of one, leads into a container or a pod. */
export const leadsIntoContainer = (path: string): boolean => INTO_CONTAINER.test(path)

/** Reads the innermost unit, container and pod from a path; nothing is guessed from a name that is not known. */
export const cgroupOwner = (path: string): CgroupOwner => {
  const parts = path.split('/')
  const container = containerIn(parts)
  // A task of ECS is what a pod is elsewhere: the sum of its containers.
  const podIndex = parts.findLastIndex(
    (part, index) => POD.test(part) || (parts[index - 1] === 'ecs' && UUID.test(part)),
  )
  // A pod inside a machine that is a container itself: what is below the pod is not named.
  const inner = container !== null && container.index > podIndex ? container : null
  const user = parts.map((part) => USER.exec(part)?.[1]).find((uid) => uid !== undefined)
  const found = unitOfCgroup(path)
  // A user's manager is the frame around the user's own units.
  const unit = found !== null && USER.test(found) && parts.at(-1) !== found ? innerScope(parts) : found
  return {
    path,
    kind: kindOf(parts, { container: inner, podIndex, unit }),
    unit,
    slice: sliceOfCgroup(path),
    container: inner?.id ?? null,
    podUid: POD.exec(parts[podIndex] ?? '')?.[1]?.replaceAll('_', '-') ?? null,
    uid: user === undefined ? null : Number(user),
  }
}

const innerScope = (parts: readonly string[]): string | null =>
  parts.findLast((part) => part.endsWith('.scope') && part !== 'init.scope' && isUnitName(part)) ??
  parts.findLast((part) => USER.test(part)) ??
  null

const kindOf = (
  parts: readonly string[],
  known: { container: { index: number } | null; podIndex: number; unit: string | null },
): CgroupOwner['kind'] => {
  const last = parts.at(-1) ?? ''
  if (last === '' && parts.length <= 2) return 'root'
  if (known.container !== null) return 'container'
  if (known.podIndex >= 0) return 'pod'
  if (last.endsWith('.slice')) return 'slice'
  if (known.unit !== null) return /^session-\d{1,10}\.scope$/.test(known.unit) ? 'session' : 'unit'
  return 'cgroup'
}

/** The owner in words for a sentence: `the unit's own`, `its container's`; `short` ids, as people know them. */
export const shortContainer = (id: string): string => (/^[0-9a-f]{64}$/.test(id) ? id.slice(0, 12) : id)
