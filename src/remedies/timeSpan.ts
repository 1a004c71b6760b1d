const UNIT_S: Readonly<Record<string, number>> = {
  us: 1e-6,
  ms: 1e-3,
  s: 1,
  sec: 1,
  min: 60,
  m: 60,
  h: 3600,
  d: 86_400,
  day: 86_400,
  days: 86_400,
  w: 604_800,
  week: 604_800,
  weeks: 604_800,
  month: 2_629_800,
  y: 31_557_600,
}

/** `1min 30s`, `100ms`, `5` as systemd prints or reads it, in seconds; null when it is no span, Infinity for `infinity`. */
export const spanSeconds = (text: string | undefined): number | null => {
  if (text === undefined || text.trim() === '') return null
  if (text.trim() === 'infinity') return Number.POSITIVE_INFINITY
  let seconds = 0
  for (const part of text.trim().split(/\s+/)) {
    const match = /^(\d{1,12}(?:\.\d{1,9})?)([a-z]{0,6})$/.exec(part)
    const unit = match?.[2] === '' ? 1 : UNIT_S[match?.[2] ?? '']
    if (match === null || unit === undefined) return null
    seconds += Number(match[1]) * unit
  }
  return seconds
}
