import { BUILD_SIGHTINGS } from './buildSightings.ts'
import { DOCKER_SIGHTINGS } from './dockerSightings.ts'
import { PARENT_SIGNALS, PARENT_STATUSES } from './parentSightings.ts'
import { SHELL_SIGHTINGS } from './shellSightings.ts'
import type { Sighting } from './sighting.ts'
import { WORKER_SIGHTINGS } from './workerSightings.ts'

/** Every wording known; the first that fits speaks. Group 1 is the pid; a reporter that gives none has no group. */
export const SIGHTINGS: readonly Sighting[] = [
  ...WORKER_SIGHTINGS,
  {
    needle: 'failed due to signal 9 (Killed)',
    reporter: 'nix',
    pattern: /\bbuilder(?: for '[^']{1,400}')? failed due to signal 9 \(Killed\)/,
    seenAs: 'signal',
  },
  {
    needle: 'signal=SIGKILL',
    reporter: 'jest',
    pattern: /jest worker process \(pid=(\d{1,10})\) was terminated by another process: signal=SIGKILL/,
    seenAs: 'signal',
  },
  {
    needle: 'via signal [SIGKILL]',
    reporter: 'pm2',
    pattern: /\bApp .{1,200}?(?: and pid \[(\d{1,10})\],)? exited with code \[\d{0,4}\] via signal \[SIGKILL\]/,
    seenAs: 'signal',
  },
  {
    needle: 'terminated by SIGKILL',
    reporter: 'supervisord',
    pattern: /exited: .{1,200} \(terminated by SIGKILL/,
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
    needle: 'SIGKILL',
    reporter: 'node',
    pattern: /\bcode:? null(?:,| and)? signal:? SIGKILL\b/,
    seenAs: 'signal',
  },
  {
    needle: 'failed (Killed): ',
    reporter: 'bazel',
    pattern: /^ERROR: \S{1,400}:\d{1,7}:\d{1,7}: .{1,400} failed:? \(Killed\): \S{1,80} failed: error executing/,
    seenAs: 'signal',
  },
  ...DOCKER_SIGHTINGS,
  ...SHELL_SIGHTINGS,
  ...BUILD_SIGHTINGS,
  {
    needle: '+++ killed by SIGKILL',
    reporter: 'strace',
    pattern: /^(?:\[pid {1,4})?(\d{1,10})\]? {1,4}\+\+\+ killed by SIGKILL\b/,
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
  {
    needle: 'Command terminated by signal 9',
    reporter: 'time',
    pattern: /^Command terminated by signal 9\s{0,4}$/,
    seenAs: 'signal',
  },
  { needle: 'died of signal 9', reporter: 'git', pattern: /\bdied of signal 9$/, seenAs: 'signal' },
  // The kernel's and glibc's word for signal 9, in quotes or at the end of another's field.
  {
    needle: 'signal: killed',
    reporter: 'a parent',
    pattern: /(?:^|(?::|="?) ?|["'`] failed |\S failed )signal: killed["']?\s{0,4}$/,
    seenAs: 'signal',
  },
  {
    needle: 'unable to execute command: Killed',
    reporter: 'clang',
    pattern: /(?:^clang\S{0,12}|^<unknown>:0): error: unable to execute command: Killed\b/,
    seenAs: 'signal',
  },
  {
    needle: 'SIGKILL (signal 9)',
    reporter: 'ruby',
    pattern: /\bpid (\d{1,10}) SIGKILL \(signal 9\)/,
    seenAs: 'signal',
  },
  {
    needle: 'signal SIGKILL',
    reporter: 'npm',
    pattern: /^npm (?:ERR!|error) signal SIGKILL\s{0,4}$/,
    seenAs: 'signal',
  },
  {
    needle: 'signal 9',
    reporter: 'a parent',
    pattern:
      /\b[Pp]rocess (\d{1,10}) (?:was |has been )?(?:killed|terminated) by signal 9(?![\d.])(?! (?:after|because|on timeout))/,
    seenAs: 'signal',
  },
  {
    needle: 'Main child exited with signal',
    reporter: 'tini',
    pattern: /\bMain child exited with signal \(with signal '(?:Killed|SIGKILL)'/,
    seenAs: 'signal',
  },
  { needle: '(by signal 9)', reporter: 's6', pattern: /\bexited (?:with code )?256 \(by signal 9\)/, seenAs: 'signal' },
  // dpkg prints the system's name of the signal.
  {
    needle: 'by signal (Killed)',
    reporter: 'dpkg',
    pattern: /\bsubprocess was killed by signal \(Killed\)/,
    seenAs: 'signal',
  },
  {
    needle: 'finish process received signal 9',
    reporter: 's6',
    pattern: /\bfinish process received signal 9\b/,
    seenAs: 'signal',
  },
  {
    needle: 'killed by KILL signal',
    reporter: 'upstart',
    pattern: /\bprocess \((\d{1,10})\) killed by KILL signal\b/,
    seenAs: 'signal',
  },
  ...PARENT_SIGNALS,
  {
    needle: ' 137',
    reporter: 'make',
    pattern:
      /^(?:g|mingw32-)?make(?:\[\d{1,3}\])?: \*\*\* .{1,400} (?:Error|Fehler|Erreur|Errore|Erro|Fel|Fejl|Błąd|Chyba|Ошибка|Помилка|错误|錯誤|エラー|오류) 137$/u,
    seenAs: 'status',
  },
  {
    needle: 'Killed',
    reporter: 'shell',
    pattern: /^(?:\[\d{1,4}\][+-]? {1,4})?Killed(?:: 9)?(?: {10,40}\S.{0,400}|\s{1,4})?$/,
    seenAs: 'signal',
  },
  {
    needle: "reason: 'killed'",
    reporter: 'electron',
    pattern: /\breason: 'killed', exitCode: 9\b/,
    seenAs: 'signal',
  },
  // It saw SIGKILL and guesses at both senders.
  {
    needle: 'process exited too early',
    reporter: 'react-scripts',
    pattern: /\bfailed because the process exited too early\. This probably means the system ran out of memory or\b/,
    seenAs: 'signal',
  },
  ...PARENT_STATUSES,
]
