import type { Host, SshTarget } from '../../domain/host.ts'
import { UsageError } from '../../domain/errors.ts'

/** What the inventory is made of. The terminal adds the entries of ~/.ssh/config; chat and schedules never see them. */
export interface InventorySources {
  /** Hosts of medic.yaml, by name. */
  readonly hosts: ReadonlyMap<string, Host>
  readonly groups: Readonly<Record<string, readonly string[]>>
  /** Concrete `Host` entries of ~/.ssh/config, compared as written. */
  readonly sshEntries: () => readonly string[]
  readonly sshTarget: (alias: string) => SshTarget | undefined
  /** `localhost`, `demo`, `lab`: names that always mean the same. */
  readonly reserved: (name: string) => Host | undefined
  readonly configPath: string | null
}

export interface Inventory {
  /** One host by its name, or a UsageError that names near ones. */
  find(name: string): Host
  /** Hosts of a comma separated list of names, groups, patterns and `all`; without doubles, in order. */
  select(expression: string): readonly Host[]
  list(): readonly Host[]
}

/** `terminal` may also name ~/.ssh/config entries. */
export const createInventory = (sources: InventorySources, door: 'terminal' | 'chat'): Inventory => {
  const aliases = (): readonly string[] => (door === 'terminal' ? sources.sshEntries() : [])
  const fromAlias = (alias: string): Host | undefined => {
    if (!aliases().includes(alias)) return undefined
    const ssh = sources.sshTarget(alias)
    return ssh === undefined ? undefined : sshHost(alias, ssh)
  }
  const lookUp = (text: string): Host | undefined =>
    sources.hosts.get(text.toLowerCase()) ??
    // The recorded kill touches no host: it may be shown in chat too.
    (door === 'terminal'
      ? (sources.reserved(text) ?? fromAlias(text))
      : text === 'demo'
        ? sources.reserved(text)
        : undefined)

  const names = (): string[] => [...sources.hosts.keys(), ...aliases()]

  const terminalHint = (near: readonly string[]): string =>
    near.length > 0
      ? `did you mean ${near.join(', ')}? \`medic hosts\` lists all`
      : `add it to ${sources.configPath ?? 'medic.yaml'} or ~/.ssh/config; \`medic hosts\` lists what is known`

  const chatHint = (near: readonly string[]): string =>
    `${near.length > 0 ? `did you mean ${near.join(', ')}? ` : ''}\`list\` shows the hosts; an operator adds more to medic.yaml`

  const find = (text: string): Host => {
    // A name that changes under normalisation only looks like the one a person knows.
    const host = text === text.normalize('NFKC') ? lookUp(text) : undefined
    if (host !== undefined) return host
    const near = nearest(text, [...names(), 'demo', ...(door === 'terminal' ? ['localhost', 'lab'] : [])])
    throw new UsageError(`unknown host "${printable(text)}"`, {
      hint: door === 'chat' ? chatHint(near) : terminalHint(near),
    })
  }

  const select = (expression: string): readonly Host[] => {
    const chosen = new Map<string, Host>()
    for (const part of expression.split(',').map((text) => text.trim())) {
      if (part === '') continue
      for (const host of selectPart(part)) chosen.set(host.name, host)
    }
    if (chosen.size === 0)
      throw new UsageError(`no host matches "${printable(expression)}"`, { hint: '`medic hosts` lists all' })
    return [...chosen.values()]
  }

  const selectPart = (part: string): readonly Host[] => {
    if (part === 'all') return [...sources.hosts.values()]
    if (Object.hasOwn(sources.groups, part) || [...sources.hosts.values()].some((host) => host.groups.includes(part))) {
      const patterns = sources.groups[part] ?? []
      return [...sources.hosts.values()].filter(
        (host) => host.groups.includes(part) || patterns.some((pattern) => matches(pattern, host.name)),
      )
    }
    if (!/[*?]/.test(part)) return [find(part)]
    return names()
      .filter((candidate) => matches(part, candidate))
      .map((candidate) => find(candidate))
  }

  return { find, select, list: () => names().map((known) => find(known)) }
}

const sshHost = (alias: string, ssh: SshTarget): Host => ({
  name: alias,
  transport: 'ssh',
  ssh,
  replay: null,
  sudo: true,
  site: null,
  groups: [],
  tags: {},
})

/** Shell-like pattern with `*` and `?`, matched in linear time without building a regular expression. */
export const matches = (pattern: string, text: string): boolean => {
  let p = 0
  let t = 0
  let star = -1
  let mark = 0
  while (t < text.length) {
    if (p < pattern.length && (pattern[p] === '?' || pattern[p] === text[t])) {
      p += 1
      t += 1
    } else if (p < pattern.length && pattern[p] === '*') {
      star = p
      mark = t
      p += 1
    } else if (star !== -1) {
      p = star + 1
      mark += 1
      t = mark
    } else return false
  }
  while (pattern[p] === '*') p += 1
  return p === pattern.length
}

/** At most three names within an edit distance of two, or a third of their length, nearest first. */
export const nearest = (text: string, candidates: readonly string[]): readonly string[] =>
  candidates
    .map((candidate) => ({
      candidate,
      distance: editDistance(text.slice(0, 64).toLowerCase(), candidate.toLowerCase()),
    }))
    .filter(({ candidate, distance }) => distance <= Math.max(2, Math.floor(candidate.length / 3)))
    .toSorted((a, b) => a.distance - b.distance || (a.candidate < b.candidate ? -1 : 1))
    .slice(0, 3)
    .map(({ candidate }) => candidate)

const editDistance = (a: string, b: string): number => {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i]
    for (let j = 1; j <= b.length; j += 1) {
      row[j] = Math.min(
        (previous[j] ?? 0) + 1,
        (row[j - 1] ?? 0) + 1,
        (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1),
      )
    }
    previous = row
  }
  return previous[b.length] ?? 0
}

/** What a person typed, safe to print back. */
const printable = (text: string): string => text.replaceAll(/[\p{C}\p{Z}]/gu, ' ').slice(0, 80)
