import { ParseError } from '../domain/errors.ts'
import type { Parser } from './parser.ts'

// systemctl --failed --no-legend --plain   (legend, bullets and colours are tolerated)
//
// queue_worker.service loaded failed failed Email queue worker (NestJS)

export interface FailedUnit {
  readonly unit: string
  readonly description: string
  /** 1-based line of the output. */
  readonly line: number
}

export interface SystemctlFailedFacts {
  /** Empty: no unit has failed. */
  readonly units: readonly FailedUnit[]
}

const LEGEND = /^(?:\s*UNIT\s+LOAD\s|LOAD\s+=|ACTIVE\s+=|SUB\s+=|\d+ loaded units listed|To show all installed|$)/

export const systemctlFailedParser: Parser<SystemctlFailedFacts> = {
  id: 'systemctl-failed',
  parse: (output) => {
    const units: FailedUnit[] = []
    for (const [index, raw] of output.split('\n').entries()) {
      const line = raw.trimEnd()
      if (LEGEND.test(line)) continue
      const [unit, load, active, sub, ...words] = line.replace(/^[\s*●×]{1,8}/, '').split(/\s+/)
      if (unit === undefined || load === undefined || sub === undefined || !unit.includes('.'))
        throw new ParseError(
          'systemctl-failed',
          index + 1,
          `expected unit, load, active, sub, got "${line.slice(0, 80)}"`,
        )
      if (active === 'failed') units.push({ unit, description: words.join(' '), line: index + 1 })
    }
    return { units }
  },
}
