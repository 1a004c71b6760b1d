/** `www[01:50:2].example.com`, `db-[a:f]`: all names, null when there are more than `most`. */
export const expandRange = (pattern: string, most: number): readonly string[] | null => {
  const match = /^([^[]*)\[(?:(\d{1,9}):(\d{1,9})|([a-z]):([a-z])|([A-Z]):([A-Z]))(?::(\d{1,4}))?\](.*)$/.exec(pattern)
  if (match === null) return [pattern]
  const [, head = '', from, to, small, smallEnd, large, largeEnd, step, tail = ''] = match
  const rests = expandRange(tail, most)
  if (rests === null) return null
  const middles =
    from !== undefined && to !== undefined
      ? numbers(from, to, Number(step ?? 1), most)
      : letters(small ?? large ?? 'a', smallEnd ?? largeEnd ?? 'a', Number(step ?? 1))
  if (middles === null || middles.length * rests.length > most) return null
  return middles.flatMap((middle) => rests.map((rest) => `${head}${middle}${rest}`))
}

/** A first number with a leading zero gives its width to all. */
const numbers = (from: string, to: string, step: number, most: number): readonly string[] | null => {
  const [first, last] = [Number(from), Number(to)]
  const width = from.startsWith('0') ? from.length : 0
  const count = Math.floor((last - first) / Math.max(1, step)) + 1
  if (count > most) return null
  return Array.from({ length: Math.max(0, count) }, (_, index) =>
    String(first + index * Math.max(1, step)).padStart(width, '0'),
  )
}

const letters = (from: string, to: string, step: number): readonly string[] => {
  const [first, last] = [from.charCodeAt(0), to.charCodeAt(0)]
  const count = Math.floor((last - first) / Math.max(1, step)) + 1
  return Array.from({ length: Math.max(0, count) }, (_, index) =>
    String.fromCharCode(first + index * Math.max(1, step)),
  )
}
