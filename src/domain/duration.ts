const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** `90s`, `15m`, `2h`, `1d`, `500ms`; undefined when the text is anything else. At most 400 days. */
export const parseDuration = (text: string): number | undefined => {
  const match = /^(\d{1,9})(ms|s|m|h|d)$/.exec(text)
  const factor = UNIT_MS[match?.[2] ?? '']
  if (match === null || factor === undefined) return undefined
  const milliseconds = Number(match[1]) * factor
  return milliseconds > 400 * 86_400_000 ? undefined : milliseconds
}

/** The shortest exact form that `parseDuration` reads back: 86 400 000 is `1d`, 90 000 is `90s`. */
export const formatDuration = (milliseconds: number): string => {
  for (const unit of ['d', 'h', 'm', 's']) {
    const factor = UNIT_MS[unit] ?? 1
    if (milliseconds >= factor && milliseconds % factor === 0) return `${milliseconds / factor}${unit}`
  }
  return milliseconds === 0 ? '0s' : `${milliseconds}ms`
}
