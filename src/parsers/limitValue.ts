/** A limit as programs print it: a number, `infinity` when there is none, null when the text does not say. */
export type LimitValue = number | 'infinity' | null

/** At or above 2^60 bytes nobody set a limit: kernels print 2^63 minus a page, 2^64 - 1 and the like (oom.md 2.9). */
const UNLIMITED_FROM = 2n ** 60n

/** Digits to a number; null when they are no number or too large to be exact. */
export const parseCount = (text: string | undefined): number | null => {
  if (text === undefined || !/^\d{1,20}$/.test(text)) return null
  const value = Number(text)
  return Number.isSafeInteger(value) ? value : null
}

/** `infinity`, `max`, `[not set]`, 2^64 - 1, empty and absent are all in use, by version and property (oom.md 3.4). */
export const parseLimit = (text: string | undefined): LimitValue => {
  if (text === 'infinity' || text === 'max') return 'infinity'
  if (text === undefined || !/^\d{1,20}$/.test(text)) return null
  if (BigInt(text) >= UNLIMITED_FROM) return 'infinity'
  return parseCount(text)
}
