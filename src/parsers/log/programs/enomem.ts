import { OWN_WORDS } from './enomemWords.ts'
import { byNeedle } from '../needles.ts'
import type { LogLine } from '../lines/line.ts'
import { isAboutLocks, isAboutRefusals } from './refusalProse.ts'
import type { EnomemEvent } from './runtimeEvents.ts'
import { TOOLCHAIN_REFUSALS } from './toolchainRefusals.ts'
import { foldingRecognizer, isKernelLine, numberOf, toldBy } from '../telling.ts'

/**
 * The system refused memory (errno 12) and the program said so; nothing was killed:
 *   bash: fork: Cannot allocate memory
 *   PHP Fatal error:  Out of memory (allocated 2097152) (tried to allocate 20480 bytes) in …
 *   ERROR:  out of memory / DETAIL:  Failed on request of size 8192 …            (PostgreSQL)
 * EAGAIN (`Resource temporarily unavailable`) is a limit on processes, not memory.
 */
export const enomemRecognizer = foldingRecognizer<EnomemEvent>('enomem', (line) => enomemOf(line), {
  key: (event) => `${event.program ?? ''} ${event.call}`,
  isEcho: (first, later) => isSecondLine(first.cited.at(-1)?.text ?? '', later.cited[0]?.text ?? ''),
  fold: (first, later) =>
    first.requestedBytes === null && later.requestedBytes !== null
      ? { ...first, requestedBytes: later.requestedBytes }
      : first,
})

/** PostgreSQL's DETAIL, the JVM's reason and PHP's fatal error complete the line before them: one refusal. */
const isSecondLine = (before: string, text: string): boolean =>
  text.includes('Failed on request of size') ||
  (text.includes('Native memory allocation') && before.includes('insufficient memory')) ||
  (text.includes('Out of Memory Error (') && /insufficient memory|Native memory/.test(before)) ||
  (text.includes('memory for the buffer pool') && before.includes('mmap(')) ||
  (text.includes('Out of memory (allocated') && before.includes('mmap() failed: [12]'))

type Refusal = Pick<EnomemEvent, 'program' | 'call' | 'requestedBytes'>
type Read = (text: string, source: string | null) => Refusal | null

/** What a line says about a refused allocation, null when it says nothing of the kind. */
export const enomemOf = (line: LogLine): EnomemEvent | null => {
  const refused = kernelRefusal(line.text)
  if (refused !== null) return { type: 'enomem', ...toldBy(line), ...refused }
  if (isKernelLine(line) || line.source === 'sudo' || line.source === 'audit') return null
  const { text } = line
  for (const [, read] of families(text)) {
    const refusal = read(text, line.source)
    if (refusal !== null) {
      return { type: 'enomem', ...toldBy(line), ...refusal, program: refusal.program ?? programOf(line) }
    }
  }
  return null
}

/**
 * The kernel tells of some refusals itself, by name: strict overcommit since 5.4, and a limit on data (ulimit -d).
 *   __vm_enough_memory: pid: 2564294, comm: waybar, bytes: 4096 not enough memory for the allocation
 *   mmap: java (1234): VmData 4294967296 exceed data ulimit 1073741824. Update limits or use boot option …
 */
const OVERCOMMIT =
  /^__vm_enough_memory: pid: ?\d{1,10}, comm: ?(.{1,15}?), (?:bytes: ?(\d{1,20}) )?not? enough memory(?: for the allocation)?\s{0,4}$/
const DATA_LIMIT = /^mmap: (.{1,15}) \(\d{1,10}\): VmData \d{1,20} exceed data ulimit \d{1,20}\./

const kernelRefusal = (text: string): Refusal | null => {
  if (!text.startsWith('__vm_enough') && !text.startsWith('mmap: ')) return null
  const overcommit = OVERCOMMIT.exec(text)
  if (overcommit !== null) return memory(overcommit[1] ?? null, overcommit[2])
  const data = DATA_LIMIT.exec(text)
  return data === null ? null : memory(data[1] ?? null)
}

/** A level or a class stands where a program's name would. */
const NO_PROGRAM = /^(?:fatal|error|warning|warn|panic|alert|critical|log|info|hint|notice|exception)$/i

const programOf = (line: LogLine): string | null => {
  if (line.source !== null) return line.source
  const name = /^-?([A-Za-z][\w.+-]{0,30})(?:\[\d{1,10}\])?: /.exec(line.text)?.[1]
  return name === undefined || NO_PROGRAM.test(name) ? null : name
}

const memory = (program: string | null, digits?: string): Refusal => ({
  program,
  call: 'memory',
  requestedBytes: numberOf(digits),
})

/** The errno text ends the statement; in the middle of a sentence somebody writes about it. */
const ENOMEM_TEXT =
  /(?:^|[^\w])[Cc]annot allocate memory(?:\s{0,4}$|[)\]"'`.,;:\\*]|\s?\((?:12|errno|os error 12|ENOMEM|OS|RuntimeError|Errno::|originated from )| for | in (?!static TLS block)| Raw: | - )/
const IS_FORK = /\b(?:v?fork|clone|fork\/exec|posix_spawn|could not fork|spawn)\b/

/** With the number in front it is the error itself, whatever sentence goes on behind it. */
const NUMBERED_ENOMEM = /\[Errno 12\] Cannot allocate memory (?:failure|error)\b/

const errnoText = (text: string): Refusal | null => {
  // Go's runtime has a recognizer of its own.
  if (
    !(ENOMEM_TEXT.test(text) || NUMBERED_ENOMEM.test(text)) ||
    /(?:^|fatal error: )runtime: /.test(text) ||
    isAboutLocks(text)
  )
    return null
  if (isAboutRefusals(text)) return null
  return { program: appOf(text), call: IS_FORK.test(text) ? 'fork' : 'memory', requestedBytes: null }
}

const appOf = (text: string): string | null => {
  if (text.includes("Can't save in background") || text.includes("Can't rewrite append only file")) return 'redis'
  if (
    text.includes('could not fork new process for connection') ||
    text.includes('could not map anonymous shared memory')
  )
    return 'postgres'
  if (text.includes('InnoDB:') || text.includes('[InnoDB]')) return 'mysqld'
  if (text.includes('os::commit_memory')) return 'java'
  if (text.includes('mmap() failed: [12]') || text.includes('PHP ')) return 'php'
  return null
}

const ENOMEM_NAME =
  /(?:\b(?:spawn|spawnSync|fork|mmap|read|write|open|connect|scandir|stat|lstat|exec|clone)[^\s]{0,4} {1,2}(?:\S{1,200} )?|\(|errno: -12,.{0,60}|: |Errno::)ENOMEM\b(?:: not enough memory|'|\)|$|,|:| )/

const errnoName = (text: string): Refusal | null =>
  ENOMEM_NAME.test(text) && !isAboutRefusals(text) && !isAboutLocks(text)
    ? { program: null, call: /\b(?:spawn|spawnSync|fork|clone)\b/.test(text) ? 'fork' : 'memory', requestedBytes: null }
    : null

/** `Out of memory` in the words of the programs that print it; the kernel's `Out of memory: Kill…` is none of them. */
const outOfMemory = (text: string): Refusal | null => {
  const php = /Out of memory \(allocated \d{1,20}(?: bytes)?\) \(tried to allocate (\d{1,20}) bytes\)/.exec(text)
  if (php !== null) return memory('php', php[1])
  const mysql = /\bOut of memory \(Needed (\d{1,20}) bytes\)/.exec(text)
  if (mysql !== null) return memory('mysqld', mysql[1])
  const git = /^(?:remote: )?fatal: Out of memory, \w{1,12} failed(?: \(tried to allocate (\d{1,20}) bytes\))?/.exec(
    text,
  )
  if (git !== null) return memory('git', git[1])
  if (/^Out of memory(?:!$| (?:during|in perl)[ :])/.test(text))
    return memory('perl', /for (\d{1,20}) bytes/.exec(text)?.[1])
  return null
}

/** What mongod prints when malloc gives nothing; its older log has a level and a thread in front. */
const MONGOD =
  /^(?:F {1,3}(?:-|[A-Z]{1,12}) {1,12}\[[\w:.-]{1,80}\] |Writing fatal message: )?out of memory(?:, printing stack and exiting:|\.)\s{0,4}$/

/** `psql: error: out of memory for query result`, `ghc: out of memory (requested 1048576 bytes)`. */
const OWN_OUT =
  /^(?:\S{0,200}\/)?([\w.+-]{1,40}): (?:error: |fatal: )?out of memory(?: for query result| \(requested (\d{1,20}) bytes\))?\s{0,4}$/

const lowerOutOfMemory = (text: string, source: string | null): Refusal | null => {
  // The bare sentence is anybody's; with mongod's prefix or in its own log it is a refused malloc.
  if (MONGOD.test(text) && (source === 'mongod' || !text.startsWith('out of memory.'))) return memory('mongod')
  const llvm = /\b(?:(\w{1,20})-)?(?:LLVM ERROR|llvm error): out of memory\b/.exec(text)
  if (llvm !== null) return memory(llvm[1] ?? 'llvm')
  if (/(?:^|[\s\]])(?:ERROR|FATAL|PANIC): {1,2}(?:53200: )?out of memory\s{0,4}$/.test(text)) return memory('postgres')
  const compiler =
    /^(cc1plus|cc1|collect2|ld|lto1|rustc)[\w.]{0,8}: out of memory(?: allocating (\d{1,20}) bytes)?/.exec(text)
  if (compiler !== null) return memory(compiler[1] ?? null, compiler[2])
  const own = OWN_OUT.exec(text)
  // Oracle says in its next line what was refused, and by which error.
  return own?.[1] === undefined || NO_PROGRAM.test(own[1]) || own[1].startsWith('ORA-') ? null : memory(own[1], own[2])
}

const redis = (text: string): Refusal | null => {
  const match =
    /\bOut Of Memory allocating (\d{1,20}) bytes|^zmalloc: Out of memory trying to allocate (\d{1,20}) /.exec(text)
  return match === null ? null : memory('redis', match[1] ?? match[2])
}

const postgresDetail = (text: string): Refusal | null => {
  const match = /DETAIL: {1,2}Failed on request of size (\d{1,20})\b/.exec(text)
  return match === null ? null : memory('postgres', match[1])
}

const shellAlloc = (text: string): Refusal | null => {
  const match =
    /^(?:\S{0,200}\/)?(?:([\w.-]{1,40}): )?(?:.{0,120}: )?x(?:re|m)alloc: (?:.{1,120}: )?cannot allocate (\d{1,20}) bytes/.exec(
      text,
    )
  return match === null ? null : memory(match[1] ?? null, match[2])
}

const exhausted = (text: string): Refusal | null => {
  const match = /^(?:\S{0,200}\/)?([\w.+-]{1,40}): (?:.{0,120}: )?(?:virtual )?memory exhausted\s{0,4}$/.exec(text)
  return match === null ? null : memory(match[1] ?? null)
}

const erlang = (text: string): Refusal | null => {
  const match = /\b\w{1,12}_alloc: Cannot (?:re)?allocate (\d{1,20}) bytes of memory/.exec(text)
  return match === null ? null : memory('erlang', match[1])
}

/** g_malloc gives up and traps or aborts. */
const glib = (text: string): Refusal | null => {
  const match = /\bGLib-ERROR \*\*:.{0,120} failed to allocate (\d{1,20}) bytes\s{0,4}$/.exec(text)
  return match === null ? null : memory(null, match[1])
}

/** Each program's own sentence, tried where its needle stands. */
const ownFamily = ([needle, program, words]: (typeof OWN_WORDS)[number]): readonly [string, Read] => [
  needle,
  (text) => {
    const match = words.exec(text)
    return match === null ? null : memory(program, match[1] ?? match[2])
  },
]

const ruby = (text: string): Refusal | null =>
  /failed to allocate memory \(NoMemoryError\)|\bNoMemoryError(?:: | \()failed to allocate memory|^\[FATAL\] failed to allocate memory/.test(
    text,
  )
    ? memory('ruby')
    : null

const jvmRefused = (text: string): Refusal | null => {
  const failed = /Native memory allocation \(\w{1,10}\) failed to (?:map|allocate) (\d{1,20}) bytes/.exec(text)
  if (failed !== null) return memory('java', failed[1])
  if (text.includes('There is insufficient memory for the Java Runtime Environment to continue')) return memory('java')
  if (/^#? {0,4}Out of Memory Error \(\w{1,60}\.[ch]pp:\d{1,6}\)/.test(text)) return memory('java')
  const metaspace = /^Could not allocate metaspace: (\d{1,20}) bytes/.exec(text)
  if (metaspace !== null) return memory('java', metaspace[1])
  const reserve = /Could not reserve enough space for (?:(\d{1,12})KB )?(?:object heap|code cache|the)/.exec(text)
  return reserve === null
    ? null
    : memory('java', reserve[1] === undefined ? undefined : String(Number(reserve[1]) * 1024))
}

const innodb = (text: string): Refusal | null => {
  const mmap = /InnoDB: mmap\((\d{1,20}) bytes\) failed; errno 12\b/.exec(text)
  if (mmap !== null) return memory('mysqld', mmap[1])
  return /InnoDB: (?:Fatal error: )?[Cc]annot allocate (?:memory for the buffer pool|\d{1,20} bytes)/.test(text)
    ? memory('mysqld')
    : null
}

const jvmOs = (text: string): Refusal | null => {
  const match =
    /java\.(?:lang\.OutOfMemoryError|io\.IOException): (?:Map failed|.{0,200}Out of swap space\?|Chunk::new|native memory exhausted|Unable to allocate \d{1,20} bytes|Could not allocate an (?:un)?aligned heap chunk)/.exec(
      text,
    )
  return match === null ? null : memory('java')
}

const notEnoughSpace = (text: string): Refusal | null =>
  /(?:error=12, |error=')Not enough space\b/.test(text)
    ? { program: 'java', call: text.includes('Cannot run program') ? 'fork' : 'memory', requestedBytes: null }
    : null

/** The JVM's warning, in whatever words the system has for errno 12. */
const commitMemory = (text: string): Refusal | null => {
  const match =
    /os::commit_memory\(0x[0-9a-f]{1,16}, (\d{1,20}), (?:\d{1,20}, )?\d\) failed; error='.{1,80}' \(errno=12\)/.exec(
      text,
    )
  return match === null ? null : memory('java', match[1])
}

/** A cheap `includes` decides which expression is tried; the order puts what names its program first. */
const FAMILIES: readonly (readonly [string, Read])[] = [
  ['InnoDB: ', innodb],
  ['_alloc: Cannot ', erlang],
  ['failed to allocate ', glib],
  ...OWN_WORDS.map((own) => ownFamily(own)),
  ...TOOLCHAIN_REFUSALS.map((own) => ownFamily(own)),
  ['annot allocate memory', errnoText],
  ['ailed to allocate memory', ruby],
  ['ENOMEM', errnoName],
  ['Out of memory', outOfMemory],
  ['out of memory', lowerOutOfMemory],
  ['Out Of Memory allocating', redis],
  ['zmalloc: ', redis],
  ['Failed on request of size', postgresDetail],
  ['alloc: ', shellAlloc],
  ['memory exhausted', exhausted],
  ['Native memory allocation', jvmRefused],
  ['There is insufficient memory', jvmRefused],
  ['Could not reserve enough', jvmRefused],
  ['Could not allocate metaspace', jvmRefused],
  ['Out of Memory Error (', jvmRefused],
  ['OutOfMemoryError: ', jvmOs],
  ['Map failed', jvmOs],
  ['Not enough space', notEnoughSpace],
  ['os::commit_memory(', commitMemory],
]

const families = byNeedle(FAMILIES, ([needle]) => needle)
