import type { LogLine } from '../lines/line.ts'
import type { PhpFpmChildrenEvent } from './runtimeEvents.ts'
import { lineRecognizer, numberOf, toldBy } from '../telling.ts'

/**
 * All children of a pool are busy, once per saturation:
 *   WARNING: [pool www] server reached pm.max_children setting (2), consider raising it
 * `seems busy (you may need to increase pm.start_servers …)` is a hint only.
 */
export const phpFpmRecognizer = lineRecognizer('php-fpm', (line) => read(line))

const REACHED = /\[pool ([^\]]{1,128})\] server reached (?:pm\.)?max_children setting \((\d{1,9})\)/

const read = (line: LogLine): PhpFpmChildrenEvent | null => {
  if (!line.text.includes('max_children setting (')) return null
  const match = REACHED.exec(line.text)
  const maxChildren = numberOf(match?.[2])
  if (match?.[1] === undefined || maxChildren === null) return null
  return { type: 'php-fpm-children', ...toldBy(line), pool: match[1], maxChildren }
}
