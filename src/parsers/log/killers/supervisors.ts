import type { LogEvent } from '../events.ts'
import type { LogLine } from '../lines/line.ts'
import type { SupervisorTimeoutEvent } from '../programEvents.ts'
import type { Recognizer } from '../recognizer.ts'
import { SIGHTINGS } from './killSightings.ts'
import { nodeChildErrors } from './nodeChildErrors.ts'
import { patienceEndedIn } from './patience.ts'
import { byNeedle } from '../needles.ts'
import { pidIn } from './namedProcess.ts'
import { isKernelsOwn, isTableRow, numberOf, toldBy } from '../telling.ts'

/**
 * Parents about their children. Two things: a time-out that the parent enforced itself, and a SIGKILL it only saw:
 *   [CRITICAL] WORKER TIMEOUT (pid:4711)                                     gunicorn ended it
 *   Worker (pid:4711) was sent SIGKILL! Perhaps out of memory?               gunicorn guesses
 *   *** HARAKIRI ON WORKER 1 (pid: 88, try: 1) ***                           uWSGI ended it
 *   child 332 exited on signal 9 (SIGKILL) after 12.3 seconds from start     PHP-FPM saw it
 */
export const supervisorsRecognizer: Recognizer = {
  id: 'supervisors',
  start: () => {
    const events: LogEvent[] = []
    const nodeErrors = nodeChildErrors()
    /** MPI's launcher names the process some lines above its end. */
    let running: { pid: number | null; at: number } | null = null
    return {
      accept: (line) => {
        if (isKernelsOwn(line) || line.source === 'systemd' || isTableRow(line)) return
        if (line.text.includes(' RUNNING AT ')) running = { pid: runningIn(line.text), at: line.number }
        const seen = timeoutOf(line) ?? killedOf(line) ?? (nodeErrors.isKilled(line) ? killed(line, 'node') : null)
        if (seen === null) return
        const isRunning = running !== null && line.number - running.at <= RUNNING_LINES
        const event =
          isRunning && seen.type === 'process-killed' && seen.reporter === 'mpirun' && seen.pid === null
            ? { ...seen, pid: running?.pid ?? null }
            : seen
        const before = events.at(-1)
        const own = before === undefined ? null : ownKill(before, event)
        if (own !== null) events[events.length - 1] = own
        else if (before !== undefined && isEcho(before, event)) events[events.length - 1] = heardAgain(before, event)
        else events.push(event)
      },
      finish: () => events,
    }
  },
}

const RUNNING_LINES = 8

const runningIn = (text: string): number | null =>
  numberOf(/^= {1,8}(?:RANK \d{1,9} )?PID (\d{1,10}) RUNNING AT /.exec(text)?.[1])

/** A shell, make and the build system above each tell of the one death, in neighbouring lines. Arbitrary. */
const ECHO_LINES = 12

type Killed = Extract<LogEvent, { type: 'process-killed' }>

const isEcho = (before: LogEvent, event: LogEvent): before is Killed =>
  before.type === 'process-killed' &&
  event.type === 'process-killed' &&
  event.pid === null &&
  // These name the program that ended in each of their lines: two lines are two deaths.
  !NAMING.has(event.reporter) &&
  (event.container === null || before.container === event.container) &&
  before.source === event.source &&
  (event.cited[0]?.line ?? 0) - (before.cited.at(-1)?.line ?? 0) <= ECHO_LINES

/** Celery names the process only when it sees the end of it. */
const ownKill = (before: LogEvent, event: LogEvent): SupervisorTimeoutEvent | null =>
  before.type === 'supervisor-timeout' &&
  event.type === 'process-killed' &&
  before.pid === null &&
  before.supervisor === event.reporter &&
  (event.cited[0]?.line ?? 0) - (before.cited.at(-1)?.line ?? 0) <= ECHO_LINES
    ? { ...before, pid: event.pid, cited: [...before.cited, ...event.cited] }
    : null

const NAMING: ReadonlySet<string> = new Set(['supervisord', 'pm2'])

/** A parent that saw the signal knows more than one that saw a number. */
const heardAgain = (before: Killed, event: LogEvent): Killed => {
  if (event.type !== 'process-killed' || before.cited.length >= MAX_ECHOES) return before
  const cited = [...before.cited, ...event.cited]
  const knowsMore = before.pid === null && before.seenAs === 'status' && event.seenAs === 'signal'
  return knowsMore ? { ...event, time: before.time, cited } : { ...before, cited }
}

const MAX_ECHOES = 8

const timeoutOf = (line: LogLine): LogEvent | null => {
  const ended = patienceEndedIn(line.text)
  return ended === null ? null : { type: 'supervisor-timeout', ...toldBy(line), ...ended }
}

const sightings = byNeedle(SIGHTINGS, ({ needle }) => needle)

const killed = (line: LogLine, reporter: string): LogEvent => ({
  type: 'process-killed',
  ...toldBy(line),
  reporter,
  pid: null,
  container: null,
  seenAs: 'signal',
})

const killedOf = (line: LogLine): LogEvent | null => {
  const { text } = line
  for (const sighting of sightings(text)) {
    const match = sighting.pattern.exec(text)
    if (match === null) continue
    return {
      type: 'process-killed',
      ...toldBy(line),
      reporter: sighting.reporter,
      pid: numberOf(match[1] ?? match.groups?.['pid'] ?? pidIn(sighting.reporter, match[0])),
      container:
        /container die ([0-9a-f]{12,64})/.exec(text)?.[1] ??
        /^([\w.-]{1,128}) exited with code 137\b/.exec(text)?.[1] ??
        /^(\S{1,128}) {2,}\S.{0,400} {2,}(?:Exited \(137\) |Exit 137\b)/.exec(text)?.[1] ??
        null,
      seenAs: sighting.seenAs,
    }
  }
  return null
}
