import type { RedactionRule } from './rule.ts'

/** Variables whose values decide about memory; all others of a unit stay on the host, but for their names. */
const WANTED: ReadonlySet<string> = new Set([
  'NODE_OPTIONS',
  'JAVA_TOOL_OPTIONS',
  'JAVA_OPTS',
  'GOMEMLIMIT',
  'GOGC',
  'MALLOC_ARENA_MAX',
  'UV_THREADPOOL_SIZE',
  'NODE_ENV',
  'LANG',
  'LC_ALL',
  'TZ',
  'PATH',
])

const ASSIGNMENT = /(["']?)([A-Za-z_][A-Za-z0-9_]{0,127})=((?:\\.|[^\s"'\\]){0,4096}|)([^"']{0,4096}?)(\1)(?=\s|$)/g

/** `Environment=` of a unit file or of `systemctl show`, with one or several assignments. */
export const environmentRule: RedactionRule = {
  id: 'environment',
  hint: /^\s{0,8}Environment=/,
  apply: (line, mask) => {
    const at = line.indexOf('=') + 1
    const assignments = line.slice(at)
    return (
      line.slice(0, at) +
      assignments.replaceAll(
        ASSIGNMENT,
        (match: string, quote: string, name: string, head: string, tail: string, end: string) => {
          const value = head + tail
          if (value === '' || WANTED.has(name)) return match
          return `${quote}${name}=${mask(value)}${end}`
        },
      )
    )
  },
}
