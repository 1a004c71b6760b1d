import { eventsOf, logParser } from '../parsers/log/log.ts'
import type { EnomemEvent } from '../parsers/log/programs/runtimeEvents.ts'
import { amount } from './amount.ts'
import type { Rule } from './rule.ts'
import { claimOf, tellingsOf } from './tellings.ts'
import type { Telling } from './tellings.ts'

/** The system refused a program memory (errno 12) and the program said so. Nothing was killed. */
export const mallocEnomemRule: Rule = {
  id: 'malloc-enomem',
  kinds: ['malloc-enomem'],
  needs: [logParser],
  wants: [],
  explains: ['crash-loop', 'unit-failed', 'app-own-message', 'cannot-fork'],
  check: (facts) =>
    tellingsOf(facts, 'enomem', {
      key: (event) => `${event.program ?? ''} ${event.call} ${event.sourcePid ?? ''}`,
    })
      .filter((telling) => !isThreadRefused(telling))
      .map((telling) => {
        const { program, call, requestedBytes } = telling.event
        const what = call === 'fork' ? 'a new process' : 'memory'
        const size = requestedBytes === null ? '' : ` (${amount(requestedBytes)})`
        return claimOf('malloc-enomem', telling, {
          summary: `the system refused ${program ?? 'a program'} ${what}${size}`,
          why: 'errno 12: strict overcommit (vm.overcommit_memory=2), ulimit -v, a cgroup limit while forking, or nothing left',
        })
      }),
}

/** The JVM's headline and its reason stand this close. */
const REASON_LINES = 4

/** `There is insufficient memory for the Java Runtime …` is the JVM's headline also where it was refused a thread. */
const isThreadRefused = ({ event, evidence }: Telling<EnomemEvent>): boolean => {
  const headline = event.cited[0]
  if (event.requestedBytes !== null || headline?.text.includes('There is insufficient memory') !== true) return false
  return eventsOf(evidence.facts, 'jvm-native-thread').some(({ cited }) =>
    cited.some(({ line }) => Math.abs(line - headline.line) <= REASON_LINES),
  )
}
