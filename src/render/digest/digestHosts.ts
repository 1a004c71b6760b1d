import type { Digest, DigestLine } from '../../domain/digest.ts'
import { CHECK_NAMES, growthText } from './digestWords.ts'

/** A host somebody should look at, with what is open on it, worst first, as plain statements. */
export interface DigestHost {
  readonly host: string
  readonly level: 'critical' | 'warn' | 'growing'
  readonly isNew: boolean
  readonly statements: readonly string[]
}

/** Hosts with something open or growing, worst first; new and worse before what was known. */
export const digestHosts = (digest: Digest): readonly DigestHost[] => {
  const open = new Map<string, DigestLine[]>()
  for (const line of digest.lines)
    if (line.state !== 'resolved') open.set(line.host, [...(open.get(line.host) ?? []), line])
  const growing = new Map<string, string[]>()
  for (const growth of digest.growing) {
    const text = growthText(growth)
    const known = growing.get(growth.host) ?? []
    growing.set(growth.host, [...known, text.slice(growth.host.length + 2)])
  }
  const names = [...new Set([...open.keys(), ...growing.keys()])]
  return names
    .map((host) => {
      const lines = (open.get(host) ?? []).toSorted((one, other) => weight(other) - weight(one))
      return {
        row: rowOf(host, lines, growing.get(host) ?? []),
        weight: lines.reduce((sum, each) => sum + weight(each), 0),
      }
    })
    .toSorted((one, other) => other.weight - one.weight)
    .map(({ row }) => row)
}

const isNews = (line: DigestLine): boolean => line.state === 'new' || line.state === 'worse'

/** As the list of the worst hosts weighs them. */
const weight = (line: DigestLine): number => (line.level === 'critical' ? 100 : 1) + (isNews(line) ? 10 : 0)

const rowOf = (host: string, lines: readonly DigestLine[], growing: readonly string[]): DigestHost => ({
  host,
  level: lines.length === 0 ? 'growing' : lines.some((line) => line.level === 'critical') ? 'critical' : 'warn',
  isNew: lines.some(isNews),
  statements: [...lines.map(statementOf), ...growing],
})

const statementOf = (line: DigestLine): string => {
  const object = line.object === 'host' ? '' : ` ${line.object}`
  const state =
    line.state === 'same' || line.state === 'better'
      ? ''
      : ` (${line.state === 'stale' ? 'not seen this time' : line.state})`
  return `${CHECK_NAMES[line.check]}${object}: ${line.text}${state}`
}
