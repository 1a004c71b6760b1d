import type { Sighting } from './sighting.ts'

/** A runtime's or a library's handler about the crash on a bad address (SIGSEGV) of the process it lives in. */
export const CRASH_HANDLERS: readonly Sighting[] = [
  {
    needle: 'Segmentation fault - invalid',
    reporter: 'fortran',
    pattern:
      /^(?:Program received signal SIGSEGV|Program received signal 11 \(SIGSEGV\)): Segmentation fault - invalid memory reference\./,
    seenAs: 'signal',
  },
  {
    needle: 'Process terminating with',
    reporter: 'valgrind',
    pattern: /^==(\d{1,10})== Process terminating with default action of signal 11 \(SIGSEGV\)/,
    seenAs: 'signal',
  },
  {
    needle: 'ORA-07445: ',
    reporter: 'oracle',
    pattern: /\bORA-07445: exception encountered: core dump \[.{0,300}\] \[SIGSEGV\]/,
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
    needle: 'ProcessSignaled(11)',
    reporter: 'julia',
    pattern: /\bfailed process: Process\(`.{1,4000}`, ProcessSignaled\(11\)\)/,
    seenAs: 'signal',
  },
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
    needle: 'interrupted by SIGSEGV',
    reporter: 'rustc',
    pattern: /^error: rustc interrupted by SIGSEGV\b/,
    seenAs: 'signal',
  },
  {
    needle: 'Fatal signal 11 (SIGSEGV)',
    reporter: 'android',
    pattern: /\bFatal signal 11 \(SIGSEGV\)(?:.{0,200}, pid (\d{1,10}) \((?<comm>[^)]{1,64}))?/,
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
    needle: 'during runtime execution',
    reporter: 'go',
    pattern: /(?:^|\bplugin\.\S{1,120}: )fatal error: unexpected signal during runtime execution\s{0,4}$/,
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
    needle: 'signal 11 (SIGSEGV), code ',
    reporter: 'android',
    pattern: /(?:^|: )signal 11 \(SIGSEGV\), code \S{1,4} \(SEGV_[A-Z]{3,12}\), fault addr /,
    seenAs: 'signal',
  },
  {
    needle: 'segmentation fault occurred',
    reporter: 'fortran',
    pattern: /^forrtl: severe \(174\): SIGSEGV, segmentation fault occurred/,
    seenAs: 'signal',
  },
  {
    needle: 'INTERNAL ERROR: Signal 11',
    reporter: 'samba',
    pattern: /\bINTERNAL ERROR: Signal 11\b.{0,200}? pid (\d{1,10})\b/,
    seenAs: 'signal',
  },
  {
    needle: 'Segmentation fault',
    reporter: 'a crash handler',
    pattern: /\*\*\* Caught signal \(Segmentation fault\) \*\*|^Caught Segmentation fault, suspect faulting address/,
    seenAs: 'signal',
  },
]
