import { PublishError } from '../domain/errors.ts'
import type { GitAccess } from './gitAccess.ts'

export interface GitRun {
  readonly exitCode: number
  readonly stdout: Buffer
  /** Without secrets and without anything a terminal would obey. */
  readonly stderr: string
}

export interface GitOptions {
  readonly input?: string | Uint8Array
  readonly variables?: Readonly<Record<string, string>>
  readonly timeoutMs?: number
  /** Exit codes that are an answer, beside 0. */
  readonly accept?: readonly number[]
}

/** Runs the git binary in one repository. Throws GitError when it ends in another way than expected. */
export type Git = (args: readonly string[], options?: GitOptions) => Promise<GitRun>

/** git said no; `detail` is what it said, fit to be shown. */
export class GitError extends Error {
  readonly detail: string
  readonly timedOut: boolean

  constructor(detail: string, timedOut: boolean) {
    super(detail)
    this.name = 'GitError'
    this.detail = detail
    this.timedOut = timedOut
  }
}

/** Local work takes milliseconds; a stall is a broken disk. Network calls give their own limit. */
const LOCAL_TIMEOUT_MS = 60_000

/** More than the largest wiki's list of names. */
const MOST_OUTPUT_BYTES = 64 * 1024 * 1024

/** Settings of one process; nothing of the user's or the machine's configuration is read. */
const CONFIGURATION: Readonly<Record<string, string>> = {
  // Hooks of a user, or planted in the cache, are not ours to run.
  'core.hooksPath': '/dev/null',
  'core.fsmonitor': 'false',
  'core.autocrlf': 'false',
  // The state folder may belong to the service's user while a person of its group publishes from the terminal.
  'safe.directory': '*',
  // A redirect would carry the token to another host.
  'http.followRedirects': 'false',
  'http.lowSpeedLimit': '100',
  'http.lowSpeedTime': '30',
  'protocol.allow': 'never',
  'protocol.file.allow': 'always',
  'protocol.https.allow': 'always',
  'protocol.http.allow': 'always',
  'protocol.ssh.allow': 'always',
  'gc.autoDetach': 'false',
  'credential.helper': '',
}

/** A git bound to a repository, a way in, and a signal. */
export const gitIn = (
  repository: string,
  access: GitAccess,
  environment: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Git => {
  const env = { ...environment, ...variablesOf(access) }
  return async (args, options = {}) => {
    const { execa } = await import('execa')
    const timeoutMs = options.timeoutMs ?? LOCAL_TIMEOUT_MS
    const child = execa('git', [`--git-dir=${repository}`, ...args], {
      env: { ...env, ...options.variables },
      extendEnv: false,
      input: options.input ?? '',
      encoding: 'buffer',
      reject: false,
      stripFinalNewline: false,
      maxBuffer: MOST_OUTPUT_BYTES,
      // A group of its own: git's helpers for http and ssh must end with it.
      detached: true,
    })
    const stop = stopAfter(timeoutMs, signal, child.pid)
    try {
      const result = await child
      const stderr = presentable(Buffer.from(result.stderr ?? '').toString('utf8'), access.secrets)
      if (stop.reason === 'aborted') throw new PublishError('publishing was stopped')
      if (stop.reason === 'timed out') throw new GitError(`no end after ${timeoutMs / 1000} s`, true)
      if (result.code === 'ENOENT') throw new PublishError('git is not installed', { hint: 'apt install git' })
      const exitCode = result.exitCode ?? -1
      if (exitCode !== 0 && options.accept?.includes(exitCode) !== true)
        throw new GitError(stderr === '' ? (result.shortMessage ?? `exit ${exitCode}`) : stderr, false)
      return { exitCode, stdout: Buffer.from(result.stdout ?? ''), stderr }
    } finally {
      stop.clear()
    }
  }
}

const stopAfter = (timeoutMs: number, signal: AbortSignal, pid: number | undefined) => {
  const state: { reason: 'aborted' | 'timed out' | null; clear: () => void } = { reason: null, clear: () => {} }
  const end = (reason: 'aborted' | 'timed out'): void => {
    state.reason ??= reason
    if (pid === undefined) return
    try {
      process.kill(-pid, 'SIGKILL')
    } catch {
      // It has ended by itself.
    }
  }
  const abort = (): void => end('aborted')
  const timer = setTimeout(() => end('timed out'), timeoutMs)
  signal.addEventListener('abort', abort)
  if (signal.aborted) abort()
  state.clear = () => {
    clearTimeout(timer)
    signal.removeEventListener('abort', abort)
  }
  return state
}

const variablesOf = (access: GitAccess): Record<string, string> => {
  const pairs = Object.entries({ ...CONFIGURATION, ...access.configuration })
  return {
    ...access.variables,
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ASKPASS: 'true',
    GIT_CONFIG_COUNT: String(pairs.length),
    ...Object.fromEntries(
      pairs.flatMap(([key, value], index) => [
        [`GIT_CONFIG_KEY_${index}`, key],
        [`GIT_CONFIG_VALUE_${index}`, value],
      ]),
    ),
  }
}

const LONGEST_DETAIL = 400

/** What the other side prints is theirs: one line, no controls, no secret of ours, not too much. */
const presentable = (text: string, secrets: readonly string[]): string => {
  let shown = text
  for (const secret of secrets) shown = shown.replaceAll(secret, '[redacted]')
  const lines = shown
    .split(/[\r\n]+/)
    .map((line) => line.replace(/[^\x20-\x7e\u00a0-\uffff]|[\u200b-\u200f\u202a-\u202e\u2060-\u206f]/g, '').trim())
    .filter((line) => line !== '' && !/^remote: (?:Counting|Compressing|Total|Resolving|Enumerating)\b/.test(line))
  const joined = lines.join('; ')
  return joined.length <= LONGEST_DETAIL ? joined : `${joined.slice(0, LONGEST_DETAIL - 1)}…`
}
