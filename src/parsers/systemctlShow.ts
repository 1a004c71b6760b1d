import { ParseError } from '../domain/errors.ts'
import { parseCount, parseLimit } from './limitValue.ts'
import type { LimitValue } from './limitValue.ts'
import type { Parser } from './parser.ts'

// systemctl show UNIT… [-p Id,Result,…]   one block of KEY=VALUE a unit, a blank line between units
//
// Restart=always
// Result=oom-kill
// NRestarts=3
// MemoryCurrent=[not set]
// MemoryMax=209715200
// MemoryHigh=infinity
// Id=queue_worker.service

/** What systemd says about one unit now. `null`: not printed, or `[not set]`. Result is reset at the next start. */
export interface UnitState {
  /** Null when `Id` was not asked for. */
  readonly id: string | null
  readonly description: string | null
  readonly loadState: string | null
  readonly activeState: string | null
  readonly subState: string | null
  readonly type: string | null
  readonly result: string | null
  readonly restart: string | null
  readonly restartCount: number | null
  readonly oomPolicy: string | null
  /** 1 exited, 2 killed, 3 dumped; 0 while it runs. */
  readonly mainExitCode: number | null
  /** The exit status, or the signal's number. */
  readonly mainExitStatus: number | null
  readonly mainExitAtMs: number | null
  readonly execMainPid: number | null
  readonly mainPid: number | null
  readonly activeEnterAtMs: number | null
  readonly stateChangeAtMs: number | null
  /** Null when the unit is stopped. */
  readonly controlGroup: string | null
  readonly slice: string | null
  readonly delegate: boolean | null
  readonly memoryCurrentBytes: number | null
  readonly memoryPeakBytes: number | null
  readonly memoryHighBytes: LimitValue
  readonly memoryMaxBytes: LimitValue
  readonly memorySwapMaxBytes: LimitValue
  readonly memoryLimitBytes: LimitValue
  readonly memoryLowBytes: LimitValue
  readonly memoryMinBytes: LimitValue
  readonly tasksCurrentCount: number | null
  readonly tasksMaxCount: LimitValue
  readonly fragmentPath: string | null
  readonly sourcePath: string | null
  readonly dropInPaths: readonly string[]
  readonly needDaemonReload: boolean | null
  /** Every property as printed, for those who need one that has no field here. */
  readonly properties: Readonly<Record<string, string>>
  /** 1-based line of a property in the output. */
  readonly lines: Readonly<Record<string, number>>
}

export interface SystemctlShowFacts {
  readonly units: readonly UnitState[]
}

export const systemctlShowParser: Parser<SystemctlShowFacts> = {
  id: 'systemctl-show',
  parse: (output) => {
    const units: UnitState[] = []
    let block = new Map<string, { value: string; line: number }>()
    const close = (): void => {
      if (block.size > 0) units.push(unitState(block))
      block = new Map()
    }
    let lastKey: string | null = null
    for (const [index, raw] of output.split('\n').entries()) {
      const line = raw.replace(/\r$/, '')
      if (line === '') {
        close()
        lastKey = null
        continue
      }
      const match = /^([A-Z][A-Za-z0-9]{0,80})=(.*)$/s.exec(line)
      if (match !== null) {
        lastKey = match[1] ?? ''
        // A repeated key (ExecStart= of several commands) keeps its first line.
        if (!block.has(lastKey)) block.set(lastKey, { value: match[2] ?? '', line: index + 1 })
      } else if (lastKey === null) {
        throw new ParseError('systemctl-show', index + 1, `expected "Key=value", got "${line.slice(0, 80)}"`)
      }
      // Anything else continues a value that holds a line break (Environment=, ExecStart=).
    }
    close()
    if (units.length === 0) throw new ParseError('systemctl-show', 1, 'no properties')
    return { units }
  },
}

const unitState = (block: ReadonlyMap<string, { value: string; line: number }>): UnitState => {
  const value = (key: string): string | undefined => block.get(key)?.value
  const text = (key: string): string | null => {
    const found = value(key)
    return found === undefined || found === '' || found === '[not set]' ? null : found
  }
  const count = (key: string): number | null => parseCount(value(key))
  const limit = (key: string): LimitValue => parseLimit(value(key))
  const flag = (key: string): boolean | null => {
    const found = value(key)
    return found === 'yes' ? true : found === 'no' ? false : null
  }
  return {
    id: text('Id'),
    description: text('Description'),
    loadState: text('LoadState'),
    activeState: text('ActiveState'),
    subState: text('SubState'),
    type: text('Type'),
    result: text('Result'),
    restart: text('Restart'),
    restartCount: count('NRestarts'),
    oomPolicy: text('OOMPolicy'),
    mainExitCode: count('ExecMainCode'),
    mainExitStatus: count('ExecMainStatus'),
    mainExitAtMs: utcStamp(value('ExecMainExitTimestamp')),
    execMainPid: positive(count('ExecMainPID')),
    mainPid: positive(count('MainPID')),
    activeEnterAtMs: utcStamp(value('ActiveEnterTimestamp')),
    stateChangeAtMs: utcStamp(value('StateChangeTimestamp')),
    controlGroup: text('ControlGroup'),
    slice: text('Slice'),
    delegate: flag('Delegate'),
    memoryCurrentBytes: measured(limit('MemoryCurrent')),
    memoryPeakBytes: measured(limit('MemoryPeak')),
    memoryHighBytes: limit('MemoryHigh'),
    memoryMaxBytes: limit('MemoryMax'),
    memorySwapMaxBytes: limit('MemorySwapMax'),
    memoryLimitBytes: limit('MemoryLimit'),
    memoryLowBytes: limit('MemoryLow'),
    memoryMinBytes: limit('MemoryMin'),
    tasksCurrentCount: measured(limit('TasksCurrent')),
    tasksMaxCount: limit('TasksMax'),
    fragmentPath: text('FragmentPath'),
    sourcePath: text('SourcePath'),
    dropInPaths: (value('DropInPaths') ?? '').split(' ').filter((path) => path !== ''),
    needDaemonReload: flag('NeedDaemonReload'),
    properties: Object.fromEntries([...block].map(([key, entry]) => [key, entry.value])),
    lines: Object.fromEntries([...block].map(([key, entry]) => [key, entry.line])),
  }
}

/** systemd 219–234 prints 2^64 - 1 for "unknown", so a measured value is never infinite. */
const measured = (value: LimitValue): number | null => (value === 'infinity' ? null : value)

const positive = (value: number | null): number | null => (value === 0 ? null : value)

/** `Mon 2026-11-23 15:03:44 UTC`; a stamp in another zone is not guessed at. */
const utcStamp = (text: string | undefined): number | null => {
  const match = /^(?:[A-Z][a-z]{2} )?(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d{1,6})?) UTC$/.exec(text ?? '')
  if (match === null) return null
  const ms = Date.parse(`${match[1]}T${match[2]?.slice(0, 12)}Z`)
  return Number.isNaN(ms) ? null : ms
}
