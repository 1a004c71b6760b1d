import type { Sighting } from './sighting.ts'

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
    needle: 'terminated due to signal 11',
    reporter: 'gunicorn',
    pattern: /Worker with pid (\d{1,10}) was terminated due to signal 11\b/,
    seenAs: 'signal',
  },
  {
    needle: 'SIGSEGV',
    reporter: 'node',
    pattern: /^PID (\d{1,10}) received SIGSEGV for address: 0x/,
    seenAs: 'signal',
  },
  {
    needle: 'Segmentation fault',
    reporter: 'a crash handler',
    pattern:
      /\*\*\* Caught signal \(Segmentation fault\) \*\*|^Caught Segmentation fault, suspect faulting address|^srun: error: \S{1,255}: tasks? [\d,-]{1,200}: Segmentation fault\b/,
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
    needle: 'terminated by signal SIGSEGV',
    reporter: 'fish',
    pattern: /^fish: (?:Process (\d{1,10}), |Job )\S.{0,400} terminated by signal SIGSEGV\b/,
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
    needle: 'Exited (139) ',
    reporter: 'docker',
    pattern: /^\S{1,128} {2,}\S.{0,400} {2,}Exited \(139\) .{1,30} ago\b/,
    seenAs: 'status',
  },
]
