import { formatDuration, parseDuration } from '../domain/duration.ts'
import { UsageError } from '../domain/errors.ts'
import type { Window } from '../domain/run.ts'
import { parseUnitName } from '../domain/unitName.ts'
import type { Parameter, Runbook } from './runbook.ts'

/** Checked parameter values: as people read them, and as steps receive them. */
export interface ParameterValues {
  /** Canonical text by parameter name: `unit` → `queue_worker.service`, `since` → `1d`; left out when not given. */
  readonly values: Readonly<Record<string, string>>
  /**
   * Environment of every step. `unit` becomes UNIT, and so on; a parameter nobody gave is the empty string. A duration
   * `since` becomes SINCE, the moment that long ago (`2026-11-12 09:00:00 UTC`), and SINCE_SECONDS, its length.
   */
  readonly env: Readonly<Record<string, string>>
  /** The time the run looks at: from `since` ago until now; without such a parameter, everything. */
  readonly window: Window
}

type Checked = { readonly ok: true; readonly value: string } | { readonly ok: false; readonly expected: string }

/** Checks what a person typed against the runbook's parameters; the first mistake is a UsageError that says what is expected. */
export const checkParameters = (
  runbook: Pick<Runbook, 'id' | 'parameters'>,
  given: Readonly<Record<string, string>>,
  nowMs: number,
): ParameterValues => {
  for (const name of Object.keys(given)) {
    if (runbook.parameters.some((parameter) => parameter.name === name)) continue
    const known = runbook.parameters.map((parameter) => parameter.name).join(', ')
    throw new UsageError(`${runbook.id}: unknown parameter "${name}"`, {
      hint: known === '' ? 'this runbook takes no parameters' : `it takes: ${known}`,
    })
  }
  const values: Record<string, string> = {}
  const env: Record<string, string> = {}
  let fromMs: number | null = null
  for (const parameter of runbook.parameters) {
    const value = valueOf(
      runbook.id,
      parameter,
      Object.hasOwn(given, parameter.name) ? given[parameter.name] : undefined,
    )
    const key = parameter.name.toUpperCase()
    env[key] = value
    if (value !== '') values[parameter.name] = value
    if (parameter.type !== 'duration') continue
    const lengthMs = parseDuration(value)
    env[key] = lengthMs === undefined ? '' : utcStamp(nowMs - lengthMs)
    env[`${key}_SECONDS`] = lengthMs === undefined ? '' : String(Math.ceil(lengthMs / 1000))
    if (parameter.name === 'since' && lengthMs !== undefined) fromMs = nowMs - lengthMs
  }
  return { values, env, window: { fromMs, toMs: nowMs } }
}

const valueOf = (runbookId: string, parameter: Parameter, given: string | undefined): string => {
  const text = given === undefined || given === '' ? parameter.default : given
  if (text === null) {
    throw new UsageError(`${runbookId}: parameter "${parameter.name}" is missing`, {
      hint: `${parameter.name}: ${parameter.description}`,
    })
  }
  if (text === '') return ''
  const checked = canonicalValue(parameter, text)
  if (checked.ok) return checked.value
  throw new UsageError(`${runbookId}: ${parameter.name}: "${shown(text)}" is not valid, expected ${checked.expected}`)
}

/** One value in its canonical form, or what was expected. */
export const canonicalValue = (parameter: Pick<Parameter, 'type' | 'choices'>, text: string): Checked => {
  const { type, choices } = parameter
  if (type === 'unit')
    return checked(parseUnitName(text), 'a systemd unit such as queue_worker or queue_worker.service')
  if (type === 'duration') {
    const milliseconds = parseDuration(text)
    const value = milliseconds === undefined || milliseconds < 1000 ? undefined : formatDuration(milliseconds)
    return checked(value, 'a duration such as 90s, 15m, 2h or 1d, at most 400d')
  }
  if (type === 'integer') {
    const number = /^-?\d{1,16}$/.test(text) ? Number(text) : Number.NaN
    return checked(Number.isSafeInteger(number) ? String(number) : undefined, 'a whole number in decimal digits')
  }
  if (type === 'path') {
    const plain = /^\/[^\p{C}\u2028\u2029]{0,1023}$/u.test(text) && !text.split('/').includes('..')
    return checked(plain ? text : undefined, 'an absolute path without ".." and control characters')
  }
  return checked(choices.includes(text) ? text : undefined, `one of ${choices.join(', ')}`)
}

const checked = (value: string | undefined, expected: string): Checked =>
  value === undefined ? { ok: false, expected } : { ok: true, value }

/** `2026-11-12 09:00:00 UTC`: the form journalctl reads the same everywhere; without the zone it would be host-local. */
export const utcStamp = (atMs: number): string =>
  new Date(atMs)
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, ' UTC')

/** What a person typed, safe to print back. */
const shown = (text: string): string => text.replace(/[\p{C}\u2028\u2029]/gu, '?').slice(0, 80)
