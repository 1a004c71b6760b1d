import { describe, expect, it } from 'vitest'
import { FakeWorkspace } from '../support/slack/fakeWorkspace.ts'
import type { Message } from '../support/slack/records.ts'
import { BotHome, SilentHost } from './botProcess.ts'

const kindsIn = (messages: readonly Message[]): string[] =>
  messages.map((message) => {
    if (message.files !== undefined) return 'file'
    const [first] = message.blocks ?? []
    const text = JSON.stringify(first ?? message.text)
    if (/plan|Out of memory, first look/.test(text)) return 'head'
    if (/🔴/u.test(text)) return 'verdict'
    if (/🔧/u.test(text)) return 'proposals'
    if (/📝/u.test(text)) return 'postmortem'
    return /👁/u.test(text) ? 'blind spots' : `other: ${text.slice(0, 80)}`
  })

describe('/oom-triage, from the command to the postmortem', () => {
  it('answers at once, edits one head message, and says the verdict in the thread before anything else', async () => {
    await using workspace = await new FakeWorkspace({
      rateLimits: { posting: { perSecond: 1, burst: 8 }, tiers: true },
    }).start()
    await using home = new BotHome()
    const bot = await home.start(workspace)
    const startedAtMs = performance.now()
    const ack = await workspace.slash('/oom-triage web01 queue_worker —since 2h').settled
    expect(ack?.latencyMs).toBeLessThan(300)
    const head = await workspace.waitForMessage({ having: 'web01' })
    expect(performance.now() - startedAtMs).toBeLessThan(1_000)
    const verdict = await workspace.waitForMessage({ thread: head.ts, having: /memcg-oom/ })
    expect(performance.now() - startedAtMs).toBeLessThan(3_000)
    expect(JSON.stringify(verdict.blocks)).toMatch(/Killed process \d+/)
    await workspace.waitForUpdate({ ts: head.ts, having: /done: memcg-oom/ })
    await workspace.waitForFile({ named: /^inc-.*\.md$/ })
    const thread = workspace.thread('ops', head.ts)
    expect(kindsIn(thread)).toEqual(['head', 'verdict', 'proposals', 'postmortem', 'file'])
    expect(workspace.channelMessages('ops')).toHaveLength(1)
    // Nobody is told twice, and no progress edit overtakes the verdict once the run is over.
    const verdictCall = workspace.calls.find((call) => /Killed process \d+/.test(JSON.stringify(call.args)))
    const finalEdit = workspace.calls.find(
      (call) => call.method === 'chat.update' && JSON.stringify(call.args).includes('done: memcg-oom'),
    )
    expect(verdictCall!.atMs).toBeLessThanOrEqual(finalEdit!.atMs)
    expect(
      workspace.calls.filter((call) => call.outcome !== null && call.outcome !== 'ok').map((call) => call.method),
    ).toEqual([])
    expect(workspace.bugs).toEqual([])
    expect(await bot.stop()).toBe(0)
  })

  it('says help, hosts, status and mistakes to the person who typed, and to nobody else', async () => {
    await using workspace = await new FakeWorkspace().start()
    await using home = new BotHome()
    await home.start(workspace)
    const said: [string, RegExp][] = [
      ['/oom-triage', /takes the first look/],
      ['/oom-triage ?', /takes the first look/],
      ['/oom-triage list', /web02/],
      ['/oom-triage status', /No runs yet/],
      ['/oom-triage web1', /unknown host "web1"[\s\S]*did you mean web01/],
      ['/oom-triage web01 --since soon', /since: "soon" is not valid, expected a duration/],
      ['/oom-triage web01 --deep yes', /unknown parameter "deep"/],
      ['/oom-triage web01 -x', /unknown option "-x"/],
      ['/oom-triage web01 ../../etc/passwd', /expected a systemd unit/],
      ['/oom-triage `web01` --dry-run', /Dry run: Out of memory, first look on web01/],
      ['/oom-triage <http://web01|web01> --dry-run', /Dry run/],
      ['/oom-triage cancel 12345678', /There is no run/],
      ['/runbook', /disk-full HOST/],
      ['/runbook no-such-thing web01', /no runbook "no-such-thing"/],
      ['/runbook disk-full', /which host/],
      ['/oom-triage localhost', /unknown host "localhost"/],
      [`/oom-triage ${'x'.repeat(600)}`, /expected at most 512/],
      ['/oom-triage web01\u202eevil', /invisible character/],
    ]
    for (const [command, answer] of said) {
      const after = workspace.mark()
      workspace.slash(command)
      const ephemeral = await workspace.waitForEphemeral({ as: 'anna', from: 'app', after })
      expect(
        `${ephemeral.text}\n${JSON.stringify(ephemeral.blocks)}`.replaceAll('\\"', '"').replaceAll('\\n', '\n'),
      ).toMatch(answer)
    }
    expect(workspace.state.messagesOf('C0OPS')).toEqual([])
  })

  it('starts one run for a command that is delivered twice, and one for a second person', async () => {
    await using silent = await SilentHost.start()
    await using workspace = await new FakeWorkspace().start()
    await using home = new BotHome({ hosts: silent.line('slow1') })
    await home.start(workspace)
    const command = workspace.slash('/oom-triage slow1')
    const head = await workspace.waitForMessage({ having: 'slow1' })
    await command.settled
    await workspace.redeliver(command).settled
    workspace.slash('/oom-triage slow1', { as: 'ben' })
    const joined = await workspace.waitForEphemeral({ as: 'ben' })
    expect(joined.text).toMatch(/is being looked at already, started by <@U0ANNA>: <http.*follow it here>/)
    expect(workspace.channelMessages('ops')).toHaveLength(1)
    workspace.click(head, 'run_cancel', { as: 'ben' })
    const over = await workspace.waitForUpdate({ ts: head.ts, having: /cancelled: by U0BEN/ })
    expect(JSON.stringify(over.blocks)).toContain('Run again')
    expect(JSON.stringify(over.blocks)).not.toContain('run_cancel')
  })

  it('folds a repeat into the thread of the run before, also by the button', async () => {
    await using workspace = await new FakeWorkspace().start()
    await using home = new BotHome()
    await home.start(workspace)
    workspace.slash('/oom-triage web01')
    const head = await workspace.waitForMessage({ having: 'web01' })
    await workspace.waitForFile()
    workspace.slash('/oom-triage web01', { as: 'ben' })
    expect((await workspace.waitForEphemeral({ as: 'ben' })).text).toContain('the same thread')
    const second = await workspace.waitForMessage({ thread: head.ts, having: /Out of memory, first look/ })
    await workspace.waitForUpdate({ ts: second.ts, having: /done/ })
    const after = workspace.mark()
    const verdict = workspace
      .thread('ops', head.ts)
      .find((message) => JSON.stringify(message.blocks).includes('run_again'))!
    workspace.click(verdict, 'run_again')
    await workspace.waitForMessage({ thread: head.ts, having: /Killed process/, after })
    expect(workspace.channelMessages('ops')).toHaveLength(1)
  })

  it('does not start where it was not invited, and says how to invite it', async () => {
    await using workspace = await new FakeWorkspace({ scopes: ['chat:write', 'commands'] }).start()
    await using home = new BotHome()
    await home.start(workspace)
    for (const channel of ['general', 'secret']) {
      const after = workspace.mark()
      workspace.slash('/oom-triage web01', { in: channel })
      expect((await workspace.waitForEphemeral({ after })).text).toMatch(/not in this channel.*\/invite/)
    }
    workspace.slash('/oom-triage status')
    expect(JSON.stringify((await workspace.waitForEphemeral({ having: 'newest first' })).blocks)).toContain(
      'Slack refused',
    )
  })

  it('says why a host could not be looked at, what was not done, and what to do next', async () => {
    await using workspace = await new FakeWorkspace().start()
    await using home = new BotHome({ hosts: '  gone1: {address: 127.0.0.1, port: "1", user: medic}' })
    await home.start(workspace)
    workspace.slash('/oom-triage gone1')
    const head = await workspace.waitForMessage({ having: 'gone1' })
    const error = await workspace.waitForMessage({
      thread: head.ts,
      having: /could not be looked at/,
      withinMs: 15_000,
    })
    expect(JSON.stringify(error.blocks)).toMatch(/nothing was changed on the host.*Try again.*reference/)
    await workspace.waitForUpdate({ ts: head.ts, having: /stopped: refused/ })
  })

  it('refuses people of another workspace', async () => {
    await using workspace = await new FakeWorkspace().start()
    await using home = new BotHome()
    await home.start(workspace)
    workspace.slash('/oom-triage web01', { as: 'guest' })
    expect((await workspace.waitForEphemeral({ as: 'guest' })).text).toContain('its own workspace only')
    expect(workspace.channelMessages('ops')).toEqual([])
  })
})
