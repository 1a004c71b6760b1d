import type { FileResult } from '../domain/step.ts'
import { AsyncQueue } from './asyncQueue.ts'
import { BoundedBytes } from './boundedBytes.ts'
import { expandGlob, isGlob } from './globPath.ts'
import type { FileLimits } from './transport.ts'

/** How one kind of transport reads; the rest (globs, limits, order, what is said of a failure) is the same for all. */
export interface FileSource {
  list(folder: string, timeoutMs: number): Promise<readonly string[]>
  /** Reads until the end of the file, whatever its stated size; throws errors with a `code` of Node or SFTP. */
  read(path: string, sink: FileSink, signal: AbortSignal): Promise<void>
}

export interface FileSink {
  /** False: enough. */
  onChunk(chunk: Buffer): boolean
  /** Only this many bytes at the end are wanted; null for all. A file that states no size is read from its beginning. */
  readonly tailBytes: number | null
  onSkip(bytes: number): void
}

/** security-reliability.md section 5: 32 to 64 requests in flight. */
const IN_FLIGHT = 32
/** These wait for the process's memory lock: behind a dying process one of them can block for minutes. */
const CAN_BLOCK = /^\/proc\/[^/]+\/(?:task\/[^/]+\/)?(?:cmdline|environ|maps|smaps|smaps_rollup|numa_maps|pagemap)$/

export const canBlock = (path: string): boolean => CAN_BLOCK.test(path)

/** Reads plain paths and globs, many at once, each under its own time limit; results come as they arrive. */
export const readFiles = async function* (
  paths: readonly string[],
  limits: FileLimits,
  source: FileSource,
  signal: AbortSignal,
): AsyncGenerator<FileResult, void, undefined> {
  const results = new AsyncQueue<FileResult>()
  const quick: string[] = []
  const slow: string[] = []
  const sort = (path: string): number => (canBlock(path) ? slow : quick).push(path)
  const work = async (): Promise<void> => {
    // Plain files first: a glob asks for a listing before the first byte.
    for (const path of paths) if (!isGlob(path)) sort(path)
    const globs = paths.filter((path) => isGlob(path)).map((path) => expand(path, limits, source))
    const readQuick = drain(quick, IN_FLIGHT, (path) =>
      readOne(path, limits, source, signal).then((r) => results.push(r)),
    )
    for (const found of await Promise.all(globs)) found.forEach(sort)
    await readQuick
    let blocked = 0
    await Promise.all([
      drain(quick, IN_FLIGHT, (path) => readOne(path, limits, source, signal).then((r) => results.push(r))),
      drain(slow, 2, async (path) => {
        const result = blocked < 2 ? await readOne(path, limits, source, signal) : afterBlocked(path)
        if (result.status === 'timed-out') blocked += 1
        results.push(result)
      }),
    ])
  }
  work().then(
    () => results.end(),
    (error: unknown) => results.fail(error),
  )
  yield* results
}

const drain = async (queue: string[], width: number, each: (path: string) => Promise<unknown>): Promise<void> => {
  const worker = async (): Promise<void> => {
    for (let path = queue.shift(); path !== undefined; path = queue.shift()) await each(path)
  }
  await Promise.all(Array.from({ length: Math.min(width, Math.max(1, queue.length)) }, worker))
}

const expand = async (pattern: string, limits: FileLimits, source: FileSource): Promise<readonly string[]> =>
  pattern.startsWith('/')
    ? expandGlob(pattern, async (folder) => within(source.list(folder, limits.timeoutMs), limits.timeoutMs))
    : []

const readOne = async (
  path: string,
  limits: FileLimits,
  source: FileSource,
  signal: AbortSignal,
): Promise<FileResult> => {
  const startedAtMs = Date.now()
  const kept = new BoundedBytes(limits.limit)
  const stop = new AbortController()
  // Not AbortSignal.any: the signal of a fleet run would keep some 300 bytes of every file until the run ends.
  const cancel = (): void => stop.abort()
  signal.addEventListener('abort', cancel, { once: true })
  if (signal.aborted) cancel()
  const isFull = (): boolean => limits.limit.keep === 'head' && kept.totalBytes > limits.limit.bytes
  const reading = source.read(
    path,
    {
      onChunk(chunk) {
        kept.push(chunk)
        return !isFull() && !stop.signal.aborted
      },
      tailBytes: limits.limit.keep === 'tail' ? limits.limit.bytes : null,
      onSkip: (bytes) => kept.skip(bytes),
    },
    stop.signal,
  )
  const failure = await within(reading, limits.timeoutMs, signal).then(() => null, failureOf)
  signal.removeEventListener('abort', cancel)
  stop.abort()
  const { text, droppedBytes } = kept.finish()
  const rest = { path, text, droppedBytes, startedAtMs, durationMs: Date.now() - startedAtMs }
  return failure === null ? { ...rest, status: 'read' } : { ...rest, ...failure }
}

class TimedOut extends Error {}

/** The promise, or an error when the time is over or the signal comes first. */
export const within = async <Value>(
  promise: Promise<Value>,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<Value> => {
  const { promise: cut, reject } = Promise.withResolvers<never>()
  const cancel = (): void => reject(new Error('cancelled'))
  const timer = setTimeout(() => reject(new TimedOut(`no answer within ${timeoutMs / 1000} s`)), timeoutMs)
  signal?.addEventListener('abort', cancel, { once: true })
  if (signal?.aborted === true) cancel()
  try {
    return await Promise.race([promise, cut])
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', cancel)
  }
}

/** SFTP status numbers: 2 no such file, 3 permission denied. ESRCH: the process went away between open and read. */
const failureOf = (error: unknown): { status: 'missing' | 'denied' | 'timed-out' | 'failed'; reason: string } => {
  if (error instanceof TimedOut) return { status: 'timed-out', reason: error.message }
  const { code, message } = error as { code?: unknown; message?: string }
  if (code === 2 || code === 'ENOENT' || code === 'ESRCH' || code === 'ENOTDIR') {
    return { status: 'missing', reason: 'no such file' }
  }
  if (code === 3 || code === 'EACCES' || code === 'EPERM') return { status: 'denied', reason: 'permission denied' }
  return { status: 'failed', reason: message ?? 'unknown error' }
}

const afterBlocked = (path: string): FileResult => ({
  path,
  text: '',
  droppedBytes: 0,
  startedAtMs: Date.now(),
  durationMs: 0,
  status: 'timed-out',
  reason: 'not tried: files like this one have just blocked',
})
