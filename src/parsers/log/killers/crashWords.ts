import { ENDED, NO_REASON } from './parentSightings.ts'
import type { Sighting } from './sighting.ts'

const saw = (needle: string, reporter: string, pattern: RegExp): Sighting => ({
  needle,
  reporter,
  pattern,
  seenAs: 'signal',
})

/** What runtimes, tools and crash handlers print of a SIGSEGV, their own or a child's. */
export const CRASH_WORDS: readonly Sighting[] = [
  // Runtimes about themselves.
  saw('caught segfault', 'R', /^\s?\*\*\* caught segfault \*\*\*\s{0,4}$/),
  saw('Fatal Python error: ', 'python', /^Fatal Python error: Segmentation fault\s{0,4}$/),
  saw('[BUG] Segmentation fault', 'ruby', /(?:^|: )\[BUG\] Segmentation fault at 0x[0-9a-f]/),
  saw(
    ': Segmentation fault',
    'julia',
    /^(?:\[(\d{1,10})\] )?signal \(?11(?:\.\d)?\)?(?: \(\d\))?: Segmentation fault\b/,
  ),
  saw('SIGSEGV: segmentation violation', 'go', /^SIGSEGV: segmentation violation\s{0,4}$/),
  saw('AccessViolationException', 'dotnet', /^Fatal error\. System\.AccessViolationException: /),
  saw('Program crashed: ', 'swift', /\bProgram crashed: Bad pointer dereference at 0x[0-9a-f]/),
  saw(
    'EXCEPTION_ACCESS_VIOLATION',
    'java',
    /\bEXCEPTION_ACCESS_VIOLATION \(0xc0000005\) at pc=0x[0-9a-f]{1,16}, pid=(\d{1,10})\b/,
  ),
  saw('(174)', 'fortran', /\bforrtl: severe \(174\): SIGSEGV, segmentation fault occurred\b/),
  saw(
    'Segmentation fault - invalid',
    'fortran',
    /^(?:Program received signal SIGSEGV|Program received signal 11 \(SIGSEGV\)): Segmentation fault - invalid memory reference\./,
  ),
  saw('ORA-07445: ', 'oracle', /\bORA-07445: exception encountered: core dump \[.{0,300}\] \[SIGSEGV\]/),
  saw('uWSGI process ', 'uwsgi', /^!!! uWSGI process (\d{1,10}) got Segmentation Fault !!!/),
  saw('received SIGSEGV for address', 'node', /^PID (\d{1,10}) received SIGSEGV for address: 0x/),
  saw('Caught fatal signal', 'unity', /\bCaught fatal signal - signo:11\b/),
  saw('CrashHandler: Signal=11', 'unreal', /\bCommonUnixCrashHandler: Signal=11\b/),
  saw(
    'Unhandled page fault on',
    'wine',
    /\bUnhandled page fault on (?:read|write|execute) access to (?:0x)?[0-9A-Fa-f]{8,16} at address\b/,
  ),
  // Sanitizers and valgrind begin each line with the pid.
  saw('Sanitizer: SEGV on', 'sanitizer', /^==(\d{1,10})==ERROR: \w{2,10}Sanitizer: SEGV on unknown address\b/),
  saw(
    'Process terminating with',
    'valgrind',
    /^==(\d{1,10})== Process terminating with default action of signal 11 \(SIGSEGV\)/,
  ),
  // MPI: the process itself, and the launcher.
  saw('Signal: Segmentation fault', 'openmpi', /^\[[\w.-]{1,128}:(\d{1,10})\] Signal: Segmentation fault \(11\)/),
  saw(
    'exited on signal 11',
    'mpirun',
    /\bprocess rank \d{1,9} with PID (\d{1,10}) on node \S{1,255} exited on signal 11 \(Segmentation fault/,
  ),
  saw('(signal 11)', 'mpirun', /\bTERMINATED WITH THE EXIT STRING: Segmentation fault \(signal 11\)/),
  // Android's C library and debugger, macOS's reporter, JetBrains' console.
  saw('Fatal signal 11', 'android', /\bFatal signal 11 \(SIGSEGV\)(?:.{0,200}, pid (\d{1,10}) \()?/),
  saw(
    'signal 11 (SIGSEGV), code',
    'android',
    /(?:^|: |\) )signal 11 \(SIGSEGV\), code -?\d{1,3} \(SEGV_\w{2,8}\), fault addr /,
  ),
  saw('EXC_BAD_ACCESS', 'macos', /^Exception Type: {2,20}EXC_BAD_ACCESS(?: \(SIGSEGV\)|\s{0,4}$)/),
  saw('signal 11: SIGSEGV)', 'a parent', /\(interrupted by signal 11: ?SIGSEGV\)/),
  saw('SIGSEGV: invalid memory', 'cargo', /\(signal: 11, SIGSEGV: invalid memory reference\)/),
  saw('signal SIGSEGV', 'npm', /^npm (?:ERR!|error) signal SIGSEGV\s{0,4}$/),
  // A handler of the program's own: `Received signal 11 SEGV_MAPERR`, `*** Caught signal (Segmentation fault) **`.
  saw(
    'ignal',
    'a handler',
    /^(?!.{0,400}\b(?:[Ii]f|[Ww]hen|means?|indicates?)\b).{0,300}?\b(?:[Rr]eceived|[Cc]aught|[Gg]ot)(?: a)?(?: fatal)? signal:? ?(?:\(?Segmentation fault\b|\(?11\b(?!\.\d)|\(?SIGSEGV\b)/,
  ),
  // Any parent.
  saw('SIGSEGV', 'a parent', new RegExp(String.raw`${ENDED}["'<([]{0,2}(?:Signals\.)?SIGSEGV\b${NO_REASON}`)),
  saw('signal', 'a parent', new RegExp(String.raw`${ENDED}(?<=signal:? )["'(]?11\b(?![%]|\.\d)${NO_REASON}`)),
  saw(
    '-11',
    'a parent',
    /(?:\b(?:exit|return) ?(?:status|code)(?: was)?|\bexitcode|\bexited unexpectedly \(code)["']?:? {0,2}-11(?![\d-]|\.\d| (?:is|means?)\b)/,
  ),
  {
    needle: 'xit',
    reporter: 'a parent',
    pattern: /\b[Ee]xit(?:ed)?(?: with)?(?: ?code| ?status)?:? (?:-1073741819|3221225477|0x[cC]0000005)\b/,
    seenAs: 'status',
  },
]
