import { ParseError } from '../domain/errors.ts'
import type { Parser } from './parser.ts'
import { unitOfCgroup } from './unitOfCgroup.ts'

// step node-processes: /proc of each Node process, filtered on the host to what concerns memory
//
// [process 377]
// VmRSS: 218820 kB
// cgroup: /system.slice/queue_worker.service
// exe: /usr/bin/node
// version: v22.11.0
// command-flags: --max-old-space-size=512
// command-other-flags: 0
// node-options: --max-old-space-size=768
// node-options-other-flags: 1

/** `v22.11.0`; what Node sees of a limit, and the size of its young generation, hang on it. */
export interface NodeVersion {
  readonly text: string
  readonly major: number
  readonly minor: number
}

export interface NodeProcess {
  readonly pid: number
  /** The kernel's name, 15 bytes of it: `node`, `MainThread`, `PM2 v7.0.4: God`. */
  readonly name: string | null
  readonly parentPid: number | null
  readonly rssBytes: number | null
  readonly anonBytes: number | null
  readonly swapBytes: number | null
  readonly threadCount: number | null
  readonly cgroup: string | null
  readonly unit: string | null
  readonly executable: string | null
  /** From the executable's path or its own answer; null when neither says. */
  readonly version: NodeVersion | null
  /** From the command line or NODE_OPTIONS; the command line wins. Null: no flag, Node takes its default. */
  readonly maxOldSpaceMib: number | null
  readonly maxOldSpaceFrom: 'command line' | 'NODE_OPTIONS' | null
  readonly commandFlags: readonly string[]
  /** Null: the environment could not be read. */
  readonly nodeOptionsFlags: readonly string[] | null
  /** How many flags of NODE_OPTIONS are not about memory: if any, no drop-in may replace it. */
  readonly nodeOptionsOtherCount: number | null
  /** `MALLOC_ARENA_MAX=2`, `UV_THREADPOOL_SIZE=16`. */
  readonly environment: readonly string[]
  /** 1-based line of the block's head. */
  readonly line: number
}

export interface NodeProcessesFacts {
  readonly processes: readonly NodeProcess[]
}

interface Block {
  readonly pid: number
  readonly line: number
  readonly fields: Map<string, string>
  readonly environment: string[]
}

export const nodeProcessesParser: Parser<NodeProcessesFacts> = {
  id: 'node-processes',
  parse: (output) => {
    const blocks: Block[] = []
    for (const [index, line] of output.split('\n').entries()) {
      if (line.trim() === '' || line.startsWith('#')) continue
      const head = /^\[process (\d{1,10})\]$/.exec(line)
      if (head !== null) {
        blocks.push({ pid: Number(head[1]), line: index + 1, fields: new Map(), environment: [] })
        continue
      }
      const block = blocks.at(-1)
      const field = /^([A-Za-z][A-Za-z-]{0,40}):\s?(.{0,2000})$/.exec(line)
      if (block === undefined || field === null) {
        throw new ParseError('node-processes', index + 1, 'expected "[process PID]" and "key: value" lines')
      }
      const [, key = '', value = ''] = field
      if (key === 'environment') block.environment.push(value)
      else block.fields.set(key, value)
    }
    return { processes: blocks.map(processOf) }
  },
}

const processOf = ({ pid, line, fields, environment }: Block): NodeProcess => {
  const commandFlags = flagsOf(fields.get('command-flags'))
  const options = fields.get('node-options')
  const nodeOptionsFlags = options === undefined || options === '(not readable)' ? null : flagsOf(options)
  const fromCommand = maxOldSpace(commandFlags)
  const fromOptions = maxOldSpace(nodeOptionsFlags ?? [])
  const cgroup = fields.get('cgroup') ?? null
  return {
    pid,
    name: fields.get('Name') ?? null,
    parentPid: count(fields.get('PPid')),
    rssBytes: kib(fields.get('VmRSS')),
    anonBytes: kib(fields.get('RssAnon')),
    swapBytes: kib(fields.get('VmSwap')),
    threadCount: count(fields.get('Threads')),
    cgroup,
    unit: cgroup === null ? null : unitOfCgroup(cgroup),
    executable: fields.get('exe') ?? null,
    version: versionOf(fields.get('version')),
    maxOldSpaceMib: fromCommand ?? fromOptions,
    maxOldSpaceFrom: fromCommand !== null ? 'command line' : fromOptions !== null ? 'NODE_OPTIONS' : null,
    commandFlags,
    nodeOptionsFlags,
    nodeOptionsOtherCount: nodeOptionsFlags === null ? null : count(fields.get('node-options-other-flags')),
    environment,
    line,
  }
}

const versionOf = (text: string | undefined): NodeVersion | null => {
  const match = /^v(\d{1,3})\.(\d{1,3})\.\d{1,3}$/.exec(text ?? '')
  return match === null ? null : { text: match[0], major: Number(match[1]), minor: Number(match[2]) }
}

const flagsOf = (text: string | undefined): string[] => (text ?? '').split(' ').filter((flag) => flag.startsWith('--'))

/** The last one wins, as in Node; V8 takes dashes and underscores alike. */
const maxOldSpace = (flags: readonly string[]): number | null => {
  const values = flags.map((flag) => /^--max[-_]old[-_]space[-_]size=(\d{1,7})$/.exec(flag)?.[1])
  return count(values.findLast((value) => value !== undefined))
}

const count = (text: string | undefined): number | null => (/^\d{1,15}$/.test(text ?? '') ? Number(text) : null)

const kib = (text: string | undefined): number | null => {
  const value = count(/^(\d{1,12}) kB$/.exec(text ?? '')?.[1])
  return value === null ? null : value * 1024
}
