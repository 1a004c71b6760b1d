/** Offset of a named zone against UTC at a moment; null for a name nobody knows. */
export const zoneOffsetMinutes = (zone: string, atMs: number): number | null => {
  try {
    const name = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' })
      .formatToParts(atMs)
      .find((part) => part.type === 'timeZoneName')?.value
    const match = /^GMT(?:([+-])(\d\d):(\d\d))?$/.exec(name ?? '')
    if (match === null) return null
    if (match[1] === undefined) return 0
    return (match[1] === '-' ? -1 : 1) * (Number(match[2]) * 60 + Number(match[3]))
  } catch {
    return null
  }
}
