import type { Rule } from './rule.ts'

/** Every rule a diagnosis runs, in order of id. One line each. */
export const RULES: readonly Rule[] = []
