import type { Command, Outcome, StepResult } from '../domain/step.ts'
import { AsyncQueue } from './asyncQueue.ts'
import { frameProblem } from './frame.ts'
import type { ShellRefusal, ShellSource } from './shellPipe.ts'
import { ShellSession } from './shellSession.ts'
import { resultWithoutOutput } from './stepRecord.ts'

/** security-reliability.md section 4: at most 4 channels a connection; SFTP and the shared shell are two of them. */
const OWN_CHANNELS = 2
const CANNOT_FORK = 'cannot fork: '

/**
 * Runs commands on one host: the shared shell, kept from call to call, and at most two more for slow steps. Whatever
 * happens, each command gets exactly one result.
 */
export class CommandRunner {
  readonly #source: ShellSource
  #shared: ShellSession | null
  #canFork: boolean | null = null
  #forkReason = ''
  /** Set once, when the very first shell ended instead of answering. */
  #noShell: string | null = null
  #hasAnswered = false
  #probing: Promise<void> | null = null
  readonly #open = new Set<ShellSession>()
  #sharedTurn: Promise<void> = Promise.resolve()

  constructor(source: ShellSource) {
    this.#source = source
    this.#shared = null
  }

  get canFork(): boolean | null {
    return this.#canFork
  }

  get busy(): boolean {
    return [...this.#open].some((session) => session.busy)
  }

  /** Takes over what the login brought: a shell, asked at once whether the host can fork, or why there is none. */
  adopt(shell: ShellSession | ShellRefusal): void {
    if (!(shell instanceof ShellSession)) return this.#note(shell)
    this.#shared = shell
    this.#open.add(shell)
    return void this.#probe(shell)
  }

  /** Whether the shared shell stands. */
  get alive(): boolean {
    return this.#shared !== null && this.#shared.closed === null
  }

  /** Gives the shared shell up while nothing runs on it; the next call opens another one. */
  async rest(): Promise<void> {
    const gone = this.#shared?.ended
    this.kill('made room for reading files')
    await gone
  }

  async *run(commands: readonly Command[], signal: AbortSignal): AsyncGenerator<StepResult, void, undefined> {
    const results = new AsyncQueue<StepResult>()
    const give = (result: StepResult): void => {
      if (result.outcome === 'not-run' && result.reason.startsWith(CANNOT_FORK)) {
        this.#note({ refused: 'fork', reason: result.reason.slice(CANNOT_FORK.length) })
      }
      results.push(result)
    }
    const call: Call = { signal, give }
    const stop = (): void => this.kill('cancelled')
    signal.addEventListener('abort', stop, { once: true })
    this.#runAll(commands, call).then(
      () => results.end(),
      (error: unknown) => results.fail(error),
    )
    try {
      yield* results
    } finally {
      signal.removeEventListener('abort', stop)
    }
  }

  kill(reason: string): void {
    for (const session of this.#open) session.kill(reason)
    this.#open.clear()
    this.#shared = null
  }

  async #runAll(commands: readonly Command[], call: Call): Promise<void> {
    const good: Command[] = []
    for (const command of commands) {
      const problem = frameProblem(command)
      if (problem === null) good.push(command)
      else call.give(resultWithoutOutput(command, { outcome: 'not-run', reason: problem }))
    }
    if (good.length === 0) return
    // Two callers at once take turns: one shell frames one batch.
    const turn = this.#sharedTurn.then(() => this.#runTurn(good, call))
    this.#sharedTurn = turn.catch(() => undefined)
    await turn
  }

  async #runTurn(commands: readonly Command[], call: Call): Promise<void> {
    const first = await this.#sharedShell(call)
    if (!(first instanceof ShellSession)) return giveAll(commands, refusalOutcome(first), call)
    if (this.#canFork === false) {
      return giveAll(commands, { outcome: 'not-run', reason: `${CANNOT_FORK}${this.#forkReason}` }, call)
    }
    if (first.closed !== null) return giveAll(commands, this.#shellEnded(first.closed), call)
    const own = commands.filter((command) => command.channel === 'own' || command.pty !== null)
    const refused: Command[] = []
    await Promise.all([
      this.#runShared(
        commands.filter((command) => !own.includes(command)),
        call,
      ),
      ...Array.from({ length: OWN_CHANNELS }, () => this.#runOwn(own, refused, call)),
    ])
    // No channel was to be had for these: they queue on the shell that exists.
    await this.#runShared(refused, call)
  }

  /** Goes on over a new shell when one is given up; a step that was not begun twice in a row ends the attempt. */
  async #runShared(commands: readonly Command[], call: Call): Promise<void> {
    let left = commands
    let hasRetried = false
    while (left.length > 0) {
      const session = await this.#sharedShell(call)
      if (!(session instanceof ShellSession)) return giveAll(left, refusalOutcome(session), call)
      if (this.#canFork === false) {
        return giveAll(left, { outcome: 'not-run', reason: `${CANNOT_FORK}${this.#forkReason}` }, call)
      }
      const before = left.length
      const end = await session.run(left, call.give)
      left = end.left
      if (left.length === 0) return undefined
      const isStuck = left.length === before
      if (call.signal.aborted || (isStuck && hasRetried)) {
        return giveAll(left, { outcome: 'unknown', reason: end.reason ?? 'the shell ended' }, call)
      }
      hasRetried = isStuck
    }
    return undefined
  }

  async #sharedShell(call: Call): Promise<ShellSession | ShellRefusal> {
    if (call.signal.aborted) return { refused: 'lost', reason: 'cancelled' }
    if (this.#shared === null || this.#shared.closed !== null) {
      if (this.#shared !== null) this.#open.delete(this.#shared)
      if (this.#noShell !== null) return { refused: 'shell', reason: this.#noShell }
      const session = await this.#openSession(null)
      if (!(session instanceof ShellSession)) return session
      this.#shared = session
      await this.#probe(session)
    } else if (this.#canFork !== true) {
      await (this.#probing ?? this.#probe(this.#shared))
    }
    return this.#shared
  }

  async #openSession(pty: Command['pty']): Promise<ShellSession | ShellRefusal> {
    const pipe = await this.#source.openShell(pty)
    if ('refused' in pipe) {
      this.#note(pipe)
      return pipe
    }
    const session = new ShellSession(pipe)
    this.#open.add(session)
    return session
  }

  #shellEnded(reason: string): Outcome {
    if (this.#noShell !== null) return { outcome: 'not-run', reason: this.#noShell }
    return { outcome: 'unknown', reason }
  }

  #note(refusal: ShellRefusal): void {
    if (refusal.refused !== 'fork') return
    this.#canFork = false
    this.#forkReason = refusal.reason
  }

  async #probe(session: ShellSession): Promise<void> {
    const ask = async (): Promise<void> => {
      const answer = await session.probe()
      this.#probing = null
      // A shell that ended before it answered says nothing about processes: the account has none, or the line is cut.
      if (answer.canFork === null) {
        if (!this.#hasAnswered && !answer.isLost) this.#noShell = `no shell on this host: ${answer.reason}`
        return
      }
      this.#hasAnswered = true
      this.#canFork = answer.canFork
      this.#forkReason = answer.canFork ? '' : answer.reason
    }
    this.#probing = ask()
    await this.#probing
  }

  /** One of the extra channels: takes the next slow command until none is left or no channel is granted. */
  async #runOwn(queue: Command[], refused: Command[], call: Call): Promise<void> {
    for (let command = queue.shift(); command !== undefined; command = queue.shift()) {
      if (call.signal.aborted)
        return giveAll([command, ...queue.splice(0)], { outcome: 'unknown', reason: 'cancelled' }, call)
      const session = await this.#openSession(command.pty)
      if (!(session instanceof ShellSession)) {
        if (session.refused === 'channels' && command.pty === null) refused.push(command)
        else call.give(resultWithoutOutput(command, refusalOutcome(session)))
        continue
      }
      // Not waited for: its answer and the step travel together. It teaches the new shell which `timeout` there is.
      if (command.pty === null) void session.probe()
      const end = await session.run([command], call.give)
      giveAll(end.left, { outcome: 'unknown', reason: end.reason ?? 'the shell ended' }, call)
      session.kill('done')
      this.#open.delete(session)
    }
  }
}

interface Call {
  readonly signal: AbortSignal
  readonly give: (result: StepResult) => void
}

const giveAll = (commands: readonly Command[], outcome: Outcome, call: Call): void => {
  for (const command of commands) call.give(resultWithoutOutput(command, outcome))
}

const refusalOutcome = (refusal: ShellRefusal): Outcome => {
  if (refusal.refused === 'lost') return { outcome: 'unknown', reason: refusal.reason }
  if (refusal.refused === 'fork') return { outcome: 'not-run', reason: `${CANNOT_FORK}${refusal.reason}` }
  return { outcome: 'not-run', reason: refusal.reason }
}
