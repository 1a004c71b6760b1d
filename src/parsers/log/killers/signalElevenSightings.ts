import { ENDED, endedWith, NO_REASON } from './parentSightings.ts'
import type { Sighting } from './sighting.ts'

/** Parents about a child that ended by signal 11, in the words in which they tell of signal 9 as well. */
export const SIGNAL_11_SIGHTINGS: readonly Sighting[] = [
  {
    needle: 'signal=SIGSEGV',
    reporter: 'jest',
    pattern: /jest worker process \(pid=(\d{1,10})\) was terminated by another process: signal=SIGSEGV/,
    seenAs: 'signal',
  },
  {
    needle: 'Negsignal.SIGSEGV',
    reporter: 'airflow',
    pattern: /\breturn code Negsignal\.SIGSEGV\b/,
    seenAs: 'signal',
  },
  {
    needle: 'signal 11 (SIGSEGV)',
    reporter: 'celery',
    pattern: /(?:pid:(\d{1,10}) exited with|Worker exited prematurely:) '?signal 11 \(SIGSEGV\)/,
    seenAs: 'signal',
  },
  {
    needle: 'is killed by signal: Segmentation',
    reporter: 'pytorch',
    pattern: /DataLoader worker \(pid(?:\(s\))? (\d{1,10})\) is killed by signal: Segmentation fault\b/,
    seenAs: 'signal',
  },
  {
    needle: '(exitcode: -11)',
    reporter: 'pytorch',
    pattern: /\bfailed \(exitcode: -11\) local_rank: \d{1,6} \(pid: (\d{1,10})\)/,
    seenAs: 'signal',
  },
  {
    needle: 'Signal 11 (SIGSEGV) received by PID',
    reporter: 'pytorch',
    pattern: /\bSignal 11 \(SIGSEGV\) received by PID (\d{1,10})\b/,
    seenAs: 'signal',
  },
  {
    needle: 'SIGSEGV(-11)',
    reporter: 'joblib',
    pattern: /\bexit codes of the workers are \{[^}]{0,200}\bSIGSEGV\(-11\)/,
    seenAs: 'signal',
  },
  {
    needle: 'on signal 11 (Segmentation fault)',
    reporter: 'mpirun',
    pattern: /\bprocess rank \d{1,9} with PID (\d{1,10}) on node \S{1,255} exited on signal 11 \(Segmentation fault\)/,
    seenAs: 'signal',
  },
  {
    needle: 'ExitFailure (-11)',
    reporter: 'stack',
    pattern: /(?:^\s{0,12}|\b(?:exited with(?: code)?|[Tt]he exception was|exit code):? {0,2})ExitFailure \(-11\)/,
    seenAs: 'signal',
  },
  {
    needle: 'i.e. SIGSEGV)',
    reporter: 'cabal',
    pattern: /\bprocess segfaulted \(i\.e\. SIGSEGV\)/,
    seenAs: 'signal',
  },
  {
    needle: 'terminated by SIGSEGV',
    reporter: 'supervisord',
    pattern: /exited: .{1,200} \(terminated by SIGSEGV/,
    seenAs: 'signal',
  },
  { needle: '(signal: 11, SIGSEGV', reporter: 'cargo', pattern: /\(signal: 11, SIGSEGV: /, seenAs: 'signal' },
  {
    needle: 'Segmentation fault',
    reporter: 'gcc',
    pattern:
      /fatal error: Segmentation fault signal terminated program \w|internal compiler error: Segmentation fault\b|terminated with signal 11 \[Segmentation fault\]/,
    seenAs: 'signal',
  },
  {
    needle: 'unable to execute command: Segmentation',
    reporter: 'clang',
    pattern: /(?:^clang\S{0,12}|^<unknown>:0): error: unable to execute command: Segmentation fault\b/,
    seenAs: 'signal',
  },
  {
    needle: 'signal: segmentation fault',
    reporter: 'a parent',
    pattern: /(?::|="?) ?signal: segmentation fault\b/,
    seenAs: 'signal',
  },
  {
    needle: 'Main child exited with signal',
    reporter: 'tini',
    pattern: /\bMain child exited with signal \(with signal '(?:Segmentation fault|SIGSEGV)'/,
    seenAs: 'signal',
  },
  {
    needle: 'signal SIGSEGV',
    reporter: 'npm',
    pattern: /^npm (?:ERR!|error) signal SIGSEGV\s{0,4}$/,
    seenAs: 'signal',
  },
  {
    needle: 'SIGSEGV',
    reporter: 'node',
    pattern: /\bcode:? null(?:,| and)? signal:? SIGSEGV\b/,
    seenAs: 'signal',
  },
  {
    needle: 'received signal SIGSEGV',
    reporter: 'a parent',
    pattern: /\bfailed because it received signal SIGSEGV\b/,
    seenAs: 'signal',
  },
  { needle: 'died of signal 11', reporter: 'git', pattern: /\bdied of signal 11$/, seenAs: 'signal' },
  {
    needle: 'Command terminated by signal 11',
    reporter: 'time',
    pattern: /^Command terminated by signal 11\s{0,4}$/,
    seenAs: 'signal',
  },
  {
    needle: 'died signal=11',
    reporter: 'varnish',
    pattern: /^Child \((\d{1,10})\) died signal=11\b/,
    seenAs: 'signal',
  },
  {
    needle: 'via signal [SIGSEGV]',
    reporter: 'pm2',
    pattern: /\bApp .{1,200}?(?: and pid \[(\d{1,10})\],)? exited with code \[\d{0,4}\] via signal \[SIGSEGV\]/,
    seenAs: 'signal',
  },
  {
    needle: 'due to signal 11',
    reporter: 'a parent',
    pattern: /\b(?:died|failed|terminated|exited|crashed) due to signal 11\b/,
    seenAs: 'signal',
  },
  {
    needle: 'SIGSEGV',
    reporter: 'a parent',
    pattern: new RegExp(String.raw`${ENDED}["'<([]{0,2}(?:Signals\.)?SIGSEGV\b${NO_REASON}`),
    seenAs: 'signal',
  },
  {
    needle: 'signal',
    reporter: 'a parent',
    pattern: new RegExp(String.raw`${ENDED}(?<=signal:? )["'(]?11\b(?![%]|\.\d)${NO_REASON}`),
    seenAs: 'signal',
  },
  {
    needle: 'exited with code 139',
    reporter: 'haproxy',
    pattern: /\bworker (?:#\d{1,5} )?\((\d{1,10})\) exited with code 139\b/,
    seenAs: 'status',
  },
  {
    needle: 'Segmentation fault',
    reporter: 'make',
    pattern: /^make(?:\[\d{1,3}\])?: \*\*\* .{1,400} Segmentation fault(?: \(core dumped\))?\s{0,4}$/,
    seenAs: 'signal',
  },
  { needle: '139', reporter: 'a parent', pattern: endedWith('139'), seenAs: 'status' },
]

/** A runtime's or a library's handler about the crash of the process it lives in. */
export const CRASH_HANDLER_SIGHTINGS: readonly Sighting[] = [
  {
    needle: 'Fatal Python error: ',
    reporter: 'python',
    pattern: /^Fatal Python error: Segmentation fault\b/,
    seenAs: 'signal',
  },
  {
    needle: '[BUG] Segmentation fault at 0x',
    reporter: 'ruby',
    pattern: /(?:^|: )\[BUG\] Segmentation fault at 0x[0-9a-f]{1,16}/,
    seenAs: 'signal',
  },
  {
    needle: ') received by PID ',
    reporter: 'glog',
    pattern: /^\*\*\* SIGSEGV \(@0x[0-9a-f]{1,16}\) received by PID (\d{1,10}) /,
    seenAs: 'signal',
  },
  {
    needle: 'egmentation fault',
    reporter: 'julia',
    pattern:
      /^(?:\[(\d{1,10})\] )?signal \(11(?:\.\d)?\): Segmentation fault\b|^signal 11 \(SIGSEGV\): segmentation fault/,
    seenAs: 'signal',
  },
  { needle: 'caught segfault', reporter: 'R', pattern: /^\s{0,4}\*\*\* caught segfault \*\*\*/, seenAs: 'signal' },
  {
    needle: 'interrupted by signal 11',
    reporter: 'a parent',
    pattern: /\binterrupted by signal 11: SIGSEGV\b/,
    seenAs: 'signal',
  },
  {
    needle: 'interrupted by SIGSEGV',
    reporter: 'rustc',
    pattern: /^error: rustc interrupted by SIGSEGV\b/,
    seenAs: 'signal',
  },
  {
    needle: 'Fatal signal 11 (SIGSEGV)',
    reporter: 'android',
    pattern: /\bFatal signal 11 \(SIGSEGV\)(?:.{0,200}, pid (\d{1,10}) \()?/,
    seenAs: 'signal',
  },
  {
    needle: 'Sanitizer: SEGV on unknown address',
    reporter: 'sanitizer',
    pattern: /^==(\d{1,10})==ERROR: \w{1,30}Sanitizer: SEGV on unknown address\b/,
    seenAs: 'signal',
  },
  {
    needle: 'Caught signal 11 (Segmentation fault',
    reporter: 'ucx',
    pattern: /(?:^|\[)(?:[\w.-]{1,64}:(\d{1,10}):\d{1,6}:\d{1,10}[:\]] {0,2})?Caught signal 11 \(Segmentation fault\b/,
    seenAs: 'signal',
  },
  {
    needle: 'Signal: Segmentation fault (11)',
    reporter: 'mpi',
    pattern: /^(?:\[[\w.-]{1,64}:(\d{1,10})\] )?(?:\*\*\* )?Signal: Segmentation fault \(11\)/,
    seenAs: 'signal',
  },
  {
    needle: 'Got signal: 11 (Segmentation',
    reporter: 'mongod',
    pattern: /\bGot signal: 11 \(Segmentation fault\)/,
    seenAs: 'signal',
  },
  {
    needle: 'signal Segmentation fault (11)',
    reporter: 'clickhouse',
    pattern: /\bReceived signal Segmentation fault \(11\)/,
    seenAs: 'signal',
  },
  {
    needle: ' got Segmentation Fault !!!',
    reporter: 'uwsgi',
    pattern: /^!!! uWSGI (?:process|worker) (\d{1,10}) got Segmentation Fault !!!/,
    seenAs: 'signal',
  },
  {
    needle: 'Uncaught signal: 11',
    reporter: 'cloud run',
    pattern: /^Uncaught signal: 11, pid=(\d{1,10})\b/,
    seenAs: 'signal',
  },
  {
    needle: 'Container terminated on signal 11',
    reporter: 'cloud run',
    pattern: /\bContainer terminated on signal 11\b/,
    seenAs: 'signal',
  },
  {
    needle: 'during runtime execution',
    reporter: 'go',
    pattern: /^fatal error: unexpected signal during runtime execution\s{0,4}$/,
    seenAs: 'signal',
  },
  {
    needle: 'SIGSEGV: segmentation violation',
    reporter: 'go',
    pattern: /^SIGSEGV: segmentation violation\s{0,4}$/,
    seenAs: 'signal',
  },
  {
    needle: 'EXC_BAD_ACCESS (SIGSEGV)',
    reporter: 'macos',
    pattern: /^Exception Type: {1,12}EXC_BAD_ACCESS \(SIGSEGV\)/,
    seenAs: 'signal',
  },
]
