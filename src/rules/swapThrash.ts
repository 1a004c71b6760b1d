import { blankClaim } from '../domain/finding.ts'
import { pressureParser } from '../parsers/pressure.ts'
import { vmstatParser } from '../parsers/vmstat.ts'
import type { VmstatFacts } from '../parsers/vmstat.ts'
import { citeStart } from './citeStart.ts'
import { NotEnoughEvidence } from './notEnough.ts'
import type { Rule } from './rule.ts'
import { RATE_MIN_MS, SWAP_FULL_PERCENT, SWAP_PAGES_PER_SECOND } from './thresholds.ts'

/** The host moves pages to swap and back all the time. Swap that is merely used is nothing. */
export const swapThrashRule: Rule = {
  id: 'swap-thrash',
  kinds: ['swap-thrash'],
  needs: [vmstatParser],
  wants: [pressureParser],
  explains: ['watchdog', 'timeout-kill', 'memory-pressure'],
  check: (facts) => {
    const readings = facts.all(vmstatParser)
    const first = readings[0]
    const last = readings.at(-1)
    if (first === undefined || last === undefined || last.takenAtMs - first.takenAtMs < RATE_MIN_MS) {
      throw new NotEnoughEvidence('/proc/vmstat was read only once, so there is no rate of swapping')
    }
    const before = swappedPages(first.facts)
    const after = swappedPages(last.facts)
    if (before === null || after === null) throw new NotEnoughEvidence('this kernel does not count swapped pages')
    const pagesPerSecond = Math.round(((after - before) * 1000) / (last.takenAtMs - first.takenAtMs))
    if (pagesPerSecond <= SWAP_PAGES_PER_SECOND) return []
    const pressure = facts.all(pressureParser).findLast((item) => item.command.includes('/proc/pressure/memory'))
    const full = pressure?.facts.full?.avg10Percent ?? null
    if (full !== null && full < SWAP_FULL_PERCENT) return []
    return [
      {
        ...blankClaim(
          'swap-thrash',
          `the host moves ${pagesPerSecond} pages a second between memory and swap${full === null ? '' : ` and stood still ${full} % of the last ten seconds`}`,
        ),
        confidence: full === null ? 'possible' : 'certain',
        doubts: full === null ? ['how long tasks stand still was not read'] : [],
        citations: [
          ...[first, last].flatMap((reading) => [
            ...citeStart(facts, reading.evidence, 'pswpin '),
            ...citeStart(facts, reading.evidence, 'pswpout '),
          ]),
          ...(pressure === undefined ? [] : citeStart(facts, pressure.evidence, 'full ')),
        ],
      },
    ]
  },
}

const swappedPages = (vmstat: VmstatFacts): number | null =>
  vmstat.swapInPages === null || vmstat.swapOutPages === null ? null : vmstat.swapInPages + vmstat.swapOutPages
