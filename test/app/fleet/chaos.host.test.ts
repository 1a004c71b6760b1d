// needs: root postgres
import { expect, it } from 'vitest'
import { runChaos } from '../../bench/chaos.ts'

it('two bots and two workers, one of each killed every ten seconds, lose no host and say and do nothing twice', async () => {
  const said: string[] = []
  const report = await runChaos({ seconds: 30, everySeconds: 10, say: (line) => said.push(line) })
  expect(report.violations, said.join('\n')).toEqual([])
  expect(report.killedBots).toBeGreaterThanOrEqual(2)
  expect(report.killedWorkers).toBeGreaterThanOrEqual(2)
  expect(report.fleetRuns).toBeGreaterThanOrEqual(2)
  expect(report.digestMessages).toBe(1)
  expect(report.answered).toBeGreaterThanOrEqual(1)
}, 400_000)
