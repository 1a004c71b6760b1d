/** Suffixes systemd knows; a name without one means a service. */
const SUFFIXES: ReadonlySet<string> = new Set([
  'service',
  'socket',
  'timer',
  'slice',
  'scope',
  'mount',
  'path',
  'target',
  'swap',
  'device',
  'automount',
])

/**
 * The full name of a unit, or undefined when the text cannot be one. `queue_worker` means `queue_worker.service`.
 * The grammar is an allow-list, because the name reaches a shell (as a value) and a path (as one part of it).
 */
export const parseUnitName = (text: string): string | undefined => {
  if (text.length > 200 || !/^(?:[A-Za-z0-9:_.@-]|\\x[0-9a-f]{2})+$/.test(text)) return undefined
  if (/^[-.]/.test(text) || text.includes('..')) return undefined
  const suffix = /\.([a-z]+)$/.exec(text)?.[1]
  if (suffix !== undefined && SUFFIXES.has(suffix)) {
    return text.length === suffix.length + 1 ? undefined : text
  }
  return `${text}.service`
}

/** A control group path as the kernel prints it, safe to stand in a file path; undefined for anything else. */
export const parseCgroupPath = (text: string): string | undefined => {
  if (text.length > 512 || !/^(?:\/(?:[A-Za-z0-9:_.@-]|\\x[0-9a-f]{2})+)+$/.test(text)) return undefined
  return text.split('/').some((part) => part === '.' || part === '..') ? undefined : text
}
