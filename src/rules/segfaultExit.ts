import { logParser } from '../parsers/log/log.ts'
import { isNear, type Placed } from './nearness.ts'
import type { Rule } from './rule.ts'
import { claimOf } from './tellings.ts'
import { type UnitEnding, unitEndingsOf } from './unitEndings.ts'

/** The kernel's line and systemd's stand within a second of each other (lab); a core dump takes longer. */
const SAME_CRASH_MS = 30_000

/** 128 + 11, as a shell that waited for the crashed program passes it on. */
const RELAYED = 139

const isRelayed = (exit: UnitEnding['exit']): boolean => exit?.code === 'exited' && exit.status === RELAYED

/** A unit's process ended by SIGSEGV and the kernel's line about it was not read: systemd's word is enough for the crash. */
export const segfaultExitRule: Rule = {
  id: 'segfault-exit',
  kinds: ['segfault'],
  needs: [logParser],
  wants: [],
  explains: ['crash-loop', 'unit-failed'],
  check: (facts) => {
    const kernel = facts
      .all(logParser)
      .flatMap(({ evidence, facts: log }) =>
        log.events
          .filter((event) => event.type === 'segfault')
          .map((event): Placed => ({ evidence, time: event.time, cited: event.cited })),
      )
    return unitEndingsOf(facts)
      .filter(({ exit }) => exit?.signal === 'SIGSEGV' || isRelayed(exit))
      .filter((ending) => !kernel.some((crash) => isNear(crash, ending.placed, SAME_CRASH_MS)))
      .map((ending) =>
        claimOf('segfault', ending.telling, {
          summary: `${ending.exit?.process ?? 'main'} process of ${ending.unit} crashed: segmentation fault`,
          confidence: isRelayed(ending.exit) ? 'possible' : 'certain',
          doubts: isRelayed(ending.exit)
            ? ['status 139 is only a number: a child shell relayed a SIGSEGV, or the program chose it']
            : [],
          unit: ending.unit,
          victims: [{ pid: ending.exit?.pid ?? null, comm: null, unit: ending.unit, anonRssBytes: null }],
          citations: ending.citations,
        }),
      )
  },
}
