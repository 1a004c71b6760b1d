import type { FactView } from '../parsers/facts.ts'
import { advice } from './dropIn.ts'
import type { RemedyMaker } from './remedy.ts'
import { unitView, type UnitView } from './unitView.ts'

/** The first question at night: is it up? A unit that nothing starts again stays down until a person does it. */
export const startAgainMaker: RemedyMaker = {
  id: 'start-again',
  answers: ['memcg-oom', 'global-oom', 'systemd-oomd', 'earlyoom', 'v8-heap', 'killed-unknown-sender'],
  propose: (finding, facts: FactView) => {
    const units = new Set([...finding.victims.map((victim) => victim.unit), finding.unit])
    return [...units].flatMap((unit) => {
      if (unit === null || !unit.endsWith('.service')) return []
      const view = unitView(unit, facts)
      return isLeftDown(view) ? [startIt(view)] : []
    })
  },
}

/** `Restart=on-failure` does not follow a clean end, and a start limit is told by its own advice. */
const isLeftDown = ({ state }: UnitView): boolean =>
  (state?.activeState === 'failed' || state?.activeState === 'inactive') &&
  state.result !== 'start-limit-hit' &&
  (state.properties['Restart'] === 'no' || state.activeState === 'inactive')

const startIt = ({ unit, state }: UnitView) => {
  const restart = state?.properties['Restart']
  const source = state?.properties['SourcePath'] ?? ''
  const generated = source === '' ? '' : ` systemd made the unit from ${source}, and such units have no Restart=.`
  return advice({
    id: 'start-again',
    title: `Start ${unit}: it is down, and nothing starts it again`,
    because: `It is ${state?.activeState} with result ${state?.result ?? 'not stated'}, and Restart=${restart ?? 'is not stated'}.${generated} \`systemctl start ${unit}\``,
    warnings: ['With the same load it ends the same way: see what else is advised here.'],
  })
}
