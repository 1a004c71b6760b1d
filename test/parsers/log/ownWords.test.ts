import { describe, expect, it } from 'vitest'
import type { LogEvent } from '../../../src/parsers/log/events.ts'
import type { LogLine } from '../../../src/parsers/log/lines/line.ts'
import { readLines } from '../../../src/parsers/log/lines/reader.ts'
import { recognizers } from '../../../src/parsers/log/registry.ts'

/** What all recognizers say of one text. */
const eventsIn = (text: string): readonly LogEvent[] => {
  const readings = recognizers.map((recognizer) => recognizer.start())
  readLines(text, (line: LogLine) => readings.forEach((reading) => reading.accept(line)))
  return readings.flatMap((reading) => reading.finish())
}

describe('programs that were refused memory, in their own words', () => {
  it.each([
    ['rsync error: error allocating core memory buffers (code 22) at util2.c(102) [sender=3.2.7]', 'rsync', null],
    ['PANIC: unprotected error in call to Lua API (not enough memory)', 'lua', null],
    [
      'RuntimeError: DefaultCPUAllocator: not enough memory: you tried to allocate 8589934592 bytes.',
      'python',
      8_589_934_592,
    ],
    ['Error: cannot allocate memory block of size 134217728 Tb', 'R', null],
    ['Error in readRDS(file) : cannot allocate buffer', 'R', null],
    ["error: out of memory or dimension too large for Octave's index type", 'octave', null],
    ['ERROR 1037 (HY001): Out of memory; restart server and try again (needed 65536 bytes)', 'mysqld', 65_536],
    ["[Warning] Can't create thread to handle new connection (errno= 12)", 'mysqld', null],
    ['sshd[4411]: fatal: xmalloc: out of memory (allocating 1024 bytes)', null, 1024],
    ['psql: error: out of memory for query result', 'psql', null],
    ['ghc: out of memory (requested 1048576 bytes)', 'ghc', 1_048_576],
    ['[crit] Memory allocation failed, aborting process.', 'httpd', null],
    ["convert: memory allocation failed `a.png' @ error/png.c/MagickPNGErrorHandler/1643.", 'imagemagick', null],
    ['ERROR 2024-05-08 11:04:02,118 [shard 0] seastar_memory - Failed to allocate 131072 bytes', 'scylla', 131_072],
    ["LibClamAV Error: cli_malloc(): Can't allocate memory (1048576 bytes).", 'clamav', 1_048_576],
    ['<jemalloc>: Error in malloc(): out of memory', null, null],
    ['ggml_aligned_malloc: insufficient memory (attempted to allocate 4096.00 MB)', 'llama.cpp', null],
    ['Failed to create CoreCLR, HRESULT: 0x8007000E', 'dotnet', null],
    ['Error: Garbage collector could not allocate 16384 bytes of memory for major heap section.', 'mono', 16_384],
    ['java.lang.OutOfMemoryError: native memory exhausted', 'java', null],
    ['java.io.IOException: Map failed', 'java', null],
    ['-bash: fork: Not enough space', null, null],
    ['OSError: [Errno 12] Out of memory', null, null],
    ['-bash: fork: 无法分配内存', 'bash', null],
    ['bash: fork: Nicht genügend Hauptspeicher verfügbar', 'bash', null],
    ['bash: fork: No se pudo asignar memoria', 'bash', null],
  ])('%s', (text, program, requestedBytes) => {
    const found = eventsIn(text)
    expect(found.map((event) => event.type)).toContain('enomem')
    const refusal = found.find((event) => event.type === 'enomem')
    if (requestedBytes !== null) expect(refusal).toMatchObject({ requestedBytes })
    if (program !== null) expect(refusal).toMatchObject({ program })
  })
})

describe('programs that met a limit of their own', () => {
  it.each([
    ['Requested 200000x200000 (298.0GB) array exceeds maximum array size preference (15.7GB).', 'matlab'],
    ['??? Out of memory. Type HELP MEMORY for your options.', 'matlab'],
    ['  Reached total allocation of 4095Mb: see help(memory.size)', 'R'],
    ['System.InsufficientMemoryException: Failed to allocate a managed memory buffer of 268435456 bytes.', 'dotnet'],
    ['child process exiting after exceeding memory limit (204800KiB / 200000KiB)', 'celery'],
    ['ray.exceptions.OutOfMemoryError: Task was killed due to the node running low on memory.', 'ray'],
    [
      '#<Unicorn::HttpServer:0x00007f>: worker (pid: 4411) exceeds memory limit (214748364.8 bytes > 209715200 bytes)',
      'unicorn',
    ],
    ['Warning Not enough free shared space to allocate 20480 bytes (10240 bytes free)', 'php'],
    ['panic(main thread): Out of memory', 'bun'],
    ["Renderer process gone: { reason: 'oom', exitCode: -536870904 }", 'electron'],
    ['     Context:          maximum heap size reached', 'erlang'],
    ['vm_memory_high_watermark set. Memory used:1104204520 allowed:858993459', 'rabbitmq'],
    [
      'MongoServerError: PlanExecutor error :: caused by :: Sort exceeded memory limit of 104857600 bytes, but did not opt in',
      'mongod',
    ],
    ['ERROR 1038 (HY001): Out of sort memory, consider increasing server sort buffer size', 'mysqld'],
    ['ERROR:  out of shared memory', 'postgres'],
    ["redis.exceptions.OutOfMemoryError: command not allowed when used memory > 'maxmemory'.", 'redis'],
    ['SparkOutOfMemoryError: Unable to acquire 65536 bytes of memory, got 0', 'spark'],
    [
      "Container [pid=4411,containerID=c_1] is running 104857600B beyond the 'PHYSICAL' memory limit. Current usage: 4.1 GB",
      'yarn',
    ],
    ['Query killed because the cluster is out of memory. Please try again in a few minutes.', 'trino'],
    ['ERROR 1105 (HY000): Out Of Memory Quota![conn_id=4411]', 'tidb'],
    [
      'DB::Exception: (total) memory limit exceeded: would use 28.21 GiB (attempt to allocate chunk of 4.00 MiB bytes)',
      'clickhouse',
    ],
    ['Exceeded hard memory limit of 256 MB with 260 MB after servicing 12 requests total.', 'app engine'],
    ['Heap exhausted during allocation: 1048576 bytes available, 8388624 requested.', 'sbcl'],
    ['==4411== ERROR: libFuzzer: out-of-memory (used: 2048Mb; limit: 2048Mb)', 'libfuzzer'],
    ['slurmstepd: error: Job 4411 exceeded virtual memory limit (14204520 > 4194304), being killed', 'slurm'],
    [
      'Hold reason: Job has gone over cgroup memory limit of 2048 megabytes. Last measured usage: 2047 megabytes.',
      'htcondor',
    ],
  ])('%s', (text, app) => {
    expect(eventsIn(text)).toMatchObject([{ type: 'app-message', app }])
  })
})

describe('runtimes', () => {
  it.each([
    ['java.lang.OutOfMemoryError: Garbage-collected heap size exceeded.', { type: 'jvm-oom', pool: 'heap' }],
    [
      'The Daemon will expire after the build after running out of JVM Metaspace.',
      { type: 'jvm-oom', pool: 'metaspace' },
    ],
    [
      "> Not enough memory to run compilation. Try to increase it via 'gradle.properties':",
      { type: 'jvm-oom', pool: 'heap' },
    ],
    [
      'java.lang.OutOfMemoryError: Failed to create a thread: retVal -1073741830, errno 11',
      { type: 'jvm-native-thread' },
    ],
    [
      'Failed to start thread "Unknown thread" with pthread_create (EAGAIN) for attributes: stacksize: 1024k',
      { type: 'jvm-native-thread' },
    ],
    ['fatal error: runtime: cannot reserve arena virtual address space', { type: 'go-oom', addressSpace: true }],
    ['fatal runtime error: out of memory', { type: 'rust-alloc', requestedBytes: null }],
    ['pyarrow.lib.ArrowMemoryError: malloc of size 8589934592 failed', { type: 'python-memoryerror' }],
    [
      "ERROR 1135 (HY000): Can't create a new thread (errno 11); if you are not out of available memory",
      { type: 'fork-refused', errno: 'EAGAIN' },
    ],
    ['bash: fork: retry: 资源暂时不可用', { type: 'fork-refused', errno: 'EAGAIN' }],
    [
      'Work-horse terminated unexpectedly; waitpid returned 9 (signal 9); )',
      { type: 'process-killed', reporter: 'rq' },
    ],
    ['provider: plugin process exited: path=.terraform/x pid=4411 error="signal: killed"', { type: 'process-killed' }],
  ])('%s', (text, event) => {
    expect(eventsIn(text)).toMatchObject([event])
  })
})

describe('neighbours that tell of nothing', () => {
  it.each([
    'Maximum variable size allowed by your editor is not a limit of memory',
    'MATLAB: see "Requested array exceeds maximum array size" in the documentation',
    'memory resource limit alarm cleared on node rabbit@a',
    'Background saving terminated with success',
    'Child 411 (agetty) died (code=killed, status=15/TERM)',
    "Kill 'em all (1983), uid 3, adj 4",
    'I/ActivityManager( 1512): Killing 15320:com.foo.bar/u0a155 (adj 905): empty #17',
    'run.sh: line 3:  8156 Terminated              ./a.out',
    '| exit code | meaning |',
    '| 137 | FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory means the heap |',
    '2026-11-12 09:15:02.118 | INFO     | app.main:run:12 - kernel: all is well',
    'The state OUT_OF_MEMORY is explained in the manual of sacct',
    'Query killed by user',
    'UVM: pid 3184 (firefox), uid 1000 killed: signal 11',
    'memorystatus: killing_idle_process pid 386 [wallpaperexportd]',
    'panic(main thread): index out of bounds: index 4, len 4',
    "reason: 'clean-exit', exitCode: 0",
    'Out of memory; see chapter 4',
  ])('%s', (text) => {
    expect(eventsIn(text)).toEqual([])
  })
})
