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

const HEAD = /^\s{0,8}Environment=/
/** One word of the list, quoted or not; an open quote runs to the line's end. Each form takes what it looked at. */
const WORD = /"((?:[^"\\]|\\.)*)(?:"|$)|'([^']*)(?:'|$)|((?:[^\s\\]|\\.)+)/g

/** `Environment=` of a unit file or of `systemctl show`, with one or several assignments. */
export const environmentRule: RedactionRule = {
  id: 'environment',
  hint: HEAD,
  apply: (line, mask) => {
    const at = HEAD.exec(line)?.[0].length ?? line.length
    // Behind a value with blanks that nothing quotes (`systemctl show` prints such) stand more words of that value.
    let secret = false
    return (
      line.slice(0, at) +
      line.slice(at).replaceAll(WORD, (word: string, double?: string, single?: string, bare?: string) => {
        const body = double ?? single ?? bare ?? ''
        const quote = bare === undefined ? word.slice(0, 1) : ''
        const assignment = /^([A-Za-z_]\w{0,127})=/.exec(body)
        if (assignment === null) return secret ? mask(word) : word
        const [head, name = ''] = assignment
        secret = !WANTED.has(name)
        const value = body.slice(head.length)
        if (!secret || value === '') return word
        return `${quote}${head}${mask(value)}${quote}`
      })
    )
  },
}
