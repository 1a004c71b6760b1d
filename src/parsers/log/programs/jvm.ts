import type { LogLine } from '../lines/line.ts'
import { mentions } from '../needles.ts'
import type { Recognizer } from '../recognizer.ts'
import type { JvmNativeThreadEvent, JvmOomEvent } from './runtimeEvents.ts'
import { foldingRecognizer, isKernelLine, numberOf, toldBy } from '../telling.ts'

/**
 * The JVM's OutOfMemoryError, JDK 6 to 24:
 *   java.lang.OutOfMemoryError: Java heap space
 *   Terminating due to java.lang.OutOfMemoryError: Java heap space      (exit 3)
 * When a pool is full many threads throw, and each trace repeats the text under `Caused by:`: one event.
 * What the system refused (`Native memory allocation … failed`) is the malloc-enomem recognizer's.
 */
const errors = foldingRecognizer<JvmOomEvent | JvmNativeThreadEvent>('jvm', (line) => read(line), {
  key: (event) => (event.type === 'jvm-oom' ? event.pool : event.type),
  isEcho: () => true,
  // Threads fail together within seconds; a trace with its causes is seldom longer than 200 lines. Arbitrary.
  within: { ms: 5000, lines: 200 },
  fold: (first, later) =>
    first.type === 'jvm-oom' && later.type === 'jvm-oom' && first.ending === null && later.ending !== null
      ? { ...first, ending: later.ending }
      : first,
})

export const jvmRecognizer: Recognizer = {
  id: errors.id,
  start: () => {
    const reading = errors.start()
    let before = ''
    return {
      accept: (line) => {
        const isHeading = BARE_POOL.test(line.text) && !ASKED.test(before) && !GRADLE_ARROW.test(line.raw)
        if (!isHeading) reading.accept(line)
        if (line.text.trim() !== '') before = line.text
      },
      finish: () => reading.finish(),
    }
  },
}

/** The pool's name alone on a line: Gradle's answer to `* What went wrong:`, or a heading of somebody's notes. */
const BARE_POOL = /^ {0,20}(?:Java heap space|GC overhead limit exceeded)\s{0,4}$/
const ASKED = /:\s{0,4}$|\(OutOfMemoryError\) at |\bExecution failed for |\bfailure occurred while /
const GRADLE_ARROW = / {2}> (?:Java heap|GC overhead)/

const NAME = 'java.lang.OutOfMemoryError: '

/** ART tells of the throw itself, in the words of the error that follows. */
const ART =
  /\bThrowing (?=OutOfMemoryError "(Failed to allocate an? \d{1,20} byte allocation with -?\d{1,20} free bytes and [^"]{1,200}))/

/** Build tools and libraries give the pool without the error's class. */
const WITHOUT_CLASS: readonly (readonly [JvmOomEvent['pool'], RegExp])[] = [
  [
    'heap',
    /^\[ERROR\] Java heap space -> \[Help \d\]|\bUncaught (?:fatal )?error from thread \[[^\]]{1,200}\](?:: | ?)Java heap space, shutting down|\bfatal error: OutOfMemory encountered: Java heap space\b|\bError: (?:Out of memory: |OutOfMemoryError:? )Java heap space\b|\bOut of memory\. Java heap space\b|\bGarbage-collected heap size exceeded\. Consider increasing the maximum Java heap size\b|\bJ9Allocate(?:Indexable)?Object\(\) returning NULL! \d{1,20} bytes requested\b/,
  ],
  [
    'gc-overhead',
    /^\[ERROR\] GC overhead limit exceeded -> \[Help \d\]|\bUncaught (?:fatal )?error from thread \[[^\]]{1,200}\](?:: | ?)GC overhead limit exceeded, shutting down|\bError: OutOfMemoryError:? GC overhead limit exceeded\b/,
  ],
  [
    'metaspace',
    /^\[ERROR\] Metaspace -> \[Help \d\]|\bUncaught (?:fatal )?error from thread \[[^\]]{1,200}\](?:: | ?)Metaspace, shutting down/,
  ],
]
const CLASSLESS_NEEDLE =
  / -> \[Help|, shutting down|OutOfMemory encountered|ut of memory[:.] Java heap|: OutOfMemoryError|Garbage-collected heap|\(\) returning NULL!|Throwing OutOfMemoryError/

const POOLS: readonly (readonly [JvmOomEvent['pool'], RegExp])[] = [
  [
    'heap',
    /^(?:Java heap space(?=\s{1,4}at [a-z][\w$]{0,40}\.)|Java heap space|bitmap size exceeds VM budget|\[memory exhausted\]|OutOfMemoryError thrown while trying to throw OutOfMemoryError; no stack trace available|Failed to allocate an? \d{1,20} byte allocation(?=\s{0,4}$)|Failed to allocate an? \d{1,20} byte allocation with -?\d{1,20} free bytes and -?\d{1,9}[KMG]?B until OOM|Garbage-collected heap size exceeded\.?(?: Consider increasing .{0,300})?)/,
  ],
  ['gc-overhead', /^GC overhead limit exceeded/],
  ['metaspace', /^(?:Metaspace|PermGen space)/],
  ['class-space', /^Compressed class space/],
  [
    'array-size',
    /^(?:Requested array size exceeds VM limit|Required array (?:length|size) too large|Required length exceeds implementation limit|UTF16 String size is \d{1,20}, should be less than \d{1,20}|Overflow: String length out of range)/,
  ],
  [
    'direct',
    /^(?:(?:Could not allocate enough memory segments for NetworkBufferPool .{0,200}Cause: )?Direct buffer memory|Cannot reserve \d{1,20} bytes of direct buffer memory \(allocated: \d{1,20}, limit: (\d{1,20})\))/,
  ],
]

/** Gradle, Hive and Dalvik tell of the failure without the error's name, and Gradle of its daemon's full pool. */
const GRADLE: readonly (readonly [JvmOomEvent['pool'], RegExp])[] = [
  [
    'heap',
    /^ {0,20}(?:> |FAILED: .{1,100} return code -?\d{1,6} from \S{1,200}\. )?Java heap space\s{0,4}$|\bDaemon\b.{0,60} (?:because JVM (?:heap space|Tenured space) is exhausted|after running out of JVM (?:heap space|Tenured space))/,
  ],
  ['heap', /^ {0,20}(?:> )?Not enough memory to run compilation\. Try to increase it via '/],
  ['heap', /^Out of memory on a \d{1,20}-byte allocation\.\s{0,4}$/],
  [
    'gc-overhead',
    /^ {0,20}(?:> |FAILED: .{1,100} return code -?\d{1,6} from \S{1,200}\. )?GC overhead limit exceeded\s{0,4}$/,
  ],
  ['metaspace', /\bDaemon\b.{0,60} (?:because JVM metaspace is exhausted|after running out of JVM metaspace)/i],
]
const GRADLE_NEEDLE =
  /Java heap space|GC overhead|JVM (?:heap space|[Mm]etaspace|Tenured space)|Not enough memory to run|^Out of memory on a \d/

/** Netty keeps its own account of direct memory. */
const NETTY =
  /OutOfDirectMemoryError: failed to allocate \d{1,20} byte\(s\) of direct memory \(used: \d{1,20}, max: (\d{1,20})\)/

/** EAGAIN is a limit on tasks, EPERM a filter of system calls; at its start the JVM then claims insufficient memory. */
const REFUSED_THREAD =
  /pthread_create (?:failed )?\((?:EAGAIN|EPERM)\)|\bFailed to start the native thread for java\.lang\.Thread\b|\bCannot create (?:[\w-]{1,20} ){0,3}thread\. Out of system resources/
/** OpenJ9 says `Failed to create a thread: retVal -1073741830, errno 11`. */
const NATIVE_THREAD =
  /^(?:unable to create (?:new )?native thread|Failed to create a thread: retVal |pthread_create \(\d{1,9}KB stack\) failed: |Could not allocate JNI Env)/

/** After the pool's name (Flink sets its advice behind it) the sentence is over; otherwise somebody writes about the error. */
const ENDS =
  /^(?:: failed reallocation of scalar replaced objects)?\s{0,8}(?:$| -> \[Help \d\]| {1,4}at [a-z][\w$]{0,40}\.|, target footprint \d|, max allowed footprint \d|\. The (?:metaspace|direct) out-of-memory error has occurred\b|-XX:|[;,"')\]\\<:]|\(|\r|\tat )/

/** The error alone: thrown without a message, while another was handled, or as OpenJ9 tells of its dump. */
const UNNAMED =
  /(?:^|: |" |"main" )(?:java\.lang\.OutOfMemoryError(?:\s{0,4}$| \(no error message\)| thrown from the UncaughtExceptionHandler in thread "))|\bProcessing dump event "(?:systhrow|throw|uncaught)", detail "(java\/lang\/OutOfMemoryError)"|\bVM is shutting down\. Reason: java\/lang\/OutOfMemoryError|^\s{0,8}detail "java\/lang\/OutOfMemoryError" at \d/

const unnamedOf = (line: LogLine): JvmOomEvent | null => {
  if (!UNNAMED.test(line.text) || isKernelLine(line)) return null
  return {
    type: 'jvm-oom',
    ...toldBy(line),
    pool: 'unnamed',
    detail: 'java.lang.OutOfMemoryError',
    ending: null,
    limitBytes: null,
  }
}

/** Words of which one stands in every line that is read here. */
const mayTell = mentions(
  'OutOfMemory',
  'OutOfDirectMemory',
  'pthread_create',
  'start the native thread',
  'Out of system resources',
  ' -> [Help',
  ', shutting down',
  'ut of memory',
  'Garbage-collected heap',
  '() returning NULL!',
  'Java heap space',
  'GC overhead',
  'JVM ',
  'Not enough memory to run',
)

const read = (line: LogLine): JvmOomEvent | JvmNativeThreadEvent | null => {
  const { text } = line
  if (!mayTell(text)) return null
  const at = text.indexOf(NAME)
  if (at === -1) {
    if (text.includes('/OutOfMemoryError') || text.includes('java.lang.OutOfMemoryError')) return unnamedOf(line)
    const netty = NETTY.exec(text.includes('OutOfDirectMemoryError') ? text : '')
    if (netty !== null && !isKernelLine(line)) {
      return {
        type: 'jvm-oom',
        ...toldBy(line),
        pool: 'direct',
        detail: netty[0],
        ending: null,
        limitBytes: numberOf(netty[1]),
      }
    }
    if (REFUSED_THREAD.test(text) && !isKernelLine(line)) return { type: 'jvm-native-thread', ...toldBy(line) }
    return (
      (CLASSLESS_NEEDLE.test(text) ? classlessOf(line) : null) ?? (GRADLE_NEEDLE.test(text) ? gradleOf(line) : null)
    )
  }
  if (isKernelLine(line)) return null
  const detail = text.slice(at + NAME.length, at + NAME.length + 300)
  if (NATIVE_THREAD.test(detail)) return { type: 'jvm-native-thread', ...toldBy(line) }
  for (const [pool, words] of POOLS) {
    const match = words.exec(detail)
    if (match === null || !ENDS.test(detail.slice(match[0].length))) continue
    return {
      type: 'jvm-oom',
      ...toldBy(line),
      pool,
      detail: match[0],
      ending: endingIn(text.slice(0, at)),
      limitBytes: numberOf(match[1]),
    }
  }
  return null
}

const classlessOf = (line: LogLine): JvmOomEvent | null => {
  if (isKernelLine(line)) return null
  const art = ART.exec(line.text)?.[1]
  const found = art === undefined ? WITHOUT_CLASS.find(([, words]) => words.test(line.text)) : undefined
  if (art === undefined && found === undefined) return null
  return {
    type: 'jvm-oom',
    ...toldBy(line),
    pool: found?.[0] ?? 'heap',
    detail: (art ?? found?.[1].exec(line.text)?.[0] ?? '').slice(0, 300),
    ending: null,
    limitBytes: null,
  }
}

const gradleOf = (line: LogLine): JvmOomEvent | null => {
  const found = GRADLE.find(([, words]) => words.test(line.text))
  if (found === undefined || isKernelLine(line)) return null
  const detail =
    found[0] === 'metaspace' ? 'Metaspace' : found[0] === 'heap' ? 'Java heap space' : 'GC overhead limit exceeded'
  return { type: 'jvm-oom', ...toldBy(line), pool: found[0], detail, ending: null, limitBytes: null }
}

const endingIn = (before: string): JvmOomEvent['ending'] => {
  if (before.includes('Terminating due to ')) return 'exited'
  return before.includes('Aborting due to ') ? 'aborted' : null
}
