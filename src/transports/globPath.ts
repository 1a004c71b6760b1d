/** Finds the paths a pattern stands for; `*` is any text within one part, and no hidden name unless asked for. */
export const expandGlob = async (
  pattern: string,
  list: (folder: string) => Promise<readonly string[]>,
): Promise<readonly string[]> => {
  let found = ['']
  for (const part of pattern.split('/').slice(1)) {
    if (!part.includes('*')) {
      found = found.map((folder) => `${folder}/${part}`)
      continue
    }
    const lists = await Promise.all(
      found.map(async (folder) => {
        const names = await list(folder === '' ? '/' : folder).catch(() => [])
        return names.filter((name) => matchesPart(part, name)).map((name) => `${folder}/${name}`)
      }),
    )
    found = lists.flat().toSorted(byNumberThenName).slice(0, MAX_MATCHES)
  }
  return found
}

/** Arbitrary: a host with more processes than this is looked at by `ps`, not file by file. */
const MAX_MATCHES = 5000

export const isGlob = (path: string): boolean => path.includes('*')

/** Does this path match the pattern as a whole? */
export const matchesGlob = (pattern: string, path: string): boolean => {
  const patternParts = pattern.split('/')
  const parts = path.split('/')
  return (
    parts.length === patternParts.length && patternParts.every((part, index) => matchesPart(part, parts[index] ?? ''))
  )
}

/** Linear in both lengths: after a failed attempt only the last star takes one more character. */
const matchesPart = (pattern: string, name: string): boolean => {
  if (name === '.' || name === '..' || (name.startsWith('.') && !pattern.startsWith('.'))) return false
  let at = 0
  let pos = 0
  let star = -1
  let starPos = 0
  while (at < name.length) {
    if (pattern[pos] === '*') {
      star = pos
      starPos = at
      pos += 1
    } else if (pattern[pos] === name[at] && pos < pattern.length) {
      at += 1
      pos += 1
    } else if (star >= 0) {
      starPos += 1
      at = starPos
      pos = star + 1
    } else return false
  }
  return pattern.slice(pos).replaceAll('*', '') === ''
}

const byNumberThenName = (left: string, right: string): number =>
  left.localeCompare(right, 'en', { numeric: true }) || (left < right ? -1 : 1)
