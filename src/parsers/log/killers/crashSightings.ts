import { byNeedle } from '../needles.ts'
import { CRASH_HANDLERS } from './crashHandlers.ts'
import { CRASH_WORDS } from './crashWords.ts'
import type { LogEvent } from '../events.ts'
import type { Sighting } from './sighting.ts'
import type { LogLine } from '../lines/line.ts'
import type { ProcessCrashedEvent } from '../programEvents.ts'
import { pidIn } from './namedProcess.ts'
import { PARENT_CRASHES } from './parentCrashes.ts'
import { WORKER_CRASHES } from './workerCrashes.ts'
import { isKernelsOwn, isTableRow, lineRecognizer, numberOf, toldBy } from '../telling.ts'

/**
 * A parent or the runtime itself about a crash on a bad address (SIGSEGV), where the kernel's own line is not at hand:
 *   server process (PID 991) was terminated by signal 11: Segmentation fault       PostgreSQL
 *   [pool www] child 332 exited on signal 11 (SIGSEGV) after 7.1 seconds            PHP-FPM
 *   #  SIGSEGV (0xb) at pc=0x00007f…, pid=412, tid=413                              the JVM
 *   web-1 exited with code 139                                                      a number only: 128 + 11
 */
export const crashSightingsRecognizer = lineRecognizer('crash-sightings', (line): LogEvent | null => {
  if (isKernelsOwn(line) || line.source === 'systemd' || isTableRow(line)) return null
  for (const { reporter, pattern, seenAs } of crashes(line.text)) {
    const match = pattern.exec(line.text)
    if (match === null) continue
    const pid = match[1] ?? match.groups?.['pid'] ?? pidIn(reporter, match[0])
    return { ...crashed(line, reporter, pid, seenAs), comm: match.groups?.['comm'] ?? null }
  }
  return null
})

const CRASHES: readonly Sighting[] = [...CRASH_WORDS, ...CRASH_HANDLERS, ...WORKER_CRASHES, ...PARENT_CRASHES]

const crashes = byNeedle(CRASHES, ({ needle }) => needle)

const crashed = (
  line: LogLine,
  reporter: string,
  pid: string | undefined,
  seenAs: ProcessCrashedEvent['seenAs'],
): ProcessCrashedEvent => ({
  type: 'process-crashed',
  ...toldBy(line),
  reporter,
  pid: numberOf(pid),
  container: seenAs === 'status' ? (/^([\w.-]{1,128}) exited with code 139\b/.exec(line.text)?.[1] ?? null) : null,
  seenAs,
})
