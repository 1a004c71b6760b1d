import { describe, expect, it } from 'vitest'
import { cppRecognizer } from '../../../src/parsers/log/programs/cpp.ts'
import { golangRecognizer } from '../../../src/parsers/log/programs/golang.ts'
import { jvmRecognizer } from '../../../src/parsers/log/programs/jvm.ts'
import { phpRecognizer } from '../../../src/parsers/log/programs/php.ts'
import { phpFpmRecognizer } from '../../../src/parsers/log/programs/phpFpm.ts'
import { pythonRecognizer } from '../../../src/parsers/log/programs/python.ts'
import { rustRecognizer } from '../../../src/parsers/log/programs/rust.ts'
import { recognize } from './recognize.ts'

describe('the JVM', () => {
  it.each([
    ['Exception in thread "main" java.lang.OutOfMemoryError: Java heap space', { pool: 'heap', ending: null }],
    ['Caused by: java.lang.OutOfMemoryError: GC overhead limit exceeded', { pool: 'gc-overhead' }],
    ['java.lang.OutOfMemoryError: Metaspace', { pool: 'metaspace' }],
    ['java.lang.OutOfMemoryError: Compressed class space', { pool: 'class-space' }],
    ['java.lang.OutOfMemoryError: Requested array size exceeds VM limit', { pool: 'array-size' }],
    ['java.lang.OutOfMemoryError: Direct buffer memory', { pool: 'direct', limitBytes: null }],
    [
      'java.lang.OutOfMemoryError: Cannot reserve 1048576 bytes of direct buffer memory (allocated: 10485000, limit: 10485760)',
      { pool: 'direct', limitBytes: 10_485_760 },
    ],
    ['Terminating due to java.lang.OutOfMemoryError: Java heap space', { ending: 'exited' }],
    ['Aborting due to java.lang.OutOfMemoryError: Java heap space', { ending: 'aborted' }],
  ])('%s', (text, expected) => {
    expect(recognize(jvmRecognizer, [text])).toMatchObject([{ type: 'jvm-oom', ...expected }])
  })

  it.each([
    'java.lang.OutOfMemoryError: unable to create native thread: possibly out of memory or process/resource limits reached',
    'java.lang.OutOfMemoryError: unable to create new native thread',
    '[0.1s][warning][os,thread] Failed to start thread "Unknown thread" with pthread_create failed (EAGAIN) for attributes: stacksize: 1024k',
  ])('is refused a thread: %s', (text) => {
    expect(recognize(jvmRecognizer, [text])).toMatchObject([{ type: 'jvm-native-thread' }])
  })

  it('is one event with its causes, and remembers that the VM ended itself', () => {
    expect(
      recognize(jvmRecognizer, [
        'java.lang.OutOfMemoryError: Java heap space',
        '\tat com.example.Cache.put(Cache.java:7)',
        'Caused by: java.lang.OutOfMemoryError: Java heap space',
        'Terminating due to java.lang.OutOfMemoryError: Java heap space',
      ]),
    ).toMatchObject([{ ending: 'exited', repeats: 1, cited: [{ line: 1 }, { line: 3 }, { line: 4 }] }])
  })

  it.each([
    'if you see java.lang.OutOfMemoryError: Java heap space then raise -Xmx',
    'java.lang.StackOverflowError',
    '-XX:+ExitOnOutOfMemoryError',
  ])('is not in: %s', (text) => expect(recognize(jvmRecognizer, [text])).toEqual([]))
})

describe('PHP', () => {
  const TAIL =
    'Allowed memory size of 134217728 bytes exhausted (tried to allocate 65488 bytes) in /srv/web/a b.php on line 7'
  it.each([
    [`PHP Fatal error:  ${TAIL}`, 'php'],
    [`Fatal error: ${TAIL}`, 'php'],
    [`[pool www] child 9 said into stderr: "NOTICE: PHP message: PHP Fatal error:  ${TAIL}"`, 'php-fpm'],
    [
      `2026/11/23 10:00:00 [error] 9#9: *1 FastCGI sent in stderr: "PHP message: PHP Fatal error:  ${TAIL}" while reading`,
      'web-server',
    ],
  ])('%s', (text, teller) => {
    expect(recognize(phpRecognizer, [text])).toMatchObject([
      {
        type: 'php-limit',
        limitBytes: 134_217_728,
        triedBytes: 65_488,
        file: '/srv/web/a b.php',
        scriptLine: 7,
        teller,
      },
    ])
  })

  it('reads a debug build, whose line names its own source first', () => {
    expect(
      recognize(phpRecognizer, [
        'PHP Fatal error:  Allowed memory size of 1 bytes exhausted at /usr/src/zend_alloc.c:240 (tried to allocate 2 bytes) in /a.php:3',
      ]),
    ).toMatchObject([{ limitBytes: 1, file: '/a.php', scriptLine: 3 }])
  })

  it.each([
    'PHP Fatal error:  Out of memory (allocated 2097152) (tried to allocate 20480 bytes) in /a.php on line 1',
    'Allowed memory size of the pod is 1 GiB',
  ])('did not reach its limit in: %s', (text) => expect(recognize(phpRecognizer, [text])).toEqual([]))

  it.each([
    'server reached pm.max_children setting (2), consider raising it',
    'server reached max_children setting (2), consider raising it',
  ])('FPM: %s', (text) => {
    expect(recognize(phpFpmRecognizer, [`WARNING: [pool www] ${text}`])).toMatchObject([
      { type: 'php-fpm-children', pool: 'www', maxChildren: 2 },
    ])
  })

  it('FPM only hints when it seems busy', () => {
    expect(
      recognize(phpFpmRecognizer, [
        'WARNING: [pool www] seems busy (you may need to increase pm.start_servers, or pm.min/max_spare_servers), spawning 8 children',
      ]),
    ).toEqual([])
  })
})

describe('Python', () => {
  it('closes a traceback with MemoryError', () => {
    expect(
      recognize(pythonRecognizer, ['Traceback (most recent call last):', '  File "a.py", line 1', 'MemoryError']),
    ).toMatchObject([
      { type: 'python-memoryerror', hasTraceback: true, detail: null, cited: [{ line: 1 }, { line: 3 }] },
    ])
  })

  it.each([
    'numpy.core._exceptions._ArrayMemoryError: Unable to allocate 7.28 TiB for an array with shape (1000000, 1000000)',
    'numpy._core._exceptions._ArrayMemoryError: Unable to allocate 7.28 TiB for an array',
    'MemoryError: bad allocation',
  ])('names what it could not get: %s', (text) => {
    expect(recognize(pythonRecognizer, [text])).toMatchObject([{ hasTraceback: false, detail: expect.any(String) }])
  })

  it.each([
    'torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB',
    'except MemoryError:',
    'we caught a MemoryError and went on',
    '[CRITICAL] Worker (pid:7) was sent SIGKILL! Perhaps out of memory?',
  ])('is not in: %s', (text) => expect(recognize(pythonRecognizer, [text])).toEqual([]))
})

describe('Go, Rust and C++', () => {
  it('Go throws once, in two lines', () => {
    expect(
      recognize(golangRecognizer, [
        'runtime: out of memory: cannot allocate 4194304-byte block (66781184 in use)',
        'fatal error: out of memory',
      ]),
    ).toMatchObject([{ type: 'go-oom', requestedBytes: 4_194_304, inUseBytes: 66_781_184, repeats: 1 }])
  })

  it.each(['fatal error: runtime: out of memory', 'fatal error: failed to reserve page summary memory'])(
    '%s',
    (text) => {
      expect(recognize(golangRecognizer, [text])).toMatchObject([
        { type: 'go-oom', addressSpace: text.includes('reserve') },
      ])
    },
  )

  it.each([
    'runtime: goroutine stack exceeds 1000000000-byte limit',
    'fatal error: stack overflow',
    'panic: runtime error: makeslice: len out of range',
    'fatal error: out of memory is what you would see',
  ])('Go did not run out in: %s', (text) => expect(recognize(golangRecognizer, [text])).toEqual([]))

  it('Rust names the size', () => {
    expect(recognize(rustRecognizer, ['memory allocation of 4294967296 bytes failed'])).toMatchObject([
      { type: 'rust-alloc', requestedBytes: 4_294_967_296 },
    ])
    expect(recognize(rustRecognizer, ["thread 'main' panicked at 'capacity overflow'"])).toEqual([])
  })

  it.each([
    ["terminate called after throwing an instance of 'std::bad_alloc'", 1],
    ['libc++abi: terminating due to uncaught exception of type std::bad_alloc: std::bad_alloc', 1],
    ['libc++abi: terminating with uncaught exception of type std::bad_alloc', 1],
    ["terminate called after throwing an instance of 'std::length_error'", 0],
    ["terminate called after throwing an instance of 'std::bad_array_new_length'", 0],
    ['caught std::bad_alloc, going on', 0],
  ])('C++: %s gives %i', (text, count) => {
    expect(recognize(cppRecognizer, [text, '  what():  std::bad_alloc'])).toHaveLength(count)
  })
})
