import { diff } from 'node:util'

/** Lines around a change; the usual number. */
const CONTEXT_LINES = 3

/** Past this many lines the comparison costs more than it tells; arbitrary. */
const MOST_LINES = 20_000

type Line = readonly [' ' | '+' | '-', string]

/** What changes in one file, in the unified form everybody reads. Empty when nothing does. */
export const textDiff = (path: string, before: string | null, after: string): string => {
  if (before === after) return ''
  const head = [before === null ? '--- /dev/null' : `--- a/${path}`, `+++ b/${path}`]
  const old = before === null ? [] : linesOf(before)
  const fresh = linesOf(after)
  if (old.length + fresh.length > MOST_LINES)
    return [...head, `(too long to compare: ${old.length} and ${fresh.length} lines)`, ''].join('\n')
  const lines: Line[] = diff(old, fresh).map(([sign, text]) => [sign === 0 ? ' ' : sign === 1 ? '-' : '+', text])
  return [...head, ...hunks(lines), ''].join('\n')
}

const linesOf = (text: string): string[] => text.replace(/\n$/, '').split('\n')

const hunks = (lines: readonly Line[]): string[] => {
  const shown: string[] = []
  let oldLine = 1
  let newLine = 1
  const near = nearChange(lines)
  for (let index = 0; index < lines.length; index += 1) {
    if (near[index] === true && near[index - 1] !== true) {
      const end = near.indexOf(false, index)
      const hunk = lines.slice(index, end === -1 ? lines.length : end)
      const olds = hunk.filter(([sign]) => sign !== '+').length
      const news = hunk.filter(([sign]) => sign !== '-').length
      shown.push(`@@ -${olds === 0 ? 0 : oldLine},${olds} +${news === 0 ? 0 : newLine},${news} @@`)
      shown.push(...hunk.map(([sign, text]) => `${sign}${text}`))
    }
    const sign = lines[index]?.[0]
    if (sign !== '+') oldLine += 1
    if (sign !== '-') newLine += 1
  }
  return shown
}

const nearChange = (lines: readonly Line[]): boolean[] => {
  const near = lines.map(() => false)
  for (const [index, [sign]] of lines.entries()) {
    if (sign === ' ') continue
    const from = Math.max(0, index - CONTEXT_LINES)
    near.fill(true, from, Math.min(lines.length, index + CONTEXT_LINES + 1))
  }
  return near
}
