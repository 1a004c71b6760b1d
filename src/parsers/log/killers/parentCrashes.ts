import { ENDED, endedWith, NO_REASON } from './parentSightings.ts'
import { onProgress } from './progress.ts'
import type { Sighting } from './sighting.ts'

/** The title of a bug in a list of changes: `545457 gdmsetup crashed with SIGSEGV in g_mount()`. */
const NO_BUG = String.raw`^(?!\s{0,8}(?:[-*] )?(?:[Bb]ug |#|LP: ?#?|rhbz#?)?\d{4,8} )`

/**
 * Parents of any name about a child that ended by SIGSEGV, in the words in which they tell of SIGKILL as well: first who
 * saw the signal, then who saw the number 139.
 */
export const PARENT_CRASHES: readonly Sighting[] = [
  {
    needle: '+++ killed by SIGSEGV',
    reporter: 'strace',
    pattern: /^(?:(?:\[pid {1,4})?(\d{1,10})\]? {1,4})?\+\+\+ killed by SIGSEGV\b/,
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
    needle: '"errorCode":139',
    reporter: 'chrome',
    pattern: /"Target\.targetCrashed".{0,300}"errorCode":139\b/,
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
    needle: 'terminated by signal SIGSEGV',
    reporter: 'fish',
    pattern: /^fish: (?:Process (\d{1,10}), |Job )\S.{0,400} terminated by signal SIGSEGV\b/,
    seenAs: 'signal',
  },
  {
    needle: 'received a segmentation fault.',
    reporter: 'apt',
    pattern: /\bSub-process \S{1,200} received a segmentation fault\./,
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
    needle: 'Segmentation fault',
    reporter: 'make',
    pattern: /^make(?:\[\d{1,3}\])?: \*\*\* .{1,400} Segmentation fault(?: \(core dumped\))?\s{0,4}$/,
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
    reporter: 'shell',
    pattern: onProgress(String.raw`Segmentation fault(?: \(core dumped\))?`),
    seenAs: 'signal',
  },
  {
    needle: 'interrupted by signal 11',
    reporter: 'a parent',
    pattern: /\binterrupted by signal 11: SIGSEGV\b/,
    seenAs: 'signal',
  },
  {
    needle: 'SIGSEGV',
    reporter: 'node',
    pattern: /^PID (\d{1,10}) received SIGSEGV for address: 0x/,
    seenAs: 'signal',
  },
  {
    needle: 'signal: segmentation fault',
    reporter: 'a parent',
    pattern: /(?::|="?) ?signal: segmentation fault\b/,
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
    needle: 'due to signal 11',
    reporter: 'a parent',
    pattern: /\b(?:died|failed|terminated|exited|crashed) due to signal 11\b/,
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
  // A negative status is a signal's number where no shell stands between, as Python's subprocess has it.
  {
    needle: '-11',
    reporter: 'a parent',
    pattern:
      /(?:\b(?:exit|status|return)(?:ed)? ?(?:status|code)(?: was)?|\b(?:exited|terminated) with (?:exit )?(?:code|status)|\bexitcode|"rc"|\bexited unexpectedly \(code|^Command ".{1,4000}" failed with error code)["']?:? {0,2}-11(?![\d-]|\.\d| (?:is|means?)\b)/,
    seenAs: 'signal',
  },
  // Windows: an access violation, as it is or as a number without a sign.
  {
    needle: '1073741819',
    reporter: 'a parent',
    pattern: /\b[Ee]xit(?:ed)?(?: with)?(?: ?code| ?status)?:? -1073741819\b/,
    seenAs: 'status',
  },
  {
    needle: '3221225477',
    reporter: 'a parent',
    pattern: /\b[Ee]xit(?:ed)?(?: with)?(?: ?code| ?status)?:? 3221225477\b/,
    seenAs: 'status',
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
  {
    needle: 'Exited (139) ',
    reporter: 'docker',
    pattern: /^\S{1,128} {2,}\S.{0,400} {2,}Exited \(139\) .{1,30} ago\b/,
    seenAs: 'status',
  },
  { needle: '139', reporter: 'a parent', pattern: endedWith('139'), seenAs: 'status' },
]
