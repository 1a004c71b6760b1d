import type { LogLine } from '../lines/line.ts'
import type { PhpLimitEvent } from './runtimeEvents.ts'
import { lineRecognizer, isKernelLine, numberOf, toldBy } from '../telling.ts'

/**
 * PHP's own limit, for one request:
 *   PHP Fatal error:  Allowed memory size of 134217728 bytes exhausted (tried to allocate 65488 bytes) in /srv/a.php on line 7
 * Debug builds say `at /usr/src/zend_alloc.c:240` before the file; FPM wraps the line as `PHP message: …` and nginx quotes it again.
 * `Out of memory (allocated …)` is the system's refusal and belongs to malloc-enomem.
 */
export const phpRecognizer = lineRecognizer('php', (line) => read(line))

const START = 'Allowed memory size of '
const LIMIT =
  /Allowed memory size of (\d{1,19}) bytes exhausted(?: at \S{1,400}:\d{1,9})? ?\(tried to allocate (\d{1,19}) bytes\)(?: in (.{1,1000}?)(?: on line |:)(\d{1,9})(?!\d))?/

const read = (line: LogLine): PhpLimitEvent | null => {
  if (!line.text.includes(START) || isKernelLine(line)) return null
  const match = LIMIT.exec(line.text)
  const limitBytes = numberOf(match?.[1])
  const triedBytes = numberOf(match?.[2])
  if (match === null || limitBytes === null || triedBytes === null) return null
  return {
    type: 'php-limit',
    ...toldBy(line),
    limitBytes,
    triedBytes,
    file: match[3] ?? null,
    scriptLine: numberOf(match[4]),
    teller: tellerOf(line),
  }
}

const tellerOf = (line: LogLine): PhpLimitEvent['teller'] => {
  if (line.text.includes('FastCGI sent in stderr') || line.text.includes('AH01071')) return 'web-server'
  const isWrapped = line.text.includes('PHP message: ') || line.text.includes('said into std')
  return isWrapped ? 'php-fpm' : 'php'
}
