import type { LogEvent } from './events.ts'
import type { LogLine } from './line.ts'
import type { SupervisorTimeoutEvent } from './programEvents.ts'
import type { Recognizer } from './recognizer.ts'
import { isKernelLine, numberOf, toldBy } from './telling.ts'

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
    return {
      accept: (line) => {
        if (isKernelLine(line) || line.source === 'systemd') return
        const event = timeoutOf(line) ?? killedOf(line)
        if (event === null) return
        const before = events.at(-1)
        if (before !== undefined && isEcho(before, event)) events[events.length - 1] = heardAgain(before, event)
        else events.push(event)
      },
      finish: () => events,
    }
  },
}

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

const NAMING: ReadonlySet<string> = new Set(['supervisord', 'pm2'])

/** A parent that saw the signal knows more than one that saw a number. */
const heardAgain = (before: Killed, event: LogEvent): Killed => {
  if (event.type !== 'process-killed' || before.cited.length >= MAX_ECHOES) return before
  const cited = [...before.cited, ...event.cited]
  const knowsMore = before.pid === null && before.seenAs === 'status' && event.seenAs === 'signal'
  return knowsMore ? { ...event, time: before.time, cited } : { ...before, cited }
}

const MAX_ECHOES = 8

type Named = Pick<SupervisorTimeoutEvent, 'supervisor' | 'pid' | 'container' | 'limit'>

const timeoutOf = (line: LogLine): LogEvent | null => {
  const named = timeoutIn(line.text)
  return named === null ? null : { type: 'supervisor-timeout', ...toldBy(line), ...named }
}

const timeoutIn = (text: string): Named | null => {
  if (text.includes('WORKER TIMEOUT (pid:')) {
    return named('gunicorn', /WORKER TIMEOUT \(pid: ?(\d{1,10})\)/.exec(text)?.[1])
  }
  if (text.includes('HARAKIRI ON WORKER')) {
    return named('uwsgi', /HARAKIRI ON WORKER \d{1,6} \(pid: ?(\d{1,10})/.exec(text)?.[1])
  }
  if (text.includes('execution timed out (')) {
    const fpm = /child (\d{1,10}), .{1,1000}? execution timed out \(([\d.]{1,12} sec)\), terminating/.exec(text)
    return fpm === null ? null : named('php-fpm', fpm[1], { limit: fpm[2] ?? null })
  }
  if (text.includes('failed to exit within ')) {
    const docker =
      /\b[cC]ontainer ([\w.-]{1,128})? ?failed to exit within (\S{1,12}(?: seconds)?) of (?:signal|SIG)/.exec(text)
    if (docker === null) return null
    const id = docker[1] ?? /\bcontainer="?([0-9a-f]{12,64})/.exec(text)?.[1] ?? null
    return named('docker', undefined, { container: id, limit: docker[2] ?? null })
  }
  if (text.includes('failed liveness probe, will be restarted')) {
    return named('kubelet', undefined, {
      container: /Container ([\w.-]{1,128}) failed liveness/.exec(text)?.[1] ?? null,
    })
  }
  if (text.includes('Terminating timed out worker')) return named('puma', undefined)
  const unicorn = text.includes(' timeout (')
    ? /worker=\d{1,6} PID:(\d{1,10}) timeout \((\d{1,9}s) > \d{1,9}s\), killing/.exec(text)
    : null
  return unicorn === null ? null : named('unicorn', unicorn[1], { limit: unicorn[2] ?? null })
}

const named = (
  supervisor: Named['supervisor'],
  pid: string | undefined,
  more: Partial<Pick<Named, 'container' | 'limit'>> = {},
): Named => ({ supervisor, pid: numberOf(pid), container: more.container ?? null, limit: more.limit ?? null })

interface Sighting {
  readonly needle: string
  readonly reporter: string
  readonly pattern: RegExp
  readonly seenAs: 'signal' | 'status'
}

/** Group 1 is the pid; a reporter that gives none has no group. */
const SIGHTINGS: readonly Sighting[] = [
  {
    needle: 'was sent SIGKILL!',
    reporter: 'gunicorn',
    pattern: /Worker \(pid: ?(\d{1,10})\) was sent SIGKILL!/,
    seenAs: 'signal',
  },
  {
    needle: 'terminated due to signal 9',
    reporter: 'gunicorn',
    pattern: /Worker with pid (\d{1,10}) was terminated due to signal 9\b/,
    seenAs: 'signal',
  },
  {
    needle: 'signal=SIGKILL',
    reporter: 'jest',
    pattern: /jest worker process \(pid=(\d{1,10})\) was terminated by another process: signal=SIGKILL/,
    seenAs: 'signal',
  },
  { needle: 'Negsignal.SIGKILL', reporter: 'airflow', pattern: /return code Negsignal\.SIGKILL\b/, seenAs: 'signal' },
  { needle: 'return code -9', reporter: 'airflow', pattern: /Task exited with return code -9\b/, seenAs: 'signal' },
  {
    needle: 'exited on signal 9',
    reporter: 'php-fpm',
    pattern: /\bchild (\d{1,10}) exited on signal 9\b/,
    seenAs: 'signal',
  },
  {
    needle: 'exited on signal 9',
    reporter: 'nginx',
    pattern: /worker process (\d{1,10}) exited on signal 9\b/,
    seenAs: 'signal',
  },
  {
    needle: 'killed by signal 9',
    reporter: 'uwsgi',
    pattern: /worker \d{1,6} \(pid: ?(\d{1,10})\) died, killed by signal 9\b/,
    seenAs: 'signal',
  },
  {
    needle: 'via signal [SIGKILL]',
    reporter: 'pm2',
    pattern: /\bApp .{1,200} exited with code \[\d{0,4}\] via signal \[SIGKILL\]/,
    seenAs: 'signal',
  },
  {
    needle: 'terminated by SIGKILL',
    reporter: 'supervisord',
    pattern: /exited: .{1,200} \(terminated by SIGKILL/,
    seenAs: 'signal',
  },
  {
    needle: 'by signal 9: Killed',
    reporter: 'postgres',
    pattern: /process \(PID (\d{1,10})\) was terminated by signal 9: Killed/,
    seenAs: 'signal',
  },
  {
    needle: 'exit signal Killed (9)',
    reporter: 'apache',
    pattern: /child pid (\d{1,10}) exit signal Killed \(9\)/,
    seenAs: 'signal',
  },
  {
    needle: 'signal 9 (SIGKILL)',
    reporter: 'celery',
    pattern: /(?:pid:(\d{1,10}) exited with|Worker exited prematurely:) '?signal 9 \(SIGKILL\)/,
    seenAs: 'signal',
  },
  {
    needle: 'terminated by signal 9',
    reporter: 'elasticsearch',
    pattern: /Child process with PID (\d{1,10}) was terminated by signal 9\b/,
    seenAs: 'signal',
  },
  {
    needle: 'by signal 9 (KILL)',
    reporter: 'clickhouse',
    pattern: /Child process was terminated by signal 9 \(KILL\)/,
    seenAs: 'signal',
  },
  {
    needle: 'killed by signal 9',
    reporter: 'a parent',
    pattern: /\(pid[=: ]{1,2}(\d{1,10})\b[^)]{0,80}\) (?:was )?killed by signal 9\b/,
    seenAs: 'signal',
  },
  {
    needle: 'terminated by signal SIGKILL',
    reporter: 'fish',
    pattern: /^fish: (?:Process (\d{1,10}), |Job )\S.{0,400} terminated by signal SIGKILL\b/,
    seenAs: 'signal',
  },
  {
    needle: ' killed ',
    reporter: 'shell',
    pattern: /^\[\d{1,4}\] {1,2}[+-]? {1,4}(\d{1,10}) killed {4,}\S/,
    seenAs: 'signal',
  },
  {
    needle: 'got signal 9',
    reporter: 'stress',
    pattern: /^stress: FAIL: .{0,40}<-- worker (\d{1,10}) got signal 9\b/,
    seenAs: 'signal',
  },
  {
    needle: 'with signal SIGKILL',
    reporter: 'fluentd',
    pattern: /\bWorker \d{1,4} (?:finished|exited) unexpectedly with signal SIGKILL\b/,
    seenAs: 'signal',
  },
  {
    needle: 'signal: SIGKILL',
    reporter: 'next.js',
    pattern: /\bworker exited with code: null and signal: SIGKILL\b/,
    seenAs: 'signal',
  },
  {
    needle: 'exited with code 137',
    reporter: 'docker',
    pattern: /(?:^|\s)[\w.-]{1,128} exited with code 137\b/,
    seenAs: 'status',
  },
  {
    needle: 'exitCode=137',
    reporter: 'docker',
    pattern: /container die [0-9a-f]{12,64} \(.{0,2000}exitCode=137\b/,
    seenAs: 'status',
  },
  {
    needle: ' Killed ',
    reporter: 'shell',
    pattern: /(?:^|: )(?:line )?\d{1,7}: {1,6}(\d{1,10}) Killed {2}/,
    seenAs: 'signal',
  },
  {
    needle: 'Killed',
    reporter: 'gcc',
    pattern:
      /fatal error: Killed signal terminated program \w|internal compiler error: Killed \(program |terminated with signal 9 \[Killed\]/,
    seenAs: 'signal',
  },
  { needle: 'SIGKILL: kill)', reporter: 'cargo', pattern: /\(signal: 9, SIGKILL: kill\)/, seenAs: 'signal' },
  { needle: 'died of signal 9', reporter: 'git', pattern: /\bdied of signal 9$/, seenAs: 'signal' },
  { needle: 'died signal=9', reporter: 'varnish', pattern: /^Child \((\d{1,10})\) died signal=9\b/, seenAs: 'signal' },
  { needle: 'signal: killed', reporter: 'a parent', pattern: /: signal: killed\s{0,4}$/, seenAs: 'signal' },
  {
    needle: 'Error 137',
    reporter: 'make',
    pattern: /^make(?:\[\d{1,3}\])?: \*\*\* .{1,400} Error 137$/,
    seenAs: 'status',
  },
  {
    needle: 'Killed',
    reporter: 'shell',
    pattern: /^(?:\[\d{1,4}\][+-]? {1,4})?Killed(?: {10,40}\S.{0,400})?$/,
    seenAs: 'signal',
  },
  {
    needle: '137',
    reporter: 'a parent',
    pattern:
      /(?:(?<!\b(?:for|an?|any|every|the|or|means?) )\bexit(?:ed)?(?: with)?(?: status| code)?:?|\bnon-zero code:|\berrno|\bExit Code:|"?\b[eE]xitCode"?[=:]|\bExited) {0,8}\(?137\b(?! (?:but|and|means?|is|was|which|usually|because|or|if|when|can|could|indicates?)\b)/,
    seenAs: 'status',
  },
]

const killedOf = (line: LogLine): LogEvent | null => {
  const { text } = line
  for (const sighting of SIGHTINGS) {
    if (!text.includes(sighting.needle)) continue
    const match = sighting.pattern.exec(text)
    if (match === null) continue
    return {
      type: 'process-killed',
      ...toldBy(line),
      reporter: sighting.reporter,
      pid: numberOf(match[1]),
      container:
        /container die ([0-9a-f]{12,64})/.exec(text)?.[1] ??
        /^([\w.-]{1,128}) exited with code 137\b/.exec(text)?.[1] ??
        null,
      seenAs: sighting.seenAs,
    }
  }
  return null
}
