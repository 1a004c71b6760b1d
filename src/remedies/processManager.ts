import type { Finding } from '../domain/finding.ts'
import type { Remedy } from '../domain/remedy.ts'
import type { FactView } from '../parsers/facts.ts'
import { nodeProcessesParser } from '../parsers/nodeProcesses.ts'
import { advice } from './dropIn.ts'
import { isProcessManager, nodeProgramCount } from './nodeFlags.ts'
import type { RemedyMaker } from './remedy.ts'
import { down64, mib } from './sizing.ts'
import { supervisorOf, type Supervisor } from './supervisors.ts'
import { limitInForce, unitView } from './unitView.ts'

/** PM2's own process, and room for what its apps share. */
const MANAGER_MIB = 96
/** PM2 looks every 30 s only, so an app has to be restarted well before the unit's limit kills (oom.md 4.5.1). */
const BELOW_LIMIT = 0.9

/** What a limit of the unit cannot do where PM2 or supervisord runs many programs in one group. */
export const processManagerMaker: RemedyMaker = {
  id: 'process-manager',
  answers: ['memcg-oom', 'global-oom', 'earlyoom', 'crash-loop'],
  propose: (finding, facts) => {
    const unit = finding.victims.find((victim) => victim.unit !== null)?.unit ?? finding.unit
    if (unit === null) return []
    if (unit.endsWith('.scope')) return fromLogin(finding, unit, facts)
    const manager = supervisorOf(unit)
    return manager?.runsApps === true ? [oneGroup(finding, facts, unit, manager)] : []
  },
}

/** Started by hand in a login: there is no unit, and the end of the login may be the end of it. */
const fromLogin = (finding: Finding, scope: string, facts: FactView): readonly Remedy[] => {
  const isPm2Here = facts
    .all(nodeProcessesParser)
    .flatMap((item) => item.facts.processes)
    .some((process) => isProcessManager(process) && process.cgroup?.endsWith(`/${scope}`) === true)
  if (isPm2Here)
    return [
      advice({
        id: 'process-manager',
        title: 'Run pm2 startup and pm2 save, so that the apps get a unit of their own',
        because: `PM2 was started by hand and lives in ${scope}, which is a login: there is no unit that could get a limit, and its apps may end when that login ends.`,
      }),
    ]
  const comm = finding.victims.find((victim) => victim.unit === scope)?.comm ?? null
  if (comm === null || !/^session-\w+\.scope$/.test(scope)) return []
  return [
    advice({
      id: 'process-manager',
      title: `If ${comm} is a service, start it as one: it ran in a login`,
      because: `${scope} is a login, and what was started there by hand, or by an init script, stays in it: no limit of it lasts, nothing restarts ${comm}, and it may end with that login. \`systemctl restart\` of its unit, also of one that systemd makes from an init script, gives it a group of its own.`,
    }),
  ]
}

const oneGroup = (finding: Finding, facts: FactView, unit: string, manager: Supervisor): Remedy => {
  const limit = limitInForce(unitView(unit, facts))
  const limitMib = typeof limit === 'number' ? mib(limit) : null
  const shared = `All programs of ${unit} share one group, so the counters cannot say which of them grew; the kernel's line names the process.`
  if (manager.name !== 'PM2')
    return advice({
      id: 'process-manager',
      title: `Give the program that grew a unit of its own, out of ${unit}`,
      because: `${shared} A limit of ${unit} hits every program that ${manager.name} runs. What they print is in the stdout_logfile and stderr_logfile of each program, not in the journal.`,
    })
  const apps = nodeProgramCount(unit, facts)
  const eachMib = limitMib === null ? null : down64((BELOW_LIMIT * (limitMib - MANAGER_MIB)) / apps)
  const number =
    eachMib === null || limitMib === null || eachMib < 64
      ? 'Give each app a max_memory_restart; together they have to fit below the limit of the unit.'
      : `Give each app a max_memory_restart of at most ${eachMib}M: 0.9 x (${limitMib} - ${MANAGER_MIB}) MiB for ${apps} ${apps === 1 ? 'app' : 'apps'}.`
  const stops = finding.kind === 'crash-loop' ? '' : stopsAll(unitView(unit, facts).state?.oomPolicy ?? null, unit)
  return advice({
    id: 'process-manager',
    title: `Bound each app of ${unit} below the limit of the unit`,
    because: `${shared} ${number}${stops} A start of ${unit} brings back only what pm2 save has stored: compare \`pm2 ls\` with what should run.`,
    warnings: [
      'PM2 keeps what its apps print in ~/.pm2/logs, not in the journal.',
      'One unit for each app is better still.',
    ],
  })
}

/** What one dead process costs the others, which surprises most people (oom.md 4.5.1). */
const stopsAll = (oomPolicy: string | null, unit: string): string => {
  if (oomPolicy === 'continue') return ''
  if (oomPolicy === 'stop')
    return ` OOMPolicy of ${unit} is stop: one killed process, even a converter that an app started, made systemd stop PM2 and all apps.`
  return " One killed process, even a converter that an app started, makes systemd stop PM2 and all apps unless the unit's OOMPolicy is continue."
}
