import { ParseError } from '../domain/errors.ts'
import type { Parser } from './parser.ts'

// /proc/sys/kernel/random/boot_id
//
// 0ce954f4-6c38-43d2-b177-66aacbb81ea3

export interface BootIdFacts {
  readonly bootId: string
}

export const bootIdParser: Parser<BootIdFacts> = {
  id: 'boot-id',
  parse: (output) => {
    const bootId = output.trim()
    if (!/^[0-9a-f]{8}(?:-?[0-9a-f]{4}){3}-?[0-9a-f]{12}$/.test(bootId))
      throw new ParseError('boot-id', 1, `expected a boot id, got "${bootId.slice(0, 60)}"`)
    return { bootId }
  },
}
