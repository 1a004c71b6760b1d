import type { Finding } from '../domain/finding.ts'
import type { Remedy } from '../domain/remedy.ts'
import { cgroupFileOf } from '../parsers/cgroupPath.ts'
import { cgroupValueParser } from '../parsers/cgroupValue.ts'
import type { FactView } from '../parsers/facts.ts'
import { unitOfCgroup } from '../parsers/unitOfCgroup.ts'
import { advice } from './dropIn.ts'
import type { RemedyMaker } from './remedy.ts'
import { mib } from './sizing.ts'

/** What a person can still do where nothing can be started: words of a shell that is open already, or another login. */
export const openShellMaker: RemedyMaker = {
  id: 'open-shell',
  answers: ['cannot-fork'],
  propose: (finding, facts) => {
    if (!isCauseKnown(finding)) return []
    if (finding.limitBytes !== null) return [allowPromises(finding.limitBytes)]
    return [endGroup(finding, facts)]
  },
}

/** A refused unit is answered by its TasksMax; a host or a login only when the limit that stood in the way is known. */
export const isCauseKnown = (finding: Finding): boolean =>
  finding.unit === null && (finding.cgroup !== null || finding.culprit !== null || finding.limitBytes !== null)

const BUILTINS =
  'systemctl, sudo and even ps need a process of their own; the words of a root shell that is open already do not.'

const allowPromises = (limitBytes: number): Remedy =>
  advice({
    id: 'open-shell',
    title: 'Allow more promises from a root shell that is open already, then find who was promised the most',
    because:
      `${BUILTINS} \`echo 0 >/proc/sys/vm/overcommit_memory\` lets processes start at once; until now the kernel promised at most ` +
      `${mib(limitBytes)} MiB. Then \`ps -eo pid,vsz,rss,args --sort=-vsz | head\`: what is promised and not used shows in VSZ, not in RSS.`,
    warnings: [
      'Without strict overcommit the OOM killer does the refusing, once the memory is really used.',
      'It lasts until the next boot; what belongs there stands in /etc/sysctl.d.',
    ],
  })

const endGroup = (finding: Finding, facts: FactView): Remedy => {
  const whose = finding.culprit?.unit ?? null
  const path = whose === null ? finding.cgroup : cgroupOf(whose, facts)
  const group = whose ?? finding.cgroup ?? 'the group'
  const kill =
    path === null
      ? '`kill` is such a word.'
      : `\`echo 1 >/sys/fs/cgroup${path}/cgroup.kill\` ends all of ${group} at once (kernel 5.14 and newer).`
  const why = finding.culprit === null ? '' : `${group}: ${finding.culprit.why}. `
  if (finding.cgroup === null)
    return advice({
      id: 'open-shell',
      title: `End ${group} from a root shell that is open already`,
      because: `${why}${BUILTINS} ${kill} Then find what starts processes there and never waits for their end.`,
      warnings: [
        'If systemd restarts the unit, the same begins again: mask it, or stop it as soon as systemctl works.',
      ],
    })
  const slice = finding.cgroup.slice(finding.cgroup.lastIndexOf('/') + 1)
  return advice({
    id: 'open-shell',
    title: `Log in as another user and end what fills ${slice}, or raise its TasksMax`,
    because: `${why}Only logins of this user are refused. As root: \`systemd-cgls ${finding.cgroup}\` shows what runs there, \`systemctl set-property ${slice} TasksMax=N\` makes room at once.`,
  })
}

const cgroupOf = (unit: string, facts: FactView): string | null =>
  facts
    .all(cgroupValueParser)
    .map((item) => cgroupFileOf(item.command)?.cgroup ?? null)
    .find((cgroup) => cgroup !== null && unitOfCgroup(cgroup) === unit && cgroup.endsWith(`/${unit}`)) ?? null
