import { parseDuration } from '../domain/duration.ts'
import type { ByteLimit } from '../domain/step.ts'
import type { Attributes } from './attributes.ts'
import type { RunbookStep } from './runbook.ts'

/** Enough for every quick command on a healthy host; design.md section 5. */
export const DEFAULT_STEP_TIMEOUT_MS = 15_000
const LONGEST_STEP_MS = 600_000

/** security-reliability.md section 4: 2 MB a step. */
const DEFAULT_LIMIT: ByteLimit = { bytes: 2 * 1024 * 1024, keep: 'both' }
const LARGEST_LIMIT_BYTES = 16 * 1024 * 1024

const KEYS = [
  'name',
  'parse',
  'timeout',
  'limit',
  'when',
  'each',
  'channel',
  'sudo',
  'pty',
  'risk',
  'undo',
  'touches',
  'optional',
] as const
type Key = (typeof KEYS)[number]

/** Keys that mean nothing where no process is started. */
const SHELL_ONLY: readonly Key[] = ['channel', 'sudo', 'pty', 'risk', 'undo', 'touches']

const STEP_NAME = /^[a-z0-9][a-z0-9-]{0,63}$/

/** Facts a `when` may ask for besides a step that parsed. */
export const PRESENCES = ['systemd', 'php-fpm', 'node', 'cannot-fork'] as const

export interface Fence {
  readonly kind: 'sh' | 'files'
  readonly attributes: Attributes
  readonly body: string
  readonly line: number
  readonly prose: string
}

/** Makes a step of a fence and says everything that is wrong with it by itself (not beside other steps). */
export const parseFence = (
  fence: Fence,
  hasParser: (id: string) => boolean,
): { step: RunbookStep; problems: readonly string[] } => {
  const problems = [...fence.attributes.problems]
  const { entries } = fence.attributes
  const take = <Value>(key: Key, absent: Value, read: (text: string) => Value | undefined, expected: string): Value => {
    const text = entries.get(key)
    if (text === undefined) return absent
    const value = read(text)
    if (value === undefined) problems.push(`${key}: bad value "${text}", expected ${expected}`)
    return value ?? absent
  }
  for (const key of entries.keys()) {
    if (!(KEYS as readonly string[]).includes(key)) {
      problems.push(`unknown key "${key}", expected one of ${KEYS.join(', ')}`)
    } else if (fence.kind === 'files' && (SHELL_ONLY as readonly string[]).includes(key)) {
      problems.push(`key "${key}" means nothing in a files fence: no process is started`)
    }
  }
  const anyText = (text: string) => (text === 'true' ? undefined : text)
  const step: RunbookStep = {
    kind: fence.kind,
    body: fence.body,
    line: fence.line,
    prose: fence.prose,
    name: take(
      'name',
      '',
      (text) => (STEP_NAME.test(text) ? text : undefined),
      'lower-case letters, digits and dashes',
    ),
    parse: take('parse', null, (text) => (hasParser(text) ? text : undefined), 'the id of a parser'),
    timeoutMs: take('timeout', DEFAULT_STEP_TIMEOUT_MS, stepTimeout, 'a duration from 1s to 10m'),
    limit: take('limit', DEFAULT_LIMIT, byteLimit, 'a size and which end to keep, as 256K:tail (head, tail, both)'),
    when: take('when', null, anyText, `${PRESENCES.join(', ')} or an earlier step`),
    each: take('each', null, (text) => (text === 'suspects' ? text : undefined), 'suspects'),
    channel: take('channel', 'shared', (text) => (text === 'own' || text === 'shared' ? text : undefined), 'own'),
    sudo: take('sudo', false, flag, 'true, false or nothing'),
    pty: take('pty', false, flag, 'true, false or nothing'),
    risk: take(
      'risk',
      'read',
      (text) => (text === 'read' || text === 'change' || text === 'danger' ? text : undefined),
      'read, change or danger',
    ),
    undo: take('undo', null, anyText, 'the command that takes the change back'),
    touches: take('touches', [], touchedPaths, 'absolute paths without ".." as "/etc/systemd/system/{unit}.d/*.conf"'),
    optional: take('optional', false, flag, 'true, false or nothing'),
  }
  if (!entries.has('name')) problems.push('name is missing: a step that runs needs {name=…}')
  if (step.risk !== 'read' && step.undo === null) problems.push(`risk=${step.risk} needs undo="…"`)
  if (step.risk === 'read' && step.undo !== null) problems.push('undo without risk=change or risk=danger')
  if (step.risk === 'read' && step.touches.length > 0) problems.push('touches without risk=change or risk=danger')
  if (fence.body.trim() === '') problems.push('the fence is empty')
  return { step, problems }
}

const flag = (text: string): boolean | undefined => (text === 'true' ? true : text === 'false' ? false : undefined)

/** One or more paths, separated by blanks. */
const touchedPaths = (text: string): readonly string[] | undefined => {
  const paths = text.split(/\s+/).filter((path) => path !== '')
  const isPlain = (path: string): boolean => path.startsWith('/') && !path.split('/').includes('..')
  return paths.length > 0 && paths.every(isPlain) ? paths : undefined
}

const stepTimeout = (text: string): number | undefined => {
  const milliseconds = parseDuration(text)
  return milliseconds === undefined || milliseconds < 1000 || milliseconds > LONGEST_STEP_MS ? undefined : milliseconds
}

const SIZE_BYTES: Readonly<Record<string, number>> = { '': 1, K: 1024, M: 1024 * 1024 }

const byteLimit = (text: string): ByteLimit | undefined => {
  const match = /^(\d{1,8})([KM]?)(?::(head|tail|both))?$/.exec(text)
  if (match === null) return undefined
  const bytes = Number(match[1]) * (SIZE_BYTES[match[2] ?? ''] ?? 1)
  if (bytes < 1 || bytes > LARGEST_LIMIT_BYTES) return undefined
  return { bytes, keep: match[3] === 'head' || match[3] === 'tail' ? match[3] : 'both' }
}
