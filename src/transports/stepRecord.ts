import type { Command, Outcome, StepResult } from '../domain/step.ts'
import { BoundedBytes } from './boundedBytes.ts'
import { limitSeconds } from './frame.ts'
import type { Mark } from './frame.ts'

/** Error text past this is noise; the limit of a step speaks of its standard output. */
const STDERR_LIMIT_BYTES = 256 * 1024
/** `timeout` rounds nothing down, but /proc/uptime counts in hundredths. */
const CLOCK_SLACK_MS = 50

/** What is known about one step while it runs; becomes its result. */
export class StepRecord {
  readonly command: Command
  readonly mark: string
  readonly #stdout: BoundedBytes
  readonly #stderr: BoundedBytes
  #startedAtMs: number | null = null
  #endedAtMs: number | null = null
  #hostStart: number | null = null
  #hostEnd: number | null = null
  #exitCode: number | null = null
  #began = false

  constructor(command: Command, mark: string) {
    this.command = command
    this.mark = mark
    this.#stdout = new BoundedBytes(command.limit)
    this.#stderr = new BoundedBytes({ bytes: Math.min(command.limit.bytes, STDERR_LIMIT_BYTES), keep: 'both' })
  }

  get started(): boolean {
    return this.#startedAtMs !== null
  }

  get totalBytes(): number {
    return this.#stdout.totalBytes + this.#stderr.totalBytes
  }

  push(stream: 'stdout' | 'stderr', chunk: Buffer): void {
    if (stream === 'stdout') this.#stdout.push(chunk)
    else this.#stderr.push(chunk)
  }

  /** True when this mark says that the step has just started. */
  onMark(stream: 'stdout' | 'stderr', mark: Mark): boolean {
    if (stream === 'stderr') return false
    if (mark.kind === 'start' && this.#startedAtMs === null) {
      this.#startedAtMs = Date.now()
      this.#hostStart = readSeconds(mark.fields[0])
      return true
    }
    if (mark.kind === 'begin') this.#began = true
    if (mark.kind === 'end') {
      this.#endedAtMs = Date.now()
      this.#exitCode = readSeconds(mark.fields[0])
      this.#hostEnd = readSeconds(mark.fields[1])
    }
    return false
  }

  /** The end mark has arrived: the outcome is what the host said. */
  finish(): StepResult {
    return this.#result(this.#hostOutcome())
  }

  /** The step is cut by us; what it printed so far is kept. */
  stop(outcome: Outcome): StepResult {
    return this.#result(outcome)
  }

  /** What to say of a step that did not end in time: it ran too long, or its process never came to be. */
  cutOutcome(): Outcome {
    if (this.#began) return { outcome: 'timed-out' }
    const words = firstLine(this.#stderr.finish().text)
    return { outcome: 'not-run', reason: `cannot fork: ${words || 'the process did not start in time'}` }
  }

  #hostOutcome(): Outcome {
    const exitCode = this.#exitCode
    if (exitCode === null) return { outcome: 'unknown', reason: 'no exit status' }
    const stderr = this.#stderr.finish().text
    if (!this.#began || (exitCode === 125 && /^timeout: fork /m.test(stderr))) {
      return {
        outcome: 'not-run',
        reason: `cannot fork: ${firstLine(stderr) || 'the shell could not start a process'}`,
      }
    }
    const isOver = this.#durationMs() >= limitSeconds(this.command.timeoutMs) * 1000 - CLOCK_SLACK_MS
    // 124: timeout's own TERM; 137: its KILL; 143: busybox. A step may exit with these numbers by itself, but not late.
    if (isOver && [124, 137, 143].includes(exitCode)) return { outcome: 'timed-out' }
    const refusal = this.command.sudo ? sudoRefusal(exitCode, stderr) : null
    return refusal === null ? { outcome: 'exited', exitCode } : { outcome: 'not-run', reason: refusal }
  }

  #durationMs(): number {
    if (this.#hostStart !== null && this.#hostEnd !== null) {
      return Math.max(0, Math.round((this.#hostEnd - this.#hostStart) * 1000))
    }
    return this.#startedAtMs === null ? 0 : (this.#endedAtMs ?? Date.now()) - this.#startedAtMs
  }

  #result(outcome: Outcome): StepResult {
    const stdout = this.#stdout.finish()
    const stderr = this.#stderr.finish()
    return {
      step: this.command.step,
      subject: this.command.subject,
      ...outcome,
      stdout: stdout.text,
      stderr: stderr.text,
      droppedBytes: stdout.droppedBytes + stderr.droppedBytes,
      startedAtMs: this.#startedAtMs ?? Date.now(),
      durationMs: this.#durationMs(),
    }
  }
}

/** A result for a command that never reached a shell, or was lost with it. */
export const resultWithoutOutput = (command: Command, outcome: Outcome): StepResult => ({
  step: command.step,
  subject: command.subject,
  ...outcome,
  stdout: '',
  stderr: '',
  droppedBytes: 0,
  startedAtMs: Date.now(),
  durationMs: 0,
})

const readSeconds = (text: string | undefined): number | null =>
  text !== undefined && /^\d{1,12}(?:\.\d+)?$/.test(text) ? Number(text) : null

const firstLine = (text: string): string => text.trim().split('\n', 1)[0] ?? ''

/** sudo refuses before the step begins; stderr may hold other noise with any status, so only its own words count. */
const sudoRefusal = (exitCode: number, stderr: string): string | null => {
  const words = /^sudo: .*(?:password is required|a terminal is required|may not run sudo|no new privileges).*$/m
  const denied = /^(?:Sorry, user .{1,200} is not allowed to execute .*|.{1,100} is not in the sudoers file.*)$/m
  const line = exitCode === 1 ? (words.exec(stderr)?.[0] ?? denied.exec(stderr)?.[0]) : undefined
  if (line !== undefined) return `sudo refused: ${line.slice(0, 300)}`
  const isMissing = exitCode === 127 && /sudo: (?:not found|command not found)/.test(stderr)
  return isMissing ? 'sudo refused: sudo is not installed on this host' : null
}
