const BARS = '▁▂▃▄▅▆▇█'

/** A series as one line of text, lowest to highest; a blank where nothing was measured. */
export const sparkline = (values: readonly (number | null)[]): string => {
  const known = values.filter((value) => value !== null)
  if (known.length === 0) return ''
  const low = Math.min(...known)
  const high = Math.max(...known)
  return values
    .map((value) => {
      if (value === null) return ' '
      const share = high === low ? 0 : (value - low) / (high - low)
      return BARS[Math.round(share * (BARS.length - 1))] ?? ' '
    })
    .join('')
}
