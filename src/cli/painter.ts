import { PLAIN } from '../render/reportPage.ts'
import type { Painter } from '../render/reportPage.ts'

const code = (open: number, close: number) => (text: string) => `\x1b[${open}m${text}\x1b[${close}m`

export const painterFor = (stream: NodeJS.WriteStream, environment: NodeJS.ProcessEnv = process.env): Painter => {
  const coloured = stream.isTTY && !environment['NO_COLOR'] && environment['TERM'] !== 'dumb'
  if (!coloured) return PLAIN
  return { bold: code(1, 22), dim: code(2, 22), red: code(31, 39), green: code(32, 39), yellow: code(33, 39) }
}
