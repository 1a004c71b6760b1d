import { describe, expect, it } from 'vitest'
import { FakeWorkspace } from '../support/slack/fakeWorkspace.ts'
import { BotHome } from './botProcess.ts'

const HOSTS = 50

describe('many commands at once', () => {
  it(
    'acknowledges each within a second and ends every run right, within the rates Slack allows',
    { timeout: 240_000 },
    async () => {
      const channels = Array.from({ length: 5 }, (_, index) => ({ id: `C0LOAD${index}`, name: `load${index}` }))
      await using workspace = await new FakeWorkspace({
        channels,
        rateLimits: { posting: { perSecond: 1, burst: 8 }, tiers: true },
      }).start()
      const names = Array.from({ length: HOSTS }, (_, index) => `fleet${String(index).padStart(2, '0')}`)
      await using home = new BotHome({ hosts: names.map((name) => `  ${name}: {replay: demo}`).join('\n') })
      await home.start(workspace)
      const commands = names.map((name, index) => workspace.slash(`/oom-triage ${name}`, { in: `load${index % 5}` }))
      const acks = await Promise.all(commands.map((command) => command.settled))
      expect(acks.every((ack) => ack !== null)).toBe(true)
      expect(Math.max(...acks.map((ack) => ack!.latencyMs))).toBeLessThan(1_000)
      for (const name of names) {
        await workspace.waitForContent({ having: new RegExp(`${name}: done: memcg-oom`), withinMs: 200_000 })
      }
      const verdicts = [...workspace.state.messages.values()].flat().filter((message) => message.text.startsWith('🔴'))
      expect(verdicts).toHaveLength(HOSTS)
      expect(workspace.calls.filter((call) => call.outcome === '429')).toEqual([])
      const edits = workspace.calls.filter((call) => call.method === 'chat.update').map((call) => call.atMs)
      for (const startMs of edits) {
        expect(edits.filter((atMs) => atMs >= startMs && atMs < startMs + 60_000).length).toBeLessThanOrEqual(41)
      }
    },
  )
})
