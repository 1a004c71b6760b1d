import type { LogLine } from '../lines/line.ts'
import { mentions } from '../needles.ts'
import type { ForkRefusedEvent } from './runtimeEvents.ts'
import { foldingRecognizer, isKernelLine, toldBy } from '../telling.ts'

/**
 * A process or thread was refused: `bash: fork: retry: Resource temporarily unavailable`, Node's `spawn git EAGAIN`,
 * `can't start new thread`. EAGAIN is a limit on tasks (TasksMax, ulimit -u, pid_max), seldom memory.
 * The same words from a socket or a lock are no fork.
 */
export const forkErrorsRecognizer = foldingRecognizer<ForkRefusedEvent>('fork-errors', (line) => read(line), {
  key: (event) => `${event.program ?? ''} ${event.call} ${event.errno ?? ''}`,
})

type Refusal = Pick<ForkRefusedEvent, 'call' | 'errno'>

const FORK_WORD = /\b(?:v?fork(?:ing)?|clone3?|fork\/exec|posix_spawn|Failed to spawn|exec\.Command)\b/i
const THREAD_WORD = /\b(?:pthread_create|threads?|OS thread|Thread|create threaded \w{1,12})\b/

const read = (line: LogLine): ForkRefusedEvent | null => {
  if (isKernelLine(line) || line.source === 'sudo') return null
  const refusal = refusalIn(line.text)
  if (refusal === null) return null
  return { type: 'fork-refused', ...toldBy(line), program: programOf(line), ...refusal }
}

const programOf = (line: LogLine): string | null =>
  line.source ??
  /^-?(?!(?:fatal|error|warn(?:ing)?|panic|alert|critical|log|info|notice)\b)([A-Za-z][\w.+-]{0,30})(?:\[\d{1,10}\])?: /i.exec(
    line.text,
  )?.[1] ??
  null

/** Words of which one stands in every refusal. */
const mayRefuse = mentions(
  'esource temporarily unavailable',
  'EAGAIN',
  'pthread_create',
  "can't start new thread",
  'failed to create new OS thread',
  'failed to spawn thread',
  'fork of unprivileged child failed',
  'annot allocate memory',
  'errno',
  'annot fork',
  "an't fork",
)

const refusalIn = (text: string): Refusal | null => {
  if (!mayRefuse(text)) return null
  if (text.includes('esource temporarily unavailable')) return unavailable(text)
  if (text.includes('EAGAIN')) return /\bspawn(?:Sync)? (?:\S{1,300} )?EAGAIN\b/.test(text) ? fork('EAGAIN') : null
  if (text.includes('pthread_create') && THREAD_CODE.test(text)) return { call: 'thread', errno: 'EAGAIN' }
  if (text.includes("can't start new thread")) return { call: 'thread', errno: null }
  if (text.includes('failed to create new OS thread')) return { call: 'thread', errno: errnoIn(text) }
  if (text.includes('failed to spawn thread')) return { call: 'thread', errno: errnoIn(text) }
  if (text.includes('fork of unprivileged child failed')) return fork(null)
  if (text.includes('annot allocate memory')) return /\b(?:v?fork|fork\/exec)\b/.test(text) ? fork('ENOMEM') : null
  if (text.includes('errno') && text.includes('reate')) return THREAD_ERRNO.test(text) ? threadBy(text) : null
  return CANNOT_FORK.test(text) ? fork(null) : null
}

/** `sh: can't fork`, and cron's `(CRON) error (can't fork)`. */
const CANNOT_FORK =
  /^-?\w{1,20}: (?:cannot|can't|Cannot) fork\b|^(?:\/?[\w./-]{1,200}: (?:(?:line )?\d{1,7}: )?){1,2}(?:[Cc]annot|can't) fork\s{0,4}$|^\(\w{1,32}\) (?:error|DEATH) \(can't fork\)/
/** MySQL: `Can't create a new thread (errno 11)`, `Can't create thread to handle new connection (errno= 11)`. */
const THREAD_ERRNO = /\bCan't create (?:a )?(?:new )?thread (?:to \w[\w ]{1,40})?\(errno ?=? ?\d/

/** The bare number: `return code from pthread_create() is 11`, `Check failed: res == 0 (11 vs. 0) pthread_create failed`. */
const THREAD_CODE =
  /\bpthread_create(?:\(\))?,? (?:.{0,24}?\b(?:is|error|code|errno|failed|rc|ret|returned))[:= (]{1,3}-?11\b(?!\.\d)|\(11 vs\. 0\) pthread_create failed/

const threadBy = (text: string): Refusal => ({
  call: 'thread',
  errno: /errno ?=? ?11\b/.test(text) ? 'EAGAIN' : /errno ?=? ?12\b/.test(text) ? 'ENOMEM' : null,
})

/** The C++ library starts threads and little else that answers so; OpenMP numbers the error below its sentence. */
const THREAD_WHAT =
  /^\s{0,8}what\(\): {1,4}(?:boost::thread_resource_error: )?Resource temporarily unavailable\s{0,4}$|^OMP: System error #11: Resource temporarily unavailable/

const unavailable = (text: string): Refusal | null => {
  if (FORK_WORD.test(text) || /error=11\b/.test(text)) return fork('EAGAIN')
  return THREAD_WORD.test(text) || THREAD_WHAT.test(text) ? { call: 'thread', errno: 'EAGAIN' } : null
}

const fork = (errno: ForkRefusedEvent['errno']): Refusal => ({ call: 'fork', errno })

const errnoIn = (text: string): ForkRefusedEvent['errno'] => {
  if (/errno=11\b|code: 11\b|WouldBlock/.test(text)) return 'EAGAIN'
  return /errno=12\b|code: 12\b|OutOfMemory/.test(text) ? 'ENOMEM' : null
}
