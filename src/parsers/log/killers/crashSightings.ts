import { onProgress } from './progress.ts'
import { byNeedle } from '../needles.ts'
import { CRASH_WORDS } from './crashWords.ts'
import type { LogEvent } from '../events.ts'
import type { Sighting } from './sighting.ts'
import type { LogLine } from '../lines/line.ts'
import type { ProcessCrashedEvent } from '../programEvents.ts'
import { pidIn } from './namedProcess.ts'
import { PARENT_CRASHES } from './parentCrashes.ts'
import { CRASH_HANDLER_SIGHTINGS, SIGNAL_11_SIGHTINGS } from './signalElevenSightings.ts'
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

const CRASHES: readonly Sighting[] = [
  ...CRASH_WORDS,
  {
    needle: 'by signal 11: Segmentation fault',
    reporter: 'postgres',
    pattern: /process \(PID (\d{1,10})\) was terminated by signal 11: Segmentation fault/,
    seenAs: 'signal',
  },
  {
    needle: 'exited on signal 11',
    reporter: 'php-fpm',
    pattern: /\bchild (\d{1,10}) exited on signal 11\b/,
    seenAs: 'signal',
  },
  {
    needle: 'exited on signal 11',
    reporter: 'nginx',
    pattern: /worker process (\d{1,10}) exited on signal 11\b/,
    seenAs: 'signal',
  },
  {
    needle: 'Segmentation fault (11)',
    reporter: 'apache',
    pattern: /child pid (\d{1,10}) exit signal Segmentation fault \(11\)/,
    seenAs: 'signal',
  },
  {
    needle: 'killed by signal 11',
    reporter: 'uwsgi',
    pattern: /worker \d{1,6} \(pid: ?(\d{1,10})\) died, killed by signal 11\b/,
    seenAs: 'signal',
  },
  {
    needle: 'was sent SIGSEGV!',
    reporter: 'gunicorn',
    pattern: /Worker \(pid: ?(\d{1,10})\) was sent SIGSEGV!/,
    seenAs: 'signal',
  },
  {
    needle: 'crashed by signal: 11',
    reporter: 'redis',
    pattern: /\bRedis \S{1,20} crashed by signal: 11\b/,
    seenAs: 'signal',
  },
  {
    needle: 'SIGSEGV (0xb)',
    reporter: 'java',
    pattern: /(?:^|# )#? {0,4}SIGSEGV \(0xb\) at pc=0x[0-9a-f]{1,16}, pid=(\d{1,10})\b/,
    seenAs: 'signal',
  },
  {
    needle: 'signo=SIGSEGV(11)',
    reporter: 'passenger',
    pattern: /\[ pid=(\d{1,10})\b[^\]]{0,80}\] Process aborted! signo=SIGSEGV\(11\)/,
    seenAs: 'signal',
  },
  {
    needle: '+++ killed by SIGSEGV',
    reporter: 'strace',
    pattern: /^(?:(?:\[pid {1,4})?(\d{1,10})\]? {1,4})?\+\+\+ killed by SIGSEGV\b/,
    seenAs: 'signal',
  },
  {
    needle: '(by signal 11)',
    reporter: 's6',
    pattern: /\bexited (?:with code )?256 \(by signal 11\)/,
    seenAs: 'signal',
  },
  {
    needle: 'received signal SIGSEGV',
    reporter: 'gdb',
    pattern: /^(?:Program|Thread .{1,80}) received signal SIGSEGV, Segmentation fault\.$/,
    seenAs: 'signal',
  },
  {
    needle: 'Program terminated with signal ',
    reporter: 'gdb',
    pattern: /^Program terminated with signal (?:SIGSEGV|11), Segmentation fault\.$/,
    seenAs: 'signal',
  },
  {
    needle: 'Segmentation fault',
    reporter: 'shell',
    pattern: /(?:^|: )(?:line )?\d{1,7}: {1,6}(\d{1,10}) Segmentation fault(?: {2}| \(core dumped\) )/,
    seenAs: 'signal',
  },
  {
    needle: 'egmentation fault',
    reporter: 'shell',
    pattern:
      /^(?:\[\d{1,4}\][+-]? {1,4}|(?:[!>] )?\S{1,80}: )?[Ss]egmentation fault(?:: 11)?(?: \(core dumped\)| {10,40}\S.{0,400})?\s{0,4}$/,
    seenAs: 'signal',
  },
  {
    needle: 'Segmentation fault',
    reporter: 'a runtime',
    pattern:
      /^(?:panic(?:\([^)]{1,40}\))?: Segmentation fault at address 0x|Signal 11 \(Segmentation fault\) received at 0x)/,
    seenAs: 'signal',
  },
  {
    needle: ' got signal 11',
    reporter: 'mysqld',
    pattern: /\b(?:mysqld|mariadbd)(?:-\w{1,20}|\.exe)? got signal 11(?:\s?;|\s{0,4}$)/,
    seenAs: 'signal',
  },
  {
    needle: 'Segmentation fault',
    reporter: 'shell',
    pattern: onProgress(String.raw`Segmentation fault(?: \(core dumped\))?`),
    seenAs: 'signal',
  },
  {
    needle: '"errorCode":139',
    reporter: 'chrome',
    pattern: /"Target\.targetCrashed".{0,300}"errorCode":139\b/,
    seenAs: 'signal',
  },
  {
    needle: 'ProcessSignaled(11)',
    reporter: 'julia',
    pattern: /\bfailed process: Process\(`.{1,4000}`, ProcessSignaled\(11\)\)/,
    seenAs: 'signal',
  },
  {
    needle: ' segmentation fault ',
    reporter: 'zsh',
    pattern:
      /^`?(?:\S{1,40} )?\[\d{1,4}\] {1,8}(?:[+-] {1,6})?(\d{1,10}) segmentation fault(?: \(core dumped\))? {1,12}\S/,
    seenAs: 'signal',
  },
  {
    needle: '(SEGV)',
    reporter: 'coredumpctl',
    pattern: /^\s{0,40}Signal: 11 \(SEGV\)\s{0,4}$/,
    seenAs: 'signal',
  },
  {
    needle: 'code 139',
    reporter: 'docker',
    pattern: /(?:^|\s)[\w.-]{1,128} exited with code 139\b/,
    seenAs: 'status',
  },
  {
    needle: '139',
    reporter: 'a parent',
    pattern:
      /^\s{0,40}"?(?:Exit Code|exitCode|ExitCode)"?: {1,20}139\b|\bError 139$|\bExit Code[:\s]{1,8}139\s{0,4}$|^\S{1,120}: exited with status 139$/,
    seenAs: 'status',
  },
  ...CRASH_HANDLER_SIGHTINGS,
  ...PARENT_CRASHES,
  ...SIGNAL_11_SIGHTINGS,
]

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
