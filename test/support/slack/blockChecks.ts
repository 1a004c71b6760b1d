import { characterCount } from '../../../src/slack/blockLimits.ts'

/** One thing Slack would refuse, with the JSON pointer it names. */
export interface BlockProblem {
  readonly pointer: string
  readonly message: string
}

/** Looks at one value and reports what is wrong with it. */
export type Check = (value: unknown, pointer: string, problems: BlockProblem[]) => void

/** A field of an object: its check, and whether it must be there. */
export interface Field {
  readonly check: Check
  readonly isRequired: boolean
}

export const required = (check: Check): Field => ({ check, isRequired: true })
export const optional = (check: Check): Field => ({ check, isRequired: false })

const report = (problems: BlockProblem[], pointer: string, message: string): void => {
  problems.push({ pointer, message })
}

/** A string of `min` to `max` characters. */
export const text =
  (min: number, max: number): Check =>
  (value, pointer, problems) => {
    if (typeof value !== 'string') return report(problems, pointer, 'must provide a string')
    const length = characterCount(value)
    if (length < min) report(problems, pointer, `must be more than ${min - 1} characters`)
    if (length > max) report(problems, pointer, `must be less than ${max + 1} characters`)
  }

export const boolean: Check = (value, pointer, problems) => {
  if (typeof value !== 'boolean') report(problems, pointer, 'must provide a boolean')
}

export const integer =
  (min: number, max: number): Check =>
  (value, pointer, problems) => {
    if (typeof value !== 'number' || !Number.isInteger(value))
      return report(problems, pointer, 'must provide an integer')
    if (value < min || value > max) report(problems, pointer, `must be between ${min} and ${max}`)
  }

export const number: Check = (value, pointer, problems) => {
  if (typeof value !== 'number' || !Number.isFinite(value)) report(problems, pointer, 'must provide a number')
}

export const oneOf =
  (...allowed: readonly (string | number)[]): Check =>
  (value, pointer, problems) => {
    if (!allowed.includes(value as string))
      report(problems, pointer, `must be a valid enum value [${allowed.join(',')}]`)
  }

/** Anything: for parts the bot does not use and Slack does not explain. */
export const anything: Check = () => {}

export const list =
  (check: Check, min: number, max: number): Check =>
  (value, pointer, problems) => {
    if (!Array.isArray(value)) return report(problems, pointer, 'must provide an array')
    if (value.length < min) report(problems, pointer, `no fewer than ${min} items allowed`)
    if (value.length > max) report(problems, pointer, `no more than ${max} items allowed`)
    // A list far too long must not drown the message in problems of its items.
    for (const [index, each] of value.slice(0, max + 1).entries()) check(each, `${pointer}/${index}`, problems)
  }

/** An object with exactly these fields; `also` looks at several fields together. */
export const object =
  (fields: Readonly<Record<string, Field>>, also?: (value: Record<string, unknown>) => string | null): Check =>
  (value, pointer, problems) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      return report(problems, pointer, 'must provide an object')
    }
    const given = value as Record<string, unknown>
    for (const name of Object.keys(given)) {
      if (!Object.hasOwn(fields, name)) report(problems, pointer, `invalid additional property: ${name}`)
    }
    for (const [name, field] of Object.entries(fields)) {
      if (given[name] !== undefined) field.check(given[name], `${pointer}/${name}`, problems)
      else if (field.isRequired) report(problems, pointer, `missing required field: ${name}`)
    }
    const together = also?.(given) ?? null
    if (together !== null) report(problems, pointer, together)
  }

/** An object whose `type` names its check. */
export const byType =
  (checks: Readonly<Record<string, Check>>): Check =>
  (value, pointer, problems) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      return report(problems, pointer, 'must provide an object')
    }
    const type = (value as Record<string, unknown>)['type']
    if (type === undefined) return report(problems, pointer, 'missing required field: type')
    if (typeof type !== 'string' || !Object.hasOwn(checks, type)) {
      return report(problems, `${pointer}/type`, `unsupported type: ${JSON.stringify(type).replaceAll('"', '')}`)
    }
    checks[type]?.(value, pointer, problems)
  }
