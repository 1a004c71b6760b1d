import { APPLICATION_MESSAGES } from './applicationMessages.ts'
import { BROWSER_MESSAGES } from './browserMessages.ts'
import { COMPILER_MESSAGES } from './compilerMessages.ts'
import { DATABASE_MESSAGES } from './databaseMessages.ts'
import { DEVICE_MESSAGES, KERNEL_MESSAGES } from './deviceMessages.ts'
import { enomemOf } from './enomem.ts'
import type { LogLine } from '../lines/line.ts'
import { GPU_MESSAGES } from './gpuMessages.ts'
import { byNeedle } from '../needles.ts'
import { PLATFORM_MESSAGES } from './platformMessages.ts'
import type { AppMessageEvent } from './runtimeEvents.ts'
import { foldingRecognizer, isKernelLine, numberOf, toldBy } from '../telling.ts'
import { SERVICE_MESSAGES } from './serviceMessages.ts'
import { TOOL_MESSAGES } from './toolMessages.ts'

/**
 * A program's own words about memory that no runtime's kind fits. Nothing was killed by saying so:
 *   OOM command not allowed when used memory > 'maxmemory'.                (Redis)
 *   CUDA out of memory. Tried to allocate 2.00 GiB                         (GPU memory)
 *   CircuitBreakingException: [parent] Data too large                      (Elasticsearch)
 *   FATAL: Memory exhaustion detected                                      (anybody)
 */
export const appMessagesRecognizer = foldingRecognizer<AppMessageEvent>('app-messages', (line) => read(line), {
  key: (event) => `${event.app ?? ''} ${event.what}`,
})

type Message = Pick<AppMessageEvent, 'app' | 'what' | 'statedAvailableBytes' | 'limitBytes'>

/** These write about kills or commands as their trade; their lines have recognizers of their own. */
const NOT_APPS = new Set([
  'kernel',
  'systemd',
  'systemd-oomd',
  'earlyoom',
  'nohang',
  'sudo',
  'audit',
  'auditd',
  'CRON',
  'systemd-coredump',
])

/** Redis says these at every start: advice about a setting, nothing happened. */
const isStartNotice = (text: string): boolean =>
  text.includes('overcommit_memory is set to 0!') || text.includes('WARNING Memory overcommit must be enabled')

const read = (line: LogLine): AppMessageEvent | null => {
  if (isKernelLine(line)) return kernelMessage(line)
  if (line.source !== null && NOT_APPS.has(line.source)) return null
  if (isStartNotice(line.text)) return null
  const message = knownMessage(line.text) ?? ownWords(line)
  if (message === null) return null
  return { type: 'app-message', ...toldBy(line), ...message, app: message.app ?? line.source }
}

const kernelMessage = (line: LogLine): AppMessageEvent | null => {
  const known = kernelMessages(line.text).find(([, , , pattern]) => pattern.test(line.text))
  return known === undefined ? null : { type: 'app-message', ...toldBy(line), ...says(known[1], known[2]) }
}

const says = (app: string | null, what: Message['what'], limit?: string): Message => ({
  app,
  what,
  statedAvailableBytes: null,
  limitBytes: numberOf(limit),
})

const knownMessage = (text: string): Message | null => {
  if (text.includes('OOM command not allowed when used memory')) return says('redis', 'own-limit')
  if (gpuWords(text).length > 0) return says(null, 'gpu')
  if (text.includes('Data too large') && BREAKER.test(text)) {
    return says('elasticsearch', 'own-limit', /limit of \[(\d{1,20})\//.exec(text)?.[1])
  }
  if (
    text.includes('emory limit ') &&
    /[Mm]emory limit (?:\((?:total|for query|for user|RSS|for all queries)\) )exceeded: (?:would use|[\d.]{1,12} [KMGTP]?i?B bytes used)|(?:\b[Uu]ser|\b[Qq]uery|\((?:total|for query|for user|RSS)\)) memory limit exceeded: would use/.test(
      text,
    )
  ) {
    return says('clickhouse', 'own-limit')
  }
  const platform = platformMessage(text)
  if (platform !== null) return { ...platform, limitBytes: cloudRunLimit(text) }
  if (text.includes('--max-memory-restart') || text.includes('memory usage is exceeding')) return pm2(text)
  if (
    text.includes('std::bad_alloc') &&
    !/terminat(?:e|ing)|^\s{0,8}what\(\)|\bMemoryError: std::bad_alloc\s{0,4}$/.test(text)
  )
    return says(null, 'bad-alloc')
  return null
}

const ownMessages = byNeedle(
  [
    ...GPU_MESSAGES,
    ...PLATFORM_MESSAGES,
    ...TOOL_MESSAGES,
    ...DATABASE_MESSAGES,
    ...BROWSER_MESSAGES,
    ...COMPILER_MESSAGES,
    ...SERVICE_MESSAGES,
    ...APPLICATION_MESSAGES,
    ...DEVICE_MESSAGES,
    ...KERNEL_MESSAGES,
  ],
  ([needle]) => needle,
)
const kernelMessages = byNeedle(KERNEL_MESSAGES, ([needle]) => needle)
/** The exception's name stands on another line where the answer is printed as a tree. */
const BREAKER = /CircuitBreakingException|circuit_breaking_exception|\[[a-z_]{6,24}\] Data too large, data for \[/

const platformMessage = (text: string): Message | null => {
  for (const [, app, what, pattern] of ownMessages(text)) if (pattern.test(text)) return says(app, what)
  return null
}

/** `Memory limit of 512 MiB exceeded with 530 MiB used` states the limit. */
const cloudRunLimit = (text: string): number | null => {
  const match = /Memory limit of (\d{1,9}) (MiB|MB|M|GiB) exceeded with /.exec(text)
  const unit = UNIT_BYTES[match?.[2]?.toLowerCase() ?? '']
  return match === null || unit === undefined ? null : Number(match[1]) * unit
}

const gpuWords = byNeedle(
  [
    'CUDA out of memory',
    'CUDA_ERROR_OUT_OF_MEMORY',
    'cudaErrorMemoryAllocation',
    'HIP out of memory',
    'hipErrorOutOfMemory',
    'OOM when allocating tensor',
    'VK_ERROR_OUT_OF_DEVICE_MEMORY',
    'cudaMalloc failed: out of memory',
    'ggml_cuda_host_malloc: warning: failed to allocate',
    'CUDA error: out of memory',
    'cuda runtime error (2) : out of memory',
    'CUBLAS_STATUS_ALLOC_FAILED',
  ],
  (words) => words,
)

const pm2 = (text: string): Message | null => {
  const isRestart = /restarted because it exceeds --max-memory-restart|current process memory usage is exceeding/.test(
    text,
  )
  return isRestart ? says('pm2', 'restart-limit', /max_memory_limit=(\d{1,20})/.exec(text)?.[1]) : null
}

const WORDS =
  /\b(?:low memory|memory (?:is )?(?:exhaust(?:ed|ion)|low|limit (?:exceeded|reached))|out of memory|(?:insufficient|not enough) memory|running out of memory|low on memory)\b/i
const LEVEL =
  /(?:^|[\s[|"'=(])(?:FATAL|CRITICAL|CRIT|ERROR|ERR|WARN|WARNING|SEVERE|ALERT|EMERG|PANIC)(?=$|[\s[\]|:"',)!])/
/** In small letters it is a word of any sentence (`with an error 137`), unless it stands as a level does. */
const SMALL_LEVEL =
  /(?:^|=)(?:fatal|critical|crit|error|err|warn|warning|severe|alert|emerg|panic)(?=$|[\s\]|:"',)!])|(?:[\s[|"'(])(?:fatal|critical|crit|error|err|warn|warning|severe|alert|emerg|panic)(?=[\]|:"'!])/i

/** Sentences of runtimes, killers and the kernel: each has its own recognizer, here they would be told twice. */
const OTHERS = [
  'OutOfMemoryError',
  'FATAL ERROR: ',
  'Fatal process out of memory',
  'Fatal JavaScript out of memory',
  'Allowed memory size',
  'memory allocation of',
  'memory limit: JS heap',
  'runtime: out of memory',
  'fatal error: ',
  'fatal runtime error: ',
  'MemoryError',
  'Out of memory: Kill',
  'Out of Memory: Kill',
  'Kernel panic - not syncing',
  'cgroup out of memory',
  'OOM killer',
  'oom-kill',
  'Perhaps out of memory?',
  'Likely out of memory error (OOM). For more information',
  'Array buffer allocation failed',
  'C error: out of memory',
  'Java heap space',
  // The scheduler compares requests, nobody ran short.
  'nodes are available: ',
  'low memory! at or below',
  // Slurm's summary of what its step manager has told.
  ': Out Of Memory',
]

/** A program does not speak of itself like this: a person tells of the trouble. */
const FIRST_PERSON = /(?:^|\s)I(?:'(?:m|ve|d|ll))? [a-z]{2}/

/** A manual says what a call answers: `Error ENOMEM will be returned if there was insufficient memory`. */
const IN_MANUAL = /\b(?:will|may|can) be returned\b/

/** Whoever saw a child end by SIGKILL guesses at memory: `Exit code was 137 which indicates an out of memory error`. */
const KILLED_BY_SOMEBODY = /\b137\b|\bSIGKILL\b|\bsignal:? 9\b|(?<!\w)-9\b/
const GUESS =
  /\b(?:indicates?|suggests?|may|might|could|possibl[ey]|likely|perhaps|probably|typically|usually|often)\b/i

/** The words alone are prose; with a level, or with an amount that is left, they are a program's report. */
const ownWords = (line: LogLine): Message | null => {
  const { text } = line
  if (!mayBeOwnWords(text) || !WORDS.test(text)) return null
  if (OTHERS.some((other) => text.includes(other)) || enomemOf(line) !== null) return null
  const available = statedAvailable(text)
  const start = text.slice(0, 400)
  if (KILLED_BY_SOMEBODY.test(text) && GUESS.test(text)) return null
  if (FIRST_PERSON.test(start) || IN_MANUAL.test(start)) return null
  if (available === null && !LEVEL.test(start) && !SMALL_LEVEL.test(start)) return null
  return { app: null, what: 'self-check', statedAvailableBytes: available, limitBytes: null }
}

const mayBeOwnWords = (text: string): boolean => text.includes('emory') || text.includes('EMORY')

const UNIT_BYTES: Readonly<Record<string, number>> = {
  b: 1,
  bytes: 1,
  kb: 1000,
  kib: 1024,
  k: 1024,
  mb: 1e6,
  mib: 1024 ** 2,
  m: 1024 ** 2,
  gb: 1e9,
  gib: 1024 ** 3,
  g: 1024 ** 3,
}

const AVAILABLE =
  /(\d{1,3}(?:,\d{3}){1,6}|\d{1,18})(?:\.\d{1,6})? ?(bytes|[KMG]i?B|B|[KMG]) (?:available|free|left|remaining)\b/i

/** `871,566,307 KiB available` → bytes as the words have it, however absurd. */
const statedAvailable = (text: string): number | null => {
  const match = AVAILABLE.exec(text)
  const amount = numberOf(match?.[1]?.replaceAll(',', ''))
  const bytes = UNIT_BYTES[match?.[2]?.toLowerCase() ?? '']
  if (amount === null || bytes === undefined) return null
  const total = amount * bytes
  return total <= Number.MAX_SAFE_INTEGER ? total : null
}
