import { dropInRemedy, versionCheck } from './dropIn.ts'
import { precedenceCheck } from './harmChecks.ts'
import { hostView } from './hostView.ts'
import type { RemedyMaker } from './remedy.ts'
import { whyProtected } from './target.ts'
import { unitView } from './unitView.ts'

/** Programs that start their own children again, so that one dead child need not stop them all (oom.md 4.4, 4.5.1). */
const SUPERVISORS: readonly { readonly pattern: RegExp; readonly name: string }[] = [
  { pattern: /^pm2-/, name: 'PM2' },
  { pattern: /^php[\d.]*-fpm|^php-fpm/, name: 'PHP-FPM' },
  { pattern: /^nginx/, name: 'nginx' },
  { pattern: /^(?:apache2|httpd)/, name: 'Apache' },
  { pattern: /^(?:gunicorn|uwsgi|puma|unicorn)/, name: 'the application server' },
  { pattern: /^postgresql/, name: 'PostgreSQL' },
  { pattern: /^supervisor/, name: 'supervisord' },
]

/** One dead child stops the whole unit by default; for a supervisor that is the bigger damage. */
export const oomPolicyMaker: RemedyMaker = {
  id: 'oom-policy',
  answers: ['memcg-oom', 'global-oom'],
  propose: (finding, facts) => {
    const unit = finding.victims.find((victim) => victim.unit !== null)?.unit ?? finding.unit
    if (unit === null) return []
    const supervisor = SUPERVISORS.find((entry) => entry.pattern.test(unit))
    if (supervisor === undefined) return []
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
