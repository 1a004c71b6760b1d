import type { FactView } from '../parsers/facts.ts'
import { eventsOf, logParser } from '../parsers/log/log.ts'
import { maxChildrenOf, phpFpmProcessesParser } from '../parsers/phpFpmProcesses.ts'
import { psParser } from '../parsers/ps.ts'
import { advice } from './dropIn.ts'
import type { RemedyMaker } from './remedy.ts'
import { mib, sizingOf } from './sizing.ts'
import { limitInForce, unitView } from './unitView.ts'

const MASTER_MIB = 64
/** PHP's own default for opcache.memory_consumption; the pool's real value was not read. */
const OPCACHE_MIB = 128

export interface FpmQuestion {
  /** The unit's limit, else the host's room. */
  readonly memoryMib: number
  readonly opcacheMib: number
  /** Private memory of one child under load. */
  readonly childMib: number
}

/** How many children fit (oom.md 4.7); 0 means not even one. */
export const maxChildrenFor = ({ memoryMib, opcacheMib, childMib }: FpmQuestion): number =>
  childMib <= 0 ? 0 : Math.max(0, Math.floor((memoryMib - MASTER_MIB - opcacheMib) / childMib))

/** Whether more children would fit, and why a slow backend comes first. */
export const phpFpmMaker: RemedyMaker = {
  id: 'php-fpm',
  answers: ['php-fpm-children', 'php-limit'],
  propose: (finding, facts) => {
    const memoryMib =
      finding.unit === null ? sizingOf('php-fpm.service', facts, null).room?.mib : memoryOf(finding.unit, facts)
    const childMib = averageChildMib(facts)
    const sum =
      memoryMib == null || childMib === null
        ? 'How many children fit is not known: the size of one child, or the memory there is for them, was not read.'
        : `With ${memoryMib} MiB, a child of ${childMib} MiB (resident, shared pages counted in each) and ${OPCACHE_MIB} MiB opcache, ${maxChildrenFor({ memoryMib, opcacheMib: OPCACHE_MIB, childMib })} children fit.`
    if (finding.kind === 'php-limit') return [limitAdvice(facts, sum, memoryMib ?? null)]
    const { pool, maxChildren } = poolOf(facts)
    const worst = worstCase(maxChildren ?? configuredChildren(facts), memoryLimitMib(facts), memoryMib ?? null)
    return [
      advice({
        id: 'php-fpm',
        title: `Find what the PHP-FPM children${pool === null ? '' : ` of pool ${pool}`} wait for before adding more`,
        because: `All ${maxChildren === null ? '' : `${maxChildren} `}children were busy at once. With idle CPU and a slow database or API, more children only wait in a longer queue. ${sum}${worst} Above that number the host runs out of memory instead.`,
      }),
    ]
  },
}

const limitAdvice = (facts: FactView, sum: string, memoryMib: number | null) => {
  const limit = facts
    .all(logParser)
    .flatMap((item) => eventsOf(item.facts, 'php-limit'))
    .at(-1)
  const children = poolOf(facts).maxChildren ?? configuredChildren(facts)
  const worst = worstCase(children, limit === undefined ? null : mib(limit.limitBytes), memoryMib)
  return advice({
    id: 'php-limit',
    title: `Find the script that needed more than ${limit === undefined ? 'memory_limit' : `${mib(limit.limitBytes)} MiB`}`,
    because: `One request met PHP's own limit; the worker and the unit live on. ${sum}${worst} Raise memory_limit only if memory_limit times max_children fits.`,
  })
}

/** Every child at its own limit at once: rare, and what has to fit all the same (oom.md 4.7). */
const worstCase = (children: number | null, limitMib: number | null, memoryMib: number | null): string => {
  if (children === null || limitMib === null) return ''
  const sum = children * limitMib
  const of = memoryMib === null ? '' : ` of ${memoryMib} MiB${sum > memoryMib ? ', which does not fit' : ''}`
  return ` Worst case with memory_limit: ${children} x ${limitMib} MiB = ${sum} MiB${of}.`
}

/** All pools of all masters together, as their files say; null when one does not say. */
const configuredChildren = (facts: FactView): number | null => {
  const masters = facts.latest(phpFpmProcessesParser, null)?.facts.masters ?? []
  const counts = masters.flatMap((master) =>
    [...new Set(master.settings.map((setting) => setting.pool))]
      .filter((pool) => pool !== 'global' && pool !== '')
      .map((pool) => maxChildrenOf(master, pool)),
  )
  return counts.length === 0 || counts.includes(null)
    ? null
    : counts.reduce<number>((sum, count) => sum + (count ?? 0), 0)
}

/** The largest memory_limit of a pool's own file; php.ini is not read, so null is not "none". */
const memoryLimitMib = (facts: FactView): number | null => {
  const sizes = facts
    .all(phpFpmProcessesParser)
    .flatMap((item) => item.facts.masters)
    .flatMap((master) => master.settings)
    .filter((setting) => /^php_(?:admin_)?value\[memory_limit\]$/.test(setting.key))
    .flatMap((setting) => {
      const match = /^(\d{1,9})([KMG])?$/i.exec(setting.value)
      const unit = { K: 1 / 1024, M: 1, G: 1024 }[match?.[2]?.toUpperCase() ?? ''] ?? 1 / 1_048_576
      return match === null ? [] : [Math.max(1, Math.round(Number(match[1]) * unit))]
    })
  return sizes.length === 0 ? null : Math.max(...sizes)
}

const memoryOf = (unit: string, facts: FactView): number | null => {
  const limit = limitInForce(unitView(unit, facts))
  return typeof limit === 'number' ? mib(limit) : (sizingOf(unit, facts, null).room?.mib ?? null)
}

const poolOf = (facts: FactView): { readonly pool: string | null; readonly maxChildren: number | null } => {
  const event = facts
    .all(logParser)
    .flatMap((item) => eventsOf(item.facts, 'php-fpm-children'))
    .at(-1)
  return { pool: event?.pool ?? null, maxChildren: event?.maxChildren ?? null }
}

/** Children as PHP-FPM's own step lists them, else by their command line; the master does not count. */
const averageChildMib = (facts: FactView): number | null => {
  const listed = facts
    .all(phpFpmProcessesParser)
    .flatMap((item) => item.facts.masters)
    .flatMap((master) => master.children.map((child) => mib(child.rssBytes)))
  const sizes =
    listed.length > 0
      ? listed
      : (facts.latest(psParser, null)?.facts.processes ?? []).flatMap((process) =>
          process.comm.startsWith('php-fpm') && process.args.startsWith('php-fpm: pool') && process.rssBytes !== null
            ? [mib(process.rssBytes)]
            : [],
        )
  if (sizes.length === 0) return null
  return Math.max(1, Math.round(sizes.reduce((sum, size) => sum + size, 0) / sizes.length))
}
