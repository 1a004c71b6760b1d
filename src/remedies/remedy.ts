import type { Finding } from '../domain/finding.ts'
import type { Kind } from '../domain/kind.ts'
import type { Remedy } from '../domain/remedy.ts'
import type { FactView } from '../parsers/facts.ts'

/** One kind of fix. Pure: the same finding and facts give the same bytes. */
export interface RemedyMaker {
  readonly id: string
  /** Kinds of findings it may answer. */
  readonly answers: readonly Kind[]
  /** Proposals, or one reasoned refusal, or nothing when the kind of fix does not concern this finding. */
  propose(finding: Finding, facts: FactView): readonly Remedy[]
}
