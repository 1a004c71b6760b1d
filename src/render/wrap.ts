/** Columns of a text, near enough: one for each code point. */
const columns = (text: string): number => Array.from(text).length

/**
 * Lines of at most `width` columns, later ones indented as the first one's label is wide. A word longer than a line
 * is kept whole, so that a path can still be copied.
 */
export const wrap = (label: string, text: string, width: number): readonly string[] => {
  const indent = ' '.repeat(columns(label))
  const room = Math.max(20, width - columns(label))
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && columns(line) + 1 + columns(word) > room) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  lines.push(line)
  return lines.map((one, index) => `${index === 0 ? label : indent}${one}`.trimEnd())
}
