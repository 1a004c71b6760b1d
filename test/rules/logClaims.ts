import type { Claim } from '../../src/domain/finding.ts'
import { factsFrom } from '../../src/parsers/facts.ts'
import type { Rule } from '../../src/rules/rule.ts'
import { evidenceOf } from './sampleEvidence.ts'

/** What one rule claims about logs as given; a pair is a log about one unit. */
export const claimsOf = (
  rule: Rule,
  ...logs: readonly (string | readonly [subject: string, text: string])[]
): readonly Claim[] => {
  const steps = logs.map((log, index) =>
    typeof log === 'string'
      ? { step: `log-${index}`, parser: 'log', stdout: log }
      : { step: `log-${index}`, parser: 'log', subject: log[0], stdout: log[1] },
  )
  return rule.check(factsFrom(evidenceOf(steps), { fromMs: null, toMs: null }))
}

/** Journal lines in `short-iso-precise`, from `09:15:SS source: text`. */
export const journal = (...entries: readonly (readonly [second: number, source: string, text: string])[]): string =>
  entries
    .map(([second, source, text]) => {
      const stamp = new Date(Date.UTC(2026, 10, 12, 9, 15, 0) + second * 1000).toISOString().replace('Z', '000+0000')
      return `${stamp} web01 ${source}: ${text}`
    })
    .join('\n')
