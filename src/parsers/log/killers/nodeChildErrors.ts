import type { LogLine } from '../lines/line.ts'

/**
 * Node prints what is known of a child that ended as the fields of an error, one in a line or all in one:
 *   killed: false,
 *   code: null,
 *   signal: 'SIGKILL',
 * `killed: true` means that the parent sent the signal itself, for a time limit or for too much output.
 */
export const nodeChildErrors = (): { readonly isKilled: (line: LogLine) => boolean } => {
  let fields: { readonly line: number; readonly text: string }[] = []
  return {
    isKilled: ({ number, text }) => {
      if (!FIELD.test(text)) return false
      fields = [...fields.filter(({ line }) => number - line <= BLOCK_LINES), { line: number, text }]
      if (!SIGKILL.test(text)) return false
      const block = fields.map((field) => field.text).join(' ')
      fields = []
      return NO_CODE.test(block) && !BY_PARENT.test(block)
    },
  }
}

/** Execa's block has six fields between the code and the signal's neighbours. Arbitrary. */
const BLOCK_LINES = 8

const FIELD = /(?:^\s{1,20}|[{,] ?)["']?(?:killed|code|status|exitCode|signal|timedOut)["']?: /
const SIGKILL = /(?:^\s{1,20}|[{,] ?)["']?signal["']?: ["']SIGKILL["']/
const NO_CODE = /\b(?:code|status|exitCode)["']?: (?:null|undefined)\b/
const BY_PARENT = /\b(?:killed|timedOut)["']?: true\b/
