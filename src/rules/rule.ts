import type { Claim } from '../domain/finding.ts'
import type { Kind } from '../domain/kind.ts'
import type { FactView } from '../parsers/facts.ts'
import type { Parser } from '../parsers/parser.ts'

/**
 * A pure function from facts to claims about one cause.
 * Without a reading of every parser in `needs` the rule is skipped, and the diagnosis says so.
 */
export interface Rule {
  readonly id: string
  readonly kinds: readonly Kind[]
  readonly needs: readonly Parser[]
  /** Readings that sharpen the rule; missing ones do not stop it. */
  readonly wants: readonly Parser[]
  /** Kinds that are symptoms when they concern the same subject and do not precede this rule's finding. */
  readonly explains: readonly Kind[]
  check(facts: FactView): readonly Claim[]
}
