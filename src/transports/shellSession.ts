import { randomBytes } from 'node:crypto'
import type { Command, Outcome, StepResult } from '../domain/step.ts'
import { FrameReader, PREAMBLE, limitSeconds, probeScript, stepsScript } from './frame.ts'
import type { ShellPipe } from './shellPipe.ts'
import { StepRecord } from './stepRecord.ts'

/** The shell's own words are builtins; if not even a mark arrives within this time, the shell is stuck. */
const SILENCE_MS = 15_000
/** `timeout -k 2` needs its two seconds, the network and a swapping host the rest. */
const HOST_GRACE_MS = 4_000
/** security-reliability.md section 5: a fork that takes longer than this, once the shell is up, is as good as none. */
export const PROBE_MS = 3_000
const MIB = 1024 * 1024
/** A step that prints this much is not worth waiting for: its shell is given up. */
const MOST_BYTES = 512 * MIB
/** Where only the beginning is kept, the rest is read for the sake of an exit status: this much, then no more. */
const PAST_THE_HEAD_BYTES = 16 * MIB

/** Null: the shell ended before it could answer, or never came up. */
export type ProbeAnswer =
  | { readonly canFork: true }
  | { readonly canFork: false; readonly reason: string }
  | { readonly canFork: null; readonly reason: string; readonly isLost: boolean }

/** How a batch ended: every command has its result, or the shell was given up and these are left. */
export interface BatchEnd {
  readonly left: readonly Command[]
  readonly reason: string | null
}

interface Batch {
  readonly waiting: StepRecord[]
  readonly onResult: (result: StepResult) => void
  readonly done: (end: BatchEnd) => void
}

/** One shell that runs framed steps, one after the other. When it is stuck it is given up, never waited for. */
export class ShellSession {
  readonly #pipe: ShellPipe
  readonly #stdout = new FrameReader()
  readonly #stderr = new FrameReader()
  #batch: Batch | null = null
  #timer: NodeJS.Timeout | undefined
  #closed: string | null = null
  #isLost = false
  readonly #ended = Promise.withResolvers<void>()
  #preambleSent = false
  readonly #onClosed: (() => void)[] = []

  constructor(pipe: ShellPipe) {
    this.#pipe = pipe
    pipe.listen({
      onStdout: (chunk) => this.#stdout.push(chunk),
      onStderr: (chunk) => this.#stderr.push(chunk),
      onClose: (reason, isLost) => {
        this.#isLost ||= isLost
        this.#close(reason)
        this.#ended.resolve()
      },
    })
  }

  /** Why this shell is no more, null while it lives. */
  get closed(): string | null {
    return this.#closed
  }

  /** Resolves when the other side has confirmed the end. */
  get ended(): Promise<void> {
    return this.#ended.promise
  }

  get busy(): boolean {
    return this.#batch !== null
  }

  /**
   * Asks once whether the host can start a process. A late or failed answer is a no. What comes before the shell's first
   * word does not count: start files of a login take seconds on hosts that fork well.
   */
  async probe(): Promise<ProbeAnswer> {
    const record = new StepRecord(probeCommand, newMark())
    const result = await new Promise<StepResult | 'closed' | 'late'>((resolve) => {
      if (this.#closed !== null) return resolve('closed')
      let timer = setTimeout(() => this.kill(silence(SILENCE_MS)), SILENCE_MS)
      this.#onClosed.push(() => {
        clearTimeout(timer)
        resolve('closed')
      })
      this.#expect(record, (what) => {
        clearTimeout(timer)
        if (what === 'started') timer = setTimeout(() => resolve('late'), PROBE_MS)
        else resolve(record.finish())
      })
      this.#send(probeScript(record.mark))
      return undefined
    })
    if (result === 'closed') return { canFork: null, reason: this.#closed ?? '', isLost: this.#isLost }
    if (result === 'late') return { canFork: false, reason: `no process started within ${PROBE_MS / 1000} s` }
    if (/^(?:\d+|unknown)$/.test(result.stdout)) return { canFork: true }
    return { canFork: false, reason: firstLine(result.stderr) || 'the shell could not start a process' }
  }

  /** Sends all commands at once; each result is handed over when its end mark arrives. */
  async run(commands: readonly Command[], onResult: (result: StepResult) => void): Promise<BatchEnd> {
    if (this.#closed !== null) return { left: commands, reason: this.#closed }
    if (commands.length === 0) return { left: [], reason: null }
    return new Promise((done) => {
      const waiting = commands.map((command) => new StepRecord(command, newMark()))
      this.#batch = { waiting, onResult, done }
      for (const record of waiting) {
        this.#expect(record, (what) => this.#onStep(record, what))
      }
      this.#waitAtMost(SILENCE_MS)
      this.#send(stepsScript(waiting))
    })
  }

  /** Kills what runs and closes; a running batch ends with what it has. */
  kill(reason: string): void {
    this.#isLost = true
    this.#close(reason)
  }

  #expect(record: StepRecord, on: (what: 'started' | 'ended' | 'flood') => void): void {
    const ended = { stdout: false, stderr: this.#pipe.merged }
    const listener = (stream: 'stdout' | 'stderr') => ({
      onData: (chunk: Buffer) => {
        record.push(stream, chunk)
        if (record.totalBytes > mostBytes(record.command)) on('flood')
      },
      onMark: (mark: Parameters<StepRecord['onMark']>[1]) => {
        if (record.onMark(stream, mark)) on('started')
        if (mark.kind !== 'end') return
        ended[stream] = true
        if (ended.stdout && ended.stderr) on('ended')
      },
    })
    this.#stdout.expect(record.mark, listener('stdout'))
    if (!this.#pipe.merged) this.#stderr.expect(record.mark, listener('stderr'))
  }

  #onStep(record: StepRecord, what: 'started' | 'ended' | 'flood'): void {
    const batch = this.#batch
    if (batch === null || batch.waiting[0] !== record) return
    if (what === 'started') return this.#waitFor(record)
    if (what === 'flood') {
      const reason = `stopped after ${Math.floor(record.totalBytes / MIB)} MiB of output`
      return this.#close('given up', { outcome: 'unknown', reason })
    }
    batch.waiting.shift()
    batch.onResult(record.finish())
    const next = batch.waiting[0]
    if (next !== undefined) return this.#waitFor(next)
    clearTimeout(this.#timer)
    this.#batch = null
    return batch.done({ left: [], reason: null })
  }

  /** The two streams are not in step: the next step may have begun before the end of this one is complete. */
  #waitFor(record: StepRecord): void {
    this.#waitAtMost(record.started ? limitSeconds(record.command.timeoutMs) * 1000 + HOST_GRACE_MS : SILENCE_MS)
  }

  #waitAtMost(limitMs: number): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      const current = this.#batch?.waiting[0]
      if (current?.started === true) return this.#close('given up', current.cutOutcome())
      return this.#close(silence(limitMs))
    }, limitMs)
  }

  /** The step that was running keeps its partial output; those that had not begun are left to another shell. */
  #close(reason: string, verdict?: Outcome): void {
    if (this.#closed !== null) return
    this.#closed = reason
    clearTimeout(this.#timer)
    this.#stdout.finish()
    this.#stderr.finish()
    this.#pipe.kill()
    for (const tell of this.#onClosed) tell()
    const batch = this.#batch
    this.#batch = null
    if (batch === null) return
    const current = batch.waiting[0]
    if (current?.started === true) {
      batch.waiting.shift()
      batch.onResult(current.stop(verdict ?? { outcome: 'unknown', reason }))
    }
    batch.done({ left: batch.waiting.map((record) => record.command), reason })
  }

  #send(script: string): void {
    this.#pipe.write(this.#preambleSent ? script : PREAMBLE + script)
    this.#preambleSent = true
  }
}

const mostBytes = ({ limit }: Command): number =>
  limit.keep === 'head' ? Math.min(MOST_BYTES, limit.bytes + PAST_THE_HEAD_BYTES) : MOST_BYTES

const silence = (limitMs: number): string => `the shell said nothing for ${limitMs / 1000} s`

const newMark = (): string => randomBytes(16).toString('hex')

const firstLine = (text: string): string => text.trim().split('\n', 1)[0] ?? ''

const probeCommand: Command = {
  step: 'fork-probe',
  subject: null,
  script: '',
  env: {},
  timeoutMs: PROBE_MS,
  limit: { bytes: 4096, keep: 'head' },
  channel: 'shared',
  sudo: false,
  pty: null,
}
