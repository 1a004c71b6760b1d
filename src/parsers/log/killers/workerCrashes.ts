import type { Sighting } from './sighting.ts'

/** Servers, pools and supervisors about a worker of theirs that ended by SIGSEGV. */
export const WORKER_CRASHES: readonly Sighting[] = [
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
    needle: 'signo=SIGSEGV(11)',
    reporter: 'passenger',
    pattern: /\[ pid=(\d{1,10})\b[^\]]{0,80}\] Process aborted! signo=SIGSEGV\(11\)/,
    seenAs: 'signal',
  },
  {
    needle: '(by signal 11)',
    reporter: 's6',
    pattern: /\bexited (?:with code )?256 \(by signal 11\)/,
    seenAs: 'signal',
  },
  {
    needle: 'Container terminated on signal 11',
    reporter: 'cloud run',
    pattern: /\bContainer terminated on signal 11\b/,
    seenAs: 'signal',
  },
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
    needle: 'terminated by SIGSEGV',
    reporter: 'supervisord',
    pattern: /exited: .{1,200} \(terminated by SIGSEGV/,
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
    needle: 'Segmentation fault',
    reporter: 'slurm',
    pattern: /^srun: error: \S{1,255}: tasks? [\d,-]{1,200}: Segmentation fault\b/,
    seenAs: 'signal',
  },
  {
    needle: 'was sent code 139!',
    reporter: 'gunicorn',
    pattern: /Worker \(pid: ?(\d{1,10})\) was sent code 139!/,
    seenAs: 'status',
  },
  {
    needle: 'exited with code 139',
    reporter: 'haproxy',
    pattern: /\bworker (?:#\d{1,5} )?\((\d{1,10})\) exited with code 139\b/,
    seenAs: 'status',
  },
]
