import type { Told } from '../lines/line.ts'

/** What runtimes and applications say about their own memory, threads and disk. */
export type AppEvent =
  | V8HeapEvent
  | V8GcTraceEvent
  | JvmOomEvent
  | JvmNativeThreadEvent
  | PhpLimitEvent
  | PhpFpmChildrenEvent
  | PythonMemoryErrorEvent
  | GoOomEvent
  | RustAllocEvent
  | CppBadAllocEvent
  | EnomemEvent
  | AppMessageEvent
  | DiskFullEvent
  | ForkRefusedEvent

export interface V8HeapEvent extends Told {
  readonly type: 'v8-heap'
  /** Where V8 gave up (`Reached heap limit`). */
  readonly where: string | null
  readonly pid: number | null
  /** A worker thread's own limit: the process may live on. */
  readonly worker: boolean
  /** After the last collection printed for this process. */
  readonly usedBytes: number | null
  readonly committedBytes: number | null
  /** Share of time left for the program, from the same line. */
  readonly mu: number | null
}

export interface FullCollection {
  readonly uptimeMs: number
  readonly usedBytes: number
  readonly committedBytes: number
  readonly mu: number | null
}

/** One life of one V8 isolate as its `--trace-gc` lines show it. */
export interface V8GcTraceEvent extends Told {
  readonly type: 'v8-gc-trace'
  readonly pid: number
  readonly isolate: string
  /** After full collections only, evenly thinned when there were many. */
  readonly full: readonly FullCollection[]
  readonly fullCount: number
  readonly minorCount: number
  /** Collections that V8 started because of memory outside its heap. */
  readonly externalPressureCount: number
}

export interface JvmOomEvent extends Told {
  readonly type: 'jvm-oom'
  /** `unnamed`: the error was seen, its message was not. */
  readonly pool: 'heap' | 'gc-overhead' | 'metaspace' | 'class-space' | 'array-size' | 'direct' | 'unnamed'
  /** The exception's own words. */
  readonly detail: string
  /** The VM ended itself on purpose (exit 3 or abort); null when no such line was seen. */
  readonly ending: 'exited' | 'aborted' | null
  readonly limitBytes: number | null
}

export interface JvmNativeThreadEvent extends Told {
  readonly type: 'jvm-native-thread'
}

export interface PhpLimitEvent extends Told {
  readonly type: 'php-limit'
  readonly limitBytes: number
  readonly triedBytes: number
  readonly file: string | null
  readonly scriptLine: number | null
  /** Whose log this copy stands in. */
  readonly teller: 'php' | 'php-fpm' | 'web-server'
}

export interface PhpFpmChildrenEvent extends Told {
  readonly type: 'php-fpm-children'
  readonly pool: string
  readonly maxChildren: number
}

export interface PythonMemoryErrorEvent extends Told {
  readonly type: 'python-memoryerror'
  readonly detail: string | null
  /** The traceback it closes was seen. */
  readonly hasTraceback: boolean
}

export interface GoOomEvent extends Told {
  readonly type: 'go-oom'
  readonly requestedBytes: number | null
  readonly inUseBytes: number | null
  /** The runtime could not even reserve addresses: a limit on address space. */
  readonly addressSpace: boolean
}

export interface RustAllocEvent extends Told {
  readonly type: 'rust-alloc'
  /** Null when the number is too large to be exact. */
  readonly requestedBytes: number | null
}

export interface CppBadAllocEvent extends Told {
  readonly type: 'cpp-bad-alloc'
}

/** The system refused memory to a program that then said so (errno 12). Nothing was killed. */
export interface EnomemEvent extends Told {
  readonly type: 'enomem'
  readonly program: string | null
  readonly call: 'fork' | 'memory'
  readonly requestedBytes: number | null
}

export interface AppMessageEvent extends Told {
  readonly type: 'app-message'
  readonly app: string | null
  readonly what: 'own-limit' | 'gpu' | 'self-check' | 'restart-limit' | 'bad-alloc' | 'shared-memory'
  /** What the program says is left; null when it names no amount. */
  readonly statedAvailableBytes: number | null
  readonly limitBytes: number | null
}

export interface DiskFullEvent extends Told {
  readonly type: 'disk-full'
  readonly program: string | null
  readonly path: string | null
  readonly cause: 'no-space' | 'quota' | 'redis-snapshot' | 'flood-stage'
}

/** A new process or thread was refused. */
export interface ForkRefusedEvent extends Told {
  readonly type: 'fork-refused'
  readonly program: string | null
  readonly call: 'fork' | 'thread'
  readonly errno: 'EAGAIN' | 'ENOMEM' | null
}
