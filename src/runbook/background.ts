type Mode = 'code' | 'quoted' | 'arithmetic'

/**
 * Line (1-based, within the body) of the first `&` that leaves a child behind, or undefined. Such a child outlives the
 * step's time limit. Quotes, comments, here-documents, arithmetic, `&&`, `>&2` and `2>&1` are not meant.
 */
export const findBackgroundChild = (body: string): number | undefined => {
  const text = withoutHereDocuments(body)
  const modes: Mode[] = ['code']
  let line = 1
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at]
    const mode = modes.at(-1) ?? 'code'
    if (char === '\n') line += 1
    if (char === '\\') {
      if (text[at + 1] === '\n') line += 1
      at += 1
    } else if (text.startsWith('$((', at)) {
      modes.push('arithmetic')
      at += 2
    } else if (text.startsWith('$(', at)) {
      modes.push('code')
      at += 1
    } else if (mode === 'arithmetic') {
      if (text.startsWith('))', at)) {
        modes.pop()
        at += 1
      }
    } else if (char === '"') {
      if (mode === 'quoted') modes.pop()
      else modes.push('quoted')
    } else if (mode === 'quoted') {
      continue
    } else if (char === "'") {
      const end = text.indexOf("'", at + 1)
      const stop = end === -1 ? text.length : end
      line += text.slice(at, stop).split('\n').length - 1
      at = stop
    } else if (char === '#' && /[\s;(]|^$/.test(text[at - 1] ?? '')) {
      const end = text.indexOf('\n', at)
      at = (end === -1 ? text.length : end) - 1
    } else if (char === '(') {
      modes.push('code')
    } else if (char === ')') {
      if (modes.length > 1) modes.pop()
    } else if (char === '&') {
      if (text[at + 1] === '&') at += 1
      else if (text[at - 1] !== '>' && text[at - 1] !== '<' && text[at + 1] !== '>') return line
    }
  }
  return undefined
}

/** The same text with the lines of here-documents emptied, so that line numbers stay. */
const withoutHereDocuments = (body: string): string => {
  let end: string | null = null
  return body
    .split('\n')
    .map((line) => {
      if (end !== null) {
        if (line.trim() === end) end = null
        return ''
      }
      end = /(?:^|[^<])<<-?\s*(["']?)(\w+)\1/.exec(line)?.[2] ?? null
      return line
    })
    .join('\n')
}
