import { createServer, type AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { FakeWorkspace } from '../support/slack/fakeWorkspace.ts'
import { BotHome } from './botProcess.ts'

const freePort = async (): Promise<number> => {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

describe('HTTP mode', () => {
  it('serves the same commands and buttons, and refuses what is not signed by Slack', async () => {
    const port = await freePort()
    const requestUrl = `http://127.0.0.1:${port}/slack/events`
    await using workspace = await new FakeWorkspace({ requestUrl }).start()
    await using home = new BotHome({ httpPort: port })
    const bot = await home.start(workspace)
    expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status).toBe(200)
    const command = workspace.slash('/oom-triage web01')
    expect((await command.settled)?.latencyMs).toBeLessThan(300)
    const verdict = await workspace.waitForMessage({ having: /Killed process/ })
    const again = workspace.redeliver(command)
    await again.settled
    workspace.click(verdict, 'run_raw')
    await workspace.waitForFile({ named: /^run-.*\.txt$/ })
    workspace.slash('/oom-triage')
    await workspace.waitForEphemeral({ having: /takes the first look/ })
    workspace.openHome()
    await workspace.waitForHome({ having: /oom-triage on web01/ })
    expect(workspace.channelMessages('ops')).toHaveLength(1)
    const forged = await fetch(requestUrl, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        'x-slack-request-timestamp': String(Math.floor(Date.now() / 1000)),
        'x-slack-signature': `v0=${'0'.repeat(64)}`,
      },
      body: 'command=/oom-triage&text=web02',
    })
    expect(forged.status).toBe(401)
    expect(workspace.channelMessages('ops')).toHaveLength(1)
    expect(await bot.stop()).toBe(0)
  })
})
