import { ENDED, endedWith, NO_REASON } from './parentSightings.ts'
import type { Sighting } from './sighting.ts'

/** The title of a bug in a list of changes: `545457 gdmsetup crashed with SIGSEGV in g_mount()`. */
const NO_BUG = String.raw`^(?!\s{0,8}(?:[-*] )?(?:[Bb]ug |#|LP: ?#?|rhbz#?)?\d{4,8} )`

/**
 * SIGSEGV in the words of runtimes, crash handlers and parents beyond the best known ones; group 1 is the pid. A handler
 * inside the program speaks of itself.
 */
export const PARENT_CRASHES: readonly Sighting[] = [
  // auditd: `type=ANOM_ABEND msg=audit(…): auid=… pid=3112 comm="httpd" exe="…" sig=11 res=1`; the kernel's own is 1701.
  {
    needle: ' sig=11',
    reporter: 'audit',
    pattern:
      /\btype=(?:ANOM_ABEND|1701) .{0,400}? pid=(\d{1,10}) comm=(?:"(?<comm>[^"]{1,64})"|\S{1,64}).{0,600} sig=11\b/,
    seenAs: 'signal',
  },
  {
    needle: 'signal 11/SEGV',
    reporter: 'systemd-coredump',
    pattern:
      /^Process (\d{1,10}) \((?<comm>.{1,64})\) of user \d{1,10} (?:terminated abnormally with|dumped core due to) signal 11\/SEGV/,
    seenAs: 'signal',
  },
  // Upstart.
  {
    needle: 'killed by SEGV signal',
    reporter: 'upstart',
    pattern: /\bprocess \((\d{1,10})\) killed by SEGV signal\b/,
    seenAs: 'signal',
  },
  {
    needle: 'signal 11 (SIGSEGV)',
    reporter: 'celery',
    pattern: /(?:pid:(\d{1,10}) exited with|Worker exited prematurely:) '?signal 11 \(SIGSEGV\)/,
    seenAs: 'signal',
  },
  {
    needle: 'got Segmentation Fault',
    reporter: 'uwsgi',
    pattern: /!!! uWSGI process (\d{1,10}) got Segmentation Fault !!!/,
    seenAs: 'signal',
  },
  {
    needle: 'terminated due to signal 11',
    reporter: 'gunicorn',
    pattern: /Worker with pid (\d{1,10}) was terminated due to signal 11\b/,
    seenAs: 'signal',
  },
  {
    needle: 'via signal [SIGSEGV]',
    reporter: 'pm2',
    pattern: /\bApp .{1,200} exited with code \[\d{0,4}\] via signal \[SIGSEGV\]/,
    seenAs: 'signal',
  },
  {
    needle: 'terminated by SIGSEGV',
    reporter: 'supervisord',
    pattern: /exited: .{1,200} \(terminated by SIGSEGV/,
    seenAs: 'signal',
  },
  {
    needle: 'is killed by signal: Segmentation fault',
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
    needle: '{SIGSEGV(-11)',
    reporter: 'joblib',
    pattern: /\bexit codes of the workers are \{SIGSEGV\(-11\)/,
    seenAs: 'signal',
  },
  {
    needle: 'Negsignal.SIGSEGV',
    reporter: 'airflow',
    pattern: /return code Negsignal\.SIGSEGV\b/,
    seenAs: 'signal',
  },
  {
    needle: 'exited on signal 11 (Segmentation fault)',
    reporter: 'mpirun',
    pattern: /\bprocess rank \d{1,9} with PID (\d{1,10}) on node \S{1,255} exited on signal 11 \(Segmentation fault\)/,
    seenAs: 'signal',
  },
  {
    needle: 'SIGSEGV',
    reporter: 'node',
    pattern:
      /\bcode:? null(?:,| and)? signal:? SIGSEGV\b|^npm (?:ERR!|error) signal SIGSEGV\s{0,4}$|terminated by another process: signal=SIGSEGV|^PID (?<pid>\d{1,10}) received SIGSEGV for address: 0x/,
    seenAs: 'signal',
  },
  {
    needle: 'Segmentation fault',
    reporter: 'a crash handler',
    pattern:
      /^Fatal Python error: Segmentation fault\s{0,4}$|\[BUG\] Segmentation fault at 0x|\*\*\* Caught signal \(Segmentation fault\) \*\*|\bsignal \(11(?:\.\d{1,2})?\): Segmentation fault\b|\bGot signal: 11 \(Segmentation fault\)|\bReceived signal Segmentation fault \(11\)|\bSignal: Segmentation fault \(11\)\s{0,4}$|^Caught Segmentation fault, suspect faulting address|\bMain child exited with signal \(with signal 'Segmentation fault'\)|: internal compiler error: Segmentation fault\b|^srun: error: \S{1,255}: tasks? [\d,-]{1,200}: Segmentation fault\b|\bworker (?:#\d{1,5} )?\((\d{1,10})\) exited with code 139 \(Segmentation fault\)/,
    seenAs: 'signal',
  },
  {
    needle: '*** caught segfault ***',
    reporter: 'R',
    pattern: /^\s{0,4}\*\*\* caught segfault \*\*\*/,
    seenAs: 'signal',
  },
  {
    needle: 'Segment Violation',
    reporter: 'squid',
    pattern: /\bReceived Segment Violation\.\.\.dying\b/,
    seenAs: 'signal',
  },
  {
    needle: 'SEGV_',
    reporter: 'chromium',
    pattern: /^Received signal 11 SEGV_(?:MAPERR|ACCERR) [0-9a-f]{1,16}\b/,
    seenAs: 'signal',
  },
  {
    needle: 'SEGV on unknown address',
    reporter: 'asan',
    pattern:
      /^==(\d{1,10})==\s?ERROR: (?:Address|Memory|Thread|UndefinedBehavior)Sanitizer: SEGV on unknown address 0x/,
    seenAs: 'signal',
  },
  {
    needle: 'signal: 11, SIGSEGV',
    reporter: 'cargo',
    pattern: /\(signal: 11, SIGSEGV: invalid memory reference\)/,
    seenAs: 'signal',
  },
  {
    needle: 'signal 11',
    reporter: 'time',
    pattern:
      /^Command terminated by signal 11\s{0,4}$|\bdied of signal 11$|\bfailed due to signal 11 \(Segmentation fault\)/,
    seenAs: 'signal',
  },
  {
    needle: 'terminated by signal SIGSEGV',
    reporter: 'fish',
    pattern: /^fish: (?:Process (\d{1,10}), |Job )\S.{0,400} terminated by signal SIGSEGV\b/,
    seenAs: 'signal',
  },
  {
    needle: 'signal: segmentation fault',
    reporter: 'a parent',
    pattern: /(?::|="?) ?signal: segmentation fault(?: \(core dumped\))?["']?\s{0,4}$/,
    seenAs: 'signal',
  },
  {
    needle: '-11',
    reporter: 'a parent',
    pattern:
      /(?:\b(?:exit|status|return) ?(?:status|code)(?: was)?|\bexitcode|"rc")["']?:? {0,2}-11(?![\d.-]| (?:is|means?)\b)/,
    seenAs: 'signal',
  },
  {
    needle: 'SIGSEGV',
    reporter: 'a parent',
    pattern: new RegExp(
      String.raw`${NO_BUG}${ENDED}["'<([]{0,2}(?:Signals\.)?SIGSEGV\b(?! in \w{1,80}\(| at \w)${NO_REASON}`,
    ),
    seenAs: 'signal',
  },
  {
    needle: 'signal',
    reporter: 'a parent',
    pattern: new RegExp(String.raw`${ENDED}(?<=signal:? )["'(]?11\b(?![%]|\.\d)${NO_REASON}`),
    seenAs: 'signal',
  },
  {
    needle: 'Exited (139) ',
    reporter: 'docker',
    pattern: /^\S{1,128} {2,}\S.{0,400} {2,}Exited \(139\) .{1,30} ago\b/,
    seenAs: 'status',
  },
  {
    needle: 'Segmentation fault',
    reporter: 'make',
    pattern: /^make(?:\[\d{1,3}\])?: \*\*\* .{1,400} Segmentation fault(?: \(core dumped\))?\s{0,4}$/,
    seenAs: 'signal',
  },
  {
    needle: 'was sent code 139!',
    reporter: 'gunicorn',
    pattern: /Worker \(pid: ?(\d{1,10})\) was sent code 139!/,
    seenAs: 'status',
  },
  // A program's own debugger, and what ends it in a fault of its own.
  {
    needle: 'default action of signal 11',
    reporter: 'valgrind',
    pattern: /^==(\d{1,10})== Process terminating with default action of signal 11 \(SIGSEGV\)/,
    seenAs: 'signal',
  },
  {
    needle: 'EXC_BAD_ACCESS (SIGSEGV)',
    reporter: 'macos',
    pattern: /^Exception Type: {1,12}EXC_BAD_ACCESS \(SIGSEGV\)\s{0,4}$/,
    seenAs: 'signal',
  },
  {
    needle: 'signal 11 (SIGSEGV), code ',
    reporter: 'android',
    pattern:
      /\bFatal signal 11 \(SIGSEGV\), code .{1,200}?(?:, pid (\d{1,10}) \((?<comm>[^)]{1,64})\)|$)|(?:^|: )signal 11 \(SIGSEGV\), code \S{1,4} \(SEGV_[A-Z]{3,12}\), fault addr /,
    seenAs: 'signal',
  },
  {
    needle: 'Segmentation fault',
    reporter: 'a runtime',
    pattern:
      /^Program received signal SIGSEGV: Segmentation fault - invalid memory reference|\bCaught signal 11 \(Segmentation fault[:)]/,
    seenAs: 'signal',
  },
  {
    needle: 'segmentation fault occurred',
    reporter: 'fortran',
    pattern: /^forrtl: severe \(174\): SIGSEGV, segmentation fault occurred/,
    seenAs: 'signal',
  },
  {
    needle: 'received a segmentation fault.',
    reporter: 'apt',
    pattern: /\bSub-process \S{1,200} received a segmentation fault\./,
    seenAs: 'signal',
  },
  {
    needle: 'INTERNAL ERROR: Signal 11',
    reporter: 'samba',
    pattern: /\bINTERNAL ERROR: Signal 11\b.{0,200}? pid (\d{1,10})\b/,
    seenAs: 'signal',
  },
  { needle: '139', reporter: 'a parent', pattern: endedWith('139'), seenAs: 'status' },
]
