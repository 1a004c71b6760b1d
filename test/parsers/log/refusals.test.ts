import { describe, expect, it } from 'vitest'
import { appMessagesRecognizer } from '../../../src/parsers/log/programs/appMessages.ts'
import { diskRecognizer } from '../../../src/parsers/log/programs/disk.ts'
import { enomemRecognizer } from '../../../src/parsers/log/programs/enomem.ts'
import { forkErrorsRecognizer } from '../../../src/parsers/log/programs/forkErrors.ts'
import { recognize } from './recognize.ts'

describe('memory that the system refused (errno 12)', () => {
  it.each([
    ['bash: fork: Cannot allocate memory', { program: 'bash', call: 'fork' }],
    ["# Can't save in background: fork: Cannot allocate memory", { program: 'redis', call: 'fork' }],
    ['LOG:  could not fork new process for connection: Cannot allocate memory', { program: 'postgres', call: 'fork' }],
    ['ERROR:  out of memory', { program: 'postgres', call: 'memory' }],
    [
      'DETAIL:  Failed on request of size 8192 in memory context "ExprContext".',
      { program: 'postgres', requestedBytes: 8192 },
    ],
    ['mysqld: Out of memory (Needed 128884 bytes)', { program: 'mysqld', requestedBytes: 128_884 }],
    ['2026-01-01 InnoDB: Cannot allocate memory for the buffer pool', { program: 'mysqld' }],
    [
      'PHP Fatal error:  Out of memory (allocated 2097152 bytes) (tried to allocate 20480 bytes) in /a.php on line 1',
      { program: 'php', requestedBytes: 20_480 },
    ],
    ['mmap() failed: [12] Cannot allocate memory', { program: 'php' }],
    ['Out of memory!', { program: 'perl' }],
    ['bash: xrealloc: cannot allocate 18446744071562067968 bytes', { program: 'bash', requestedBytes: null }],
    ['sort: memory exhausted', { program: 'sort' }],
    ['[crit] 9#9: *1 malloc(4096) failed (12: Cannot allocate memory)', { call: 'memory' }],
    ['OSError: [Errno 12] Cannot allocate memory', { call: 'memory' }],
    ['Error: spawn ENOMEM', { call: 'fork' }],
    ['Error: spawn /usr/bin/git ENOMEM', { call: 'fork' }],
    ['fork/exec /usr/bin/git: cannot allocate memory', { call: 'fork' }],
    [
      'fatal: Out of memory, malloc failed (tried to allocate 1048576 bytes)',
      { program: 'git', requestedBytes: 1_048_576 },
    ],
    ['# There is insufficient memory for the Java Runtime Environment to continue.', { program: 'java' }],
    [
      '# Native memory allocation (mmap) failed to map 12288 bytes for committing reserved memory.',
      { program: 'java', requestedBytes: 12_288 },
    ],
    [
      "OpenJDK 64-Bit Server VM warning: INFO: os::commit_memory(0x0, 1, 0) failed; error='Cannot allocate memory' (errno=12)",
      { program: 'java' },
    ],
    ['Could not reserve enough space for 8388608KB object heap', { program: 'java', requestedBytes: 8_388_608 * 1024 }],
    ['9:M 01 Jan 2026 00:00:00.000 # Out Of Memory allocating 4096 bytes!', { program: 'redis' }],
    [
      'cc1plus: out of memory allocating 65536 bytes after a total of 1 bytes',
      { program: 'cc1plus', requestedBytes: 65_536 },
    ],
  ])('%s', (text, expected) => {
    expect(recognize(enomemRecognizer, [text])).toMatchObject([{ type: 'enomem', ...expected }])
  })

  it.each([
    'Out of memory: Killed process 7 (node) total-vm:1kB, anon-rss:1kB',
    'bash: fork: retry: Resource temporarily unavailable',
    'RangeError: Array buffer allocation failed',
    'shm_open: No space left on device',
    'ERROR:  out of shared memory',
    'the docs say Cannot allocate memory happens when overcommit is 2',
    'See ENOMEM in the manual',
    'CUDA out of memory. Tried to allocate 2.00 GiB',
    'Worker (pid:7) was sent SIGKILL! Perhaps out of memory?',
  ])('is not in: %s', (text) => expect(recognize(enomemRecognizer, [text])).toEqual([]))

  it.each([
    [['ERROR:  out of memory', 'DETAIL:  Failed on request of size 8192 in memory context "ExprContext".'], 8192],
    [
      [
        'mmap() failed: [12] Cannot allocate memory',
        'PHP Fatal error:  Out of memory (allocated 2097152) (tried to allocate 20480 bytes) in /a.php on line 1',
      ],
      20_480,
    ],
    [
      [
        '# There is insufficient memory for the Java Runtime Environment to continue.',
        '# Native memory allocation (mmap) failed to map 12288 bytes for committing reserved memory.',
      ],
      12_288,
    ],
  ])('is one refusal in two lines: %j', (texts, requestedBytes) => {
    expect(recognize(enomemRecognizer, texts)).toMatchObject([
      { repeats: 1, requestedBytes, cited: [{ line: 1 }, { line: 2 }] },
    ])
  })

  it('is one event however often it is repeated within a minute', () => {
    const events = recognize(
      enomemRecognizer,
      Array.from({ length: 100 }, () => 'bash: fork: Cannot allocate memory'),
    )
    expect(events).toMatchObject([{ repeats: 100 }])
    expect(events[0]?.cited.length).toBeLessThanOrEqual(8)
  })
})

describe('processes and threads that were refused', () => {
  it.each([
    ['-bash: fork: retry: Resource temporarily unavailable', { program: 'bash', call: 'fork', errno: 'EAGAIN' }],
    ['Error: spawn git EAGAIN', { call: 'fork', errno: 'EAGAIN' }],
    ['bash: fork: Cannot allocate memory', { call: 'fork', errno: 'ENOMEM' }],
    ["RuntimeError: can't start new thread", { call: 'thread', errno: null }],
    ['runtime: failed to create new OS thread (have 12 already; errno=11)', { call: 'thread', errno: 'EAGAIN' }],
    ['fatal: fork of unprivileged child failed', { call: 'fork', errno: null }],
    ['java.io.IOException: Cannot run program "git": error=11, Resource temporarily unavailable', { errno: 'EAGAIN' }],
  ])('%s', (text, expected) => {
    expect(recognize(forkErrorsRecognizer, [text])).toMatchObject([{ type: 'fork-refused', ...expected }])
  })

  it.each([
    'read: Resource temporarily unavailable',
    'connect() to unix:/run/php.sock failed (11: Resource temporarily unavailable)',
    'EAGAIN',
    'a fork of the project',
  ])('are not in: %s', (text) => expect(recognize(forkErrorsRecognizer, [text])).toEqual([]))
})

describe('a full disk', () => {
  it.each([
    ['cp: error writing /var/a: No space left on device', { cause: 'no-space', path: '/var/a', program: 'cp' }],
    ["Error: ENOSPC: no space left on device, write '/srv/a'", { cause: 'no-space' }],
    [
      'ERROR:  could not extend file "base/16384/2619": No space left on device',
      { cause: 'no-space', path: 'base/16384/2619' },
    ],
    ['npm ERR! code ENOSPC', { cause: 'no-space' }],
    ['Error: ENOSPC, write', { cause: 'no-space' }],
    ["  errno: -28, code: 'ENOSPC', syscall: 'write'", { cause: 'no-space' }],
    ['write failed: disk error (ENOSPC)', { cause: 'no-space' }],
    ["OSError: [Errno 28] No space left on device: '/tmp/a'", { cause: 'no-space', path: '/tmp/a' }],
    ['tee: /home/a: Disk quota exceeded', { cause: 'quota', path: '/home/a' }],
    [
      '(error) MISCONF Redis is configured to save RDB snapshots, but it is currently not able to persist on disk.',
      { cause: 'redis-snapshot' },
    ],
    [
      'flood stage disk watermark [95%] exceeded on [k3hTq1][search-2][/srv/search/nodes/0] free: 3gb[4.3%], all indices',
      { cause: 'flood-stage' },
    ],
  ])('%s', (text, expected) => {
    expect(recognize(diskRecognizer, [text])).toMatchObject([{ type: 'disk-full', ...expected }])
  })

  it.each([
    'inotify_add_watch failed: No space left on device',
    "Error: ENOSPC: System limit for number of file watchers reached, watch '/srv'",
    'shm_open failed: No space left on device',
    'the message No space left on device appears when',
    "fails if yum prints 'No space left on device' because there is none",
    'break out of the loop on ENOSPC, then go on',
    'EDQUOT Disk quota exceeded (POSIX.1-2001).',
  ])('is not in: %s', (text) => expect(recognize(diskRecognizer, [text])).toEqual([]))
})

describe("a program's own words", () => {
  it.each([
    ["OOM command not allowed when used memory > 'maxmemory'.", { app: 'redis', what: 'own-limit' }],
    ['torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB.', { what: 'gpu' }],
    [
      'CircuitBreakingException: [parent] Data too large, data for [<http_request>] would be [1/1b], which is larger than the limit of [510027366/486.3mb]',
      { app: 'elasticsearch', limitBytes: 510_027_366 },
    ],
    ['Code: 241. DB::Exception: Memory limit (total) exceeded: would use 3.50 GiB', { app: 'clickhouse' }],
    [
      '[PM2][WORKER] Process 0 restarted because it exceeds --max-memory-restart value (current_memory=9 max_memory_limit=209715200 [octets])',
      { app: 'pm2', what: 'restart-limit', limitBytes: 209_715_200 },
    ],
    ['low memory: 871,566,307 KiB available', { what: 'self-check', statedAvailableBytes: 871_566_307 * 1024 }],
    [
      '[Nest] 390  - 11/23/2026, 3:26:44 PM   ERROR [QueueProcessor] FATAL: Memory exhaustion detected',
      { what: 'self-check', statedAvailableBytes: null },
    ],
  ])('%s', (text, expected) => {
    expect(recognize(appMessagesRecognizer, [text])).toMatchObject([{ type: 'app-message', ...expected }])
  })

  it.each([
    'we talked about out of memory situations',
    'ERROR:  out of memory',
    'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory',
    'ERROR java.lang.OutOfMemoryError: Java heap space',
    'Memory cgroup out of memory: Killed process 9 (a) total-vm:1kB',
    '[ERROR] Worker (pid:7) was sent SIGKILL! Perhaps out of memory?',
    'Main process exited, code=exited, status=1/FAILURE',
    'memory usage 40 %',
    '# WARNING overcommit_memory is set to 0! Background save may fail under low memory condition.',
    '# WARNING Memory overcommit must be enabled! Without it, a background save or replication may fail under low memory condition.',
  ])('are not: %s', (text) => expect(recognize(appMessagesRecognizer, [text])).toEqual([]))

  it.each(['kernel', 'earlyoom', 'systemd-oomd', 'sudo'])('are not those of %s', (source) => {
    expect(recognize(appMessagesRecognizer, ['ERROR low memory detected'], { source })).toEqual([])
  })
})
