import { ParseError } from '../domain/errors.ts'
import { parseLimit } from './limitValue.ts'
import type { LimitValue } from './limitValue.ts'
import type { Parser } from './parser.ts'

// A cgroup file of one number: memory.current, .max, .high, .peak, .swap.max, pids.current, .max, …
//
// 209715200

/** Bytes for memory files, tasks for pids files: the evidence's path says which. */
export interface CgroupValueFacts {
  readonly value: LimitValue
}

export const cgroupValueParser: Parser<CgroupValueFacts> = {
  id: 'cgroup-value',
  parse: (output) => {
    const value = parseLimit(output.trim())
    if (value === null)
      throw new ParseError('cgroup-value', 1, `expected a number or "max", got "${output.trim().slice(0, 40)}"`)
    return { value }
  },
}
