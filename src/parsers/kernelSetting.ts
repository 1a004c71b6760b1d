import { ParseError } from '../domain/errors.ts'
import type { Parser } from './parser.ts'

// A file of one number below /proc/sys, such as kernel/threads-max
//
// 3635

export interface KernelSettingFacts {
  readonly value: number
}

export const kernelSettingParser: Parser<KernelSettingFacts> = {
  id: 'kernel-setting',
  parse: (output) => {
    const text = output.trim()
    if (!/^\d{1,15}$/.test(text))
      throw new ParseError('kernel-setting', 1, `expected a number, got "${text.slice(0, 40)}"`)
    return { value: Number(text) }
  },
}
