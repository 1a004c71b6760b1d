import { logParser } from '../parsers/log/log.ts'
import type { Rule } from './rule.ts'
import { claimOf, tellingsOf } from './tellings.ts'

/** Python was refused memory: by a limit on address space, strict overcommit, or because the size is absurd. */
export const pythonMemoryErrorRule: Rule = {
  id: 'python-memoryerror',
  kinds: ['python-memoryerror'],
  needs: [logParser],
  wants: [],
  explains: ['crash-loop', 'unit-failed', 'app-own-message'],
  check: (facts) =>
    tellingsOf(facts, 'python-memoryerror', {
      key: (event) => `${event.detail ?? ''} ${event.sourcePid ?? ''}`,
    }).map((telling) => {
      const { detail, hasTraceback } = telling.event
      const isWhole = hasTraceback || detail !== null
      return claimOf('python-memoryerror', telling, {
        summary: `Python raised MemoryError${detail === null ? '' : `: ${detail}`}`,
        confidence: isWhole ? 'certain' : 'likely',
        why: 'Linux refuses memory only under a limit (ulimit -v, vm.overcommit_memory=2) or for an absurd size',
        doubts: isWhole ? [] : ['the traceback that this line should close is not in the text'],
      })
    }),
}
