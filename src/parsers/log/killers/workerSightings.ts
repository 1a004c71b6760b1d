import type { Sighting } from './sighting.ts'

/** Servers and pools about a worker of theirs that ended by SIGKILL. */
export const WORKER_SIGHTINGS: readonly Sighting[] = [
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
  { needle: 'Negsignal.SIGKILL', reporter: 'airflow', pattern: /return code Negsignal\.SIGKILL\b/, seenAs: 'signal' },
  { needle: 'return code -9', reporter: 'airflow', pattern: /Task exited with return code -9\b/, seenAs: 'signal' },
  {
    needle: 'signal_name="SIGKILL"',
    reporter: 'airflow',
    pattern: /\bProcess terminated by signal\b.{0,400} signal=-9 process_pid=(\d{1,10}) signal_name="SIGKILL"/,
    seenAs: 'signal',
  },
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
    needle: 'with signal SIGKILL',
    reporter: 'fluentd',
    pattern: /\bWorker \d{1,4} (?:finished|exited) unexpectedly with signal SIGKILL\b/,
    seenAs: 'signal',
  },
  {
    needle: 'is killed by signal: Killed',
    reporter: 'pytorch',
    pattern: /DataLoader worker \(pid(?:\(s\))? (\d{1,10})\) is killed by signal: Killed\b/,
    seenAs: 'signal',
  },
  {
    needle: '(exitcode: -9)',
    reporter: 'pytorch',
    pattern: /\bfailed \(exitcode: -9\) local_rank: \d{1,6} \(pid: (\d{1,10})\)/,
    seenAs: 'signal',
  },
  {
    needle: 'Signal 9 (SIGKILL) received by PID',
    reporter: 'pytorch',
    pattern: /\bSignal 9 \(SIGKILL\) received by PID (\d{1,10})\b/,
    seenAs: 'signal',
  },
  {
    needle: 'SIGKILL(-9)',
    reporter: 'joblib',
    pattern: /\bexit codes of the workers are \{[^}]{0,200}\bSIGKILL\(-9\)/,
    seenAs: 'signal',
  },
  {
    needle: 'exited on signal 9 (Killed)',
    reporter: 'mpirun',
    pattern: /\bprocess rank \d{1,9} with PID (\d{1,10}) on node \S{1,255} exited on signal 9 \(Killed\)/,
    seenAs: 'signal',
  },
  { needle: 'died signal=9', reporter: 'varnish', pattern: /^Child \((\d{1,10})\) died signal=9\b/, seenAs: 'signal' },
  {
    needle: 'exited with code 137',
    reporter: 'haproxy',
    pattern: /\bworker (?:#\d{1,5} )?\((\d{1,10})\) exited with code 137\b/,
    seenAs: 'status',
  },
  {
    needle: 'termsig: 9',
    reporter: 'solid_queue',
    pattern: /\bpid: (\d{1,10}), .{0,200}\bsignaled: true, .{0,80}\btermsig: 9\b/,
    seenAs: 'signal',
  },
  {
    needle: 'waitpid returned 9',
    reporter: 'rq',
    pattern: /\b[Ww]ork-horse (?:process )?(?:was )?terminated unexpectedly;? \(?waitpid returned 9\b/,
    seenAs: 'signal',
  },
  {
    needle: 'terminated by signal 9',
    reporter: 'redis',
    pattern: /\bBackground (?:saving|AOF rewrite) terminated by signal 9\b/,
    seenAs: 'signal',
  },
]
