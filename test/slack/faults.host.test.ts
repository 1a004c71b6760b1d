import { describe, expect, it } from 'vitest'
import { FakeWorkspace } from '../support/slack/fakeWorkspace.ts'
import { BotHome, SilentHost } from './botProcess.ts'

/** Everything a finished run leaves in its thread, file included. */
const finished = async (workspace: FakeWorkspace, withinMs = 20_000) => {
  const head = await workspace.waitForContent({ thread: null, having: /done: memcg-oom/, withinMs })
  await workspace.waitForFile({ withinMs })
  return head
}

describe('whatever Slack does, a run ends and everything is said once', () => {
  it('waits as long as a rate limit asks, and still says the verdict before the last edit', async () => {
    await using workspace = await new FakeWorkspace().start()
    await using home = new BotHome()
    await home.start(workspace)
    workspace.faults.plan('chat.postMessage', { status: 429, retryAfterSeconds: 1 }, 2, 1)
    workspace.faults.plan('chat.update', { status: 429, retryAfterSeconds: 1 }, 1)
    workspace.slash('/oom-triage web01')
    const head = await finished(workspace)
    expect(workspace.channelMessages('ops')).toHaveLength(1)
    const thread = workspace.thread('ops', head.ts)
    expect(thread.filter((message) => JSON.stringify(message.blocks ?? []).includes('Killed process'))).toHaveLength(1)
    expect(JSON.stringify(thread[1]?.blocks)).toContain('Killed process')
    expect(workspace.faults.left).toBe(0)
  })

  it.each([
    ['with the history to look into', undefined],
    ['without it, by the same client id', ['chat:write', 'commands', 'files:write']],
  ])('posts nothing twice after answers that were lost, %s', async (_how, scopes) => {
    await using workspace = await new FakeWorkspace({
      honoursClientMsgId: true,
      ...(scopes === undefined ? {} : { scopes }),
    }).start()
    await using home = new BotHome()
    await home.start(workspace)
    // The head and the verdict take effect, and their answers never come.
    workspace.faults.plan('chat.postMessage', { drop: 'after-acting' }, 2)
    workspace.faults.plan('chat.postMessage', { drop: 'before-acting' }, 1)
    workspace.faults.plan('chat.postMessage', { status: 503 }, 1)
    workspace.slash('/oom-triage web01')
    const head = await finished(workspace)
    expect(workspace.channelMessages('ops')).toHaveLength(1)
    const thread = workspace.thread('ops', head.ts)
    expect(thread.filter((message) => JSON.stringify(message.blocks ?? []).includes('Killed process'))).toHaveLength(1)
    expect(thread.filter((message) => JSON.stringify(message.blocks ?? []).includes('postmortem_edit'))).toHaveLength(1)
  })

  it('goes down the ladder where rich blocks are not known', async () => {
    await using workspace = await new FakeWorkspace({ refusedBlocks: ['plan', 'task_card', 'table'] }).start()
    await using home = new BotHome()
    await home.start(workspace)
    workspace.slash('/oom-triage web01')
    const head = await finished(workspace)
    const types = workspace
      .thread('ops', head.ts)
      .flatMap((message) => (message.blocks ?? []).map((block) => block['type']))
    expect(types).not.toContain('plan')
    expect(types).toContain('section')
    // One refusal of the head, one of the verdict; progress edits do not try again and again.
    expect(workspace.calls.filter((call) => call.outcome === 'invalid_blocks').length).toBeLessThanOrEqual(2)
  })

  it('says it all in plain text where no blocks are taken', async () => {
    const refusedBlocks = ['plan', 'table', 'header', 'section', 'rich_text', 'context', 'actions']
    await using workspace = await new FakeWorkspace({ refusedBlocks }).start()
    await using home = new BotHome()
    await home.start(workspace)
    workspace.slash('/oom-triage web01')
    const head = await finished(workspace)
    const [, verdict] = workspace.thread('ops', head.ts)
    expect(verdict?.text).toContain('the unit&apos;s own limit'.replace('&apos;', "'"))
    expect(verdict?.blocks ?? []).toEqual([])
  })

  it('posts the draft as text where files are refused, and tries no second upload', async () => {
    await using workspace = await new FakeWorkspace({ missingMethods: ['files.getUploadURLExternal'] }).start()
    await using home = new BotHome()
    await home.start(workspace)
    workspace.slash('/oom-triage web01')
    await workspace.waitForMessage({ having: /Postmortem draft .*\(part 1\)/, withinMs: 15_000 })
    await workspace.waitForMessage({ having: /\(part 2\)/, withinMs: 15_000 })
    workspace.slash('/oom-triage web02')
    await workspace.waitForMessage({ having: /Postmortem draft inc-.*-web02-.*\(part 1\)/, withinMs: 15_000 })
    expect(workspace.calls.filter((call) => call.method === 'files.getUploadURLExternal')).toHaveLength(1)
  })

  it('carries on through a renewal of the socket', async () => {
    await using workspace = await new FakeWorkspace().start()
    await using home = new BotHome()
    await home.start(workspace)
    workspace.slash('/oom-triage web01')
    await workspace.waitForMessage({ having: 'web01' })
    const before = workspace.mark()
    workspace.socketMode.disconnect('refresh_requested')
    await finished(workspace)
    // The client's known fault: it reconnects only after its ping time-out of 5 s.
    await workspace.waitForSockets(1, { after: before, withinMs: 15_000 })
    const after = workspace.mark()
    workspace.slash('/oom-triage help')
    await workspace.waitForEphemeral({ from: 'app', after })
  })
})

describe('a bot that ends in the middle', () => {
  it('says at once that a run is interrupted when it is asked to stop', async () => {
    await using silent = await SilentHost.start()
    await using workspace = await new FakeWorkspace().start()
    await using home = new BotHome({ hosts: silent.line('slow1') })
    const bot = await home.start(workspace)
    workspace.slash('/oom-triage slow1')
    const head = await workspace.waitForMessage({ having: 'slow1' })
    expect(await bot.stop()).toBe(0)
    expect(JSON.stringify(workspace.message('ops', head.ts)?.blocks)).toContain('interrupted: Medic was stopped')
  })

  it('sends after a new start what it could not send before', async () => {
    await using workspace = await new FakeWorkspace().start()
    await using home = new BotHome()
    const first = await home.start(workspace)
    workspace.faults.plan('chat.postMessage', { status: 503 }, 1_000, 1)
    workspace.slash('/oom-triage web01')
    await workspace.waitForCall('chat.postMessage', { outcome: '503' })
    // Everything that waits is stored by now or will be within this second try.
    await workspace.waitForCall('chat.postMessage', { outcome: '503', after: workspace.mark() })
    await first.kill()
    workspace.faults.clear()
    await home.start(workspace)
    const head = await finished(workspace)
    const thread = workspace.thread('ops', head.ts)
    expect(thread.filter((message) => JSON.stringify(message.blocks ?? []).includes('Killed process'))).toHaveLength(1)
    expect(workspace.channelMessages('ops')).toHaveLength(1)
  })

  it('does each thing once with two bots at the same workspace', async () => {
    await using workspace = await new FakeWorkspace().start()
    await using home = new BotHome()
    await home.start(workspace)
    await home.start(workspace)
    const [one, other] = workspace.socketMode.open
    const command = workspace.slash('/oom-triage web01')
    await command.settled
    for (const socket of [one, other]) await workspace.redeliver(command, socket!.id).settled
    const head = await finished(workspace)
    expect(workspace.channelMessages('ops')).toHaveLength(1)
    const thread = workspace.thread('ops', head.ts)
    expect(thread.filter((message) => JSON.stringify(message.blocks ?? []).includes('Killed process'))).toHaveLength(1)
  })
})

describe('without what it needs', () => {
  it('ends with a clear line when Slack refuses the token', async () => {
    await using workspace = await new FakeWorkspace().start()
    workspace.faults.plan('auth.test', { error: 'invalid_auth' }, 100)
    await using home = new BotHome()
    await expect(home.start(workspace)).rejects.toThrow(
      /ended with 2[\s\S]*slack: refused with "invalid_auth"[\s\S]*hint: the token is wrong/,
    )
  })
})
