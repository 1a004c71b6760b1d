import type { LimitValue } from './limitValue.ts'
import type { SystemctlCatFacts } from './systemctlCat.ts'

/** Keys that limit memory or tasks. */
export const LIMIT_KEYS = ['MemoryMax', 'MemoryHigh', 'MemorySwapMax', 'MemoryLimit', 'TasksMax'] as const

export type LimitKey = (typeof LIMIT_KEYS)[number]

/** What systemd makes of a written value. */
export type WrittenValue =
  | { readonly kind: 'bytes' | 'tasks'; readonly value: Exclude<LimitValue, null> }
  /** Of RAM or of the pid limit: the number is known to the host only. */
  | { readonly kind: 'percent'; readonly value: number }
  /** An empty value takes earlier ones back. */
  | { readonly kind: 'reset' }
  | { readonly kind: 'invalid'; readonly because: 'trailing-comment' | 'suffix' | 'no-number' }

/** One limit as it stands in a unit file or drop-in, and whether systemd reads it there at all. */
export interface WrittenLimit {
  readonly key: LimitKey
  readonly text: string
  readonly value: WrittenValue
  readonly section: string | null
  /** False: a section in which this key means nothing. */
  readonly isRightSection: boolean
  /** The section in which it would count; null for a unit type without limits. */
  readonly rightSection: string | null
  readonly path: string
  /** 1-based in the file. */
  readonly fileLine: number
  /** 1-based in the output of `systemctl cat`. */
  readonly line: number
}

const SECTION_BY_SUFFIX: Readonly<Record<string, string>> = {
  service: 'Service',
  slice: 'Slice',
  scope: 'Scope',
  socket: 'Socket',
  mount: 'Mount',
  swap: 'Swap',
}

const UNIT_IN_PATH = /\/([^/]+\.(service|slice|scope|socket|mount|swap))(?:\.d\/[^/]+\.conf)?$/

/** The section that holds a unit's resource settings, `Service` for a service; null for a unit without any. */
export const limitSectionOf = (path: string): string | null =>
  SECTION_BY_SUFFIX[UNIT_IN_PATH.exec(path)?.[2] ?? ''] ?? null

/** Unit that a file or its drop-in folder is named after. */
export const unitOfFile = (path: string): string | null => UNIT_IN_PATH.exec(path)?.[1] ?? null

/** Every limit that is written anywhere in a unit's files, in the order in which they apply. */
export const writtenLimits = (cat: SystemctlCatFacts): readonly WrittenLimit[] =>
  cat.files.flatMap((file) => {
    // Type-wide drop-ins (service.d) have no unit in their path; the unit's own file says the type.
    const section = limitSectionOf(file.path) ?? limitSectionOf(cat.files[0]?.path ?? '')
    return file.assignments.flatMap((assignment) => {
      const key = LIMIT_KEYS.find((candidate) => candidate === assignment.key)
      if (key === undefined) return []
      return [
        {
          key,
          text: assignment.value,
          value: readLimit(key, assignment.value),
          section: assignment.section,
          isRightSection: assignment.section !== null && assignment.section === section,
          rightSection: section,
          path: file.path,
          fileLine: assignment.fileLine,
          line: assignment.line,
        },
      ]
    })
  })

/** The value that the files ask for: the last valid one in the right section; null when none is. */
export const askedLimit = (limits: readonly WrittenLimit[], key: LimitKey): WrittenLimit | null => {
  let asked: WrittenLimit | null = null
  for (const limit of limits) {
    if (limit.key !== key || !limit.isRightSection || limit.value.kind === 'invalid') continue
    asked = limit.value.kind === 'reset' ? null : limit
  }
  return asked
}

const readLimit = (key: LimitKey, text: string): WrittenValue => {
  if (text === '') return { kind: 'reset' }
  const kind = key === 'TasksMax' ? 'tasks' : 'bytes'
  if (text === 'infinity') return { kind, value: 'infinity' }
  const percent = /^(\d{1,3}(?:\.\d{1,2})?)%$/.exec(text)
  if (percent !== null) return { kind: 'percent', value: Number(percent[1]) }
  const value = kind === 'tasks' ? (/^\d{1,15}$/.test(text) ? Number(text) : null) : parseSize(text)
  if (value !== null) return { kind, value }
  return { kind: 'invalid', because: whyInvalid(text) }
}

const whyInvalid = (text: string): 'trailing-comment' | 'suffix' | 'no-number' => {
  if (/\s[#;]/.test(text)) return 'trailing-comment'
  return /^\d/.test(text) ? 'suffix' : 'no-number'
}

/** Powers of 1024, and nothing but these letters: `150MB` and `150m` are no sizes for systemd. */
const SUFFIXES = ['', 'B', 'K', 'M', 'G', 'T', 'P', 'E']

/** A size as systemd reads it: `200M`, `1.5G`, or parts of falling size, `1G 512M`. Null when it would refuse it. */
export const parseSize = (text: string): number | null => {
  if (text.length > 60 || !/^\d/.test(text)) return null
  let rest = text
  let bytes = 0
  let lastRank = SUFFIXES.length
  while (rest !== '') {
    const part = /^\s{0,20}(\d{1,16})(\.\d{1,16})?\s{0,20}([BKMGTPE]?)/.exec(rest)
    if (part === null) return null
    const rank = SUFFIXES.indexOf(part[3] ?? '')
    if (rank >= lastRank || rank === -1) return null
    lastRank = rank
    bytes += Number(`${part[1]}${part[2] ?? ''}`) * 1024 ** Math.max(0, rank - 1)
    rest = rest.slice(part[0].length)
  }
  return Number.isSafeInteger(Math.floor(bytes)) ? Math.floor(bytes) : null
}
