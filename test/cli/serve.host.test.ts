// needs: root postgres
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openPostgresStore } from '../../src/store/postgres.ts'
import { FakeWorkspace } from '../support/slack/fakeWorkspace.ts'
import { startPostgres } from '../support/postgres.ts'
import type { Postgres } from '../support/postgres.ts'
import { createMachines } from '../support/siteMachine.ts'
import { freePort } from '../support/sshd.ts'

let server: Postgres
beforeAll(async () => {
  server = await startPostgres()
})
afterAll(() => server[Symbol.asyncDispose]())

const readiness = async (port: number): Promise<string> => {
  const answer = await fetch(`http://127.0.0.1:${port}/readyz`)
  return `${answer.status} ${(await answer.text()).trim()}`
}

const slackOf = (workspace: FakeWorkspace) => ({
  SLACK_BOT_TOKEN: workspace.tokens.bot,
  SLACK_APP_TOKEN: workspace.tokens.app,
  SLACK_API_URL: workspace.apiUrl,
})

describe('`medic serve` whose database', () => {
  it('is away at the start answers without it, says so, and remembers as soon as it is there', async () => {
    const url = await server.createDatabase()
    await server.stop()
    await using workspace = await new FakeWorkspace().start()
    using machines = createMachines(url, { web01: '' })
    const port = await freePort()
    const serve = machines.medicWith({ ...slackOf(workspace), MEDIC_HEALTH: `127.0.0.1:${port}` }, 'serve')
    try {
      await serve.said('connected to Slack (Socket Mode)')
      expect(await readiness(port)).toMatch(
        /^503 not ready: postgres at 127\.0\.0\.1:\d+\/test\d+: nothing listens there$/,
      )
      workspace.slash('/oom-triage web01')
      await workspace.waitForMessage({ having: /Killed process/ })
    } finally {
      await server.start()
    }
    await serve.said('the database is there now: starting anew with it')
    await expect.poll(() => readiness(port), { timeout: 20_000 }).toBe('200 ready')
    workspace.slash('/oom-triage web01')
    await using store = await openPostgresStore(url)
    await expect
      .poll(async () => (await store.listRuns(5)).map(({ state }) => state), { timeout: 20_000 })
      .toEqual(['done'])
    serve.child.kill('SIGTERM')
    expect(await serve.ended).toBe(0)
  }, 90_000)

  it('goes away in the middle is not ready until it is back, and goes on', async () => {
    const url = await server.createDatabase()
    await using workspace = await new FakeWorkspace().start()
    using machines = createMachines(url, { web01: '' })
    const port = await freePort()
    const serve = machines.medicWith({ ...slackOf(workspace), MEDIC_HEALTH: `127.0.0.1:${port}` }, 'serve')
    await serve.said('connected to Slack (Socket Mode)')
    expect(await readiness(port)).toBe('200 ready')
    await server.stop('immediate')
    try {
      expect(await readiness(port)).toMatch(/^503 not ready: /)
      expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(200)
    } finally {
      await server.start()
    }
    await expect.poll(() => readiness(port), { timeout: 20_000 }).toBe('200 ready')
    workspace.slash('/oom-triage web01')
    await workspace.waitForMessage({ having: /Killed process/ })
    expect(serve.child.exitCode).toBeNull()
  }, 90_000)
})
