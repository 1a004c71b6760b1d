/** What each unit leaves behind: the slope of y over x, by least squares over the second half, where a start is over. */
export const slopeOf = (points: readonly (readonly [x: number, y: number])[]): number => {
  const half = points.slice(Math.floor(points.length / 2))
  const meanX = half.reduce((sum, [x]) => sum + x, 0) / half.length
  const meanY = half.reduce((sum, [, y]) => sum + y, 0) / half.length
  const over = half.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0)
  return over / half.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0)
}
