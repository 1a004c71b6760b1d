/** What stood in a fence line: ` ```sh {name=free timeout=5s optional} `. A key without value reads as `true`. */
export interface Attributes {
  readonly entries: ReadonlyMap<string, string>
  readonly problems: readonly string[]
}

const ENTRY = /([A-Za-z][\w-]*)(?:=(?:"((?:[^"\\]|\\.)*)"|([^\s"{}]+)))?(?:\s+|$)/y

/** Reads the attributes of a fence's info string; null when it has none, so that the fence is documentation. */
export const parseAttributes = (info: string): Attributes | null => {
  const open = info.indexOf('{')
  if (open === -1) return null
  const entries = new Map<string, string>()
  const problems: string[] = []
  const text = info.slice(open).trim()
  if (!text.endsWith('}')) return { entries, problems: [`attributes are not closed: "${text}", expected "{…}"`] }
  const inner = text.slice(1, -1).trim()
  ENTRY.lastIndex = 0
  while (ENTRY.lastIndex < inner.length) {
    const at = ENTRY.lastIndex
    const match = ENTRY.exec(inner)
    if (match === null) {
      problems.push(`cannot read attributes at "${inner.slice(at)}", expected key=value or key="two words"`)
      break
    }
    const key = match[1] ?? ''
    if (entries.has(key)) problems.push(`key "${key}" stands twice`)
    entries.set(key, match[2]?.replace(/\\(.)/g, '$1') ?? match[3] ?? 'true')
  }
  return { entries, problems }
}
