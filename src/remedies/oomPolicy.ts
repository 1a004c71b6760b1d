import { dropInRemedy, versionCheck } from './dropIn.ts'
import { precedenceCheck } from './harmChecks.ts'
import { hostView } from './hostView.ts'
import type { RemedyMaker } from './remedy.ts'
import { supervisorOf } from './supervisors.ts'
import { whyProtected } from './target.ts'
import { unitView } from './unitView.ts'

/** One dead child stops the whole unit by default; for a supervisor that is the bigger damage. */
export const oomPolicyMaker: RemedyMaker = {
  id: 'oom-policy',
  answers: ['memcg-oom', 'global-oom'],
  propose: (finding, facts) => {
    const unit = finding.victims.find((victim) => victim.unit !== null)?.unit ?? finding.unit
    if (unit === null) return []
    const supervisor = supervisorOf(unit)
    if (supervisor === null) return []
    const view = unitView(unit, facts)
    if (view.state?.oomPolicy !== 'stop') return []
    const host = hostView(facts)
    const protectedBecause = whyProtected(unit, view.state.delegate)
    return [
      dropInRemedy({
        id: 'oom-policy',
        title: `Let ${unit} go on when one of its children is killed`,
        unit,
        topic: 'oom-policy',
        settings: [
          { key: 'OOMPolicy', value: 'continue', because: `${supervisor.name} starts its own children again` },
        ],
        because: `OOMPolicy=stop (systemd's default) stops all of ${unit} as soon as any process in it is killed for lack of memory. ${supervisor.name} replaces a lost child by itself.`,
        checks: [
          {
            check: 'the unit may be changed',
            holds: protectedBecause === null,
            detail: protectedBecause ?? `${unit} is neither a way in nor an engine that runs others`,
          },
          {
            check: 'systemd sees the kill',
            holds: host.cgroupVersion === 2,
            detail: host.cgroupVersion === 2 ? 'cgroup v2' : 'OOMPolicy does nothing without cgroup v2',
          },
          versionCheck(['OOMPolicy'], host.systemdVersion),
          precedenceCheck(view, 'oom-policy', ['OOMPolicy']),
        ],
        warnings: ['A killed child is then seen only in the log and in the counters: something has to raise an alarm.'],
        confidence: finding.confidence === 'certain' ? 'medium' : 'low',
        cgroupFiles: [],
      }),
    ]
  },
}
