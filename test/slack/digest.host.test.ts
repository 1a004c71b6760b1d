import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import { FakeWorkspace } from '../support/slack/fakeWorkspace.ts'
import type { Message } from '../support/slack/records.ts'
import { BotHome } from './botProcess.ts'

const HOUR_MS = 3_600_000

/** A digest that was due an hour and a half ago: whoever starts now makes it late, once. */
const dueAtMs = (): number => Date.now() - 1.5 * HOUR_MS
const settingsWith = (more: string): string =>
  `digests:\n  - {name: nightly, hosts: [all], at: "${new Date(dueAtMs()).toISOString().slice(11, 16)}", zone: UTC${more}}\nsampler: {enabled: false}\n`

/** Medic has known the schedule for two days. */
const knownSince = async (home: BotHome, agoMs = 26 * HOUR_MS): Promise<void> => {
  await using store = await openSqliteStore(join(home.folder, 'state'))
  const atMs = Date.now() - agoMs
  await store.claimJobDay({ job: 'digest-nightly', localDate: 'first', state: 'known', atMs, detail: '' })
}

const GONE = '  gone1: {address: 127.0.0.1, port: "1", user: medic}'

const digestsIn = (workspace: FakeWorkspace): readonly Message[] =>
  workspace.channelMessages('ops').filter((message) => JSON.stringify(message).includes('hosts checked'))

describe('the digest of a schedule', () => {
  it('is posted once to its channel and published to its targets, and its buttons start a run in its thread', async () => {
    await using workspace = await new FakeWorkspace().start()
    await using home = new BotHome({
      hosts: GONE,
      settings: `${settingsWith(', channel: C0OPS, publish: [notes]')}publish:\n  - {name: notes, kind: folder, path: ./notes}\n`,
    })
    mkdirSync(join(home.folder, 'notes'))
    await knownSince(home)
    const bot = await home.start(workspace)
    const message = await workspace.waitForMessage({ having: /2\/3 hosts checked/, withinMs: 30_000 })
    expect(message.channel).toBe('C0OPS')
    const blocks = message.blocks ?? []
    expect(blocks.map((block) => block['type'])).toEqual(['header', 'section', 'table', 'context', 'actions'])
    const text = JSON.stringify(blocks)
    expect(text).toMatch(/Digest nightly, \d{4}-\d\d-\d\d/)
    expect(text).toMatch(/not checked: gone1: /)
    expect(text).toMatch(/next <!date\^/)
    expect(text).toMatch(/Triage web0[12]/)
    expect(text).toMatch(/due at \d\d:\d\d \(UTC\) on \d{4}-\d\d-\d\d, made 1 h 3\d min late: Medic was not running/)
    expect(text).toMatch(/no digest on \d{4}-\d\d-\d\d: Medic was not running/)
    expect(text).not.toContain('not published')
    // Without an address of the page the report is a file in the thread.
    const { file } = await workspace.waitForFile({ named: /^digest-nightly-.*\.md$/ })
    expect(file.bytes?.toString('utf8')).toMatch(/^# Digest nightly/)
    const page = readdirSync(join(home.folder, 'notes')).find((name) => name.startsWith('digest-nightly-'))
    expect(readFileSync(join(home.folder, 'notes', page!), 'utf8')).toContain('# Digest nightly')
    await bot.saying(/digest-nightly: \S+ done/)
    workspace.click(message, 'digest_triage_0', { as: 'ben' })
    const verdict = await workspace.waitForMessage({ thread: message.ts, having: /Killed process/ })
    expect(verdict.thread_ts).toBe(message.ts)
    expect(digestsIn(workspace)).toHaveLength(1)
    expect(workspace.bugs).toEqual([])
    expect(await bot.stop()).toBe(0)
    // The same day again: nothing more is said.
    const next = await home.start(workspace)
    workspace.slash('/oom-triage status')
    await workspace.waitForEphemeral({ having: /Runs/ })
    expect(next.output).not.toMatch(/digest-nightly: \S+ begins/)
    expect(digestsIn(workspace)).toHaveLength(1)
  })

  it('is posted once though the process died before the message could be sent', async () => {
    await using workspace = await new FakeWorkspace().start()
    await using home = new BotHome({ settings: settingsWith(', channel: C0OPS') })
    await knownSince(home)
    // Slack takes the message, and the answer is lost for as long as this process lives.
    workspace.faults.plan('chat.postMessage', { drop: 'after-acting' }, 1)
    workspace.faults.plan('conversations.history', { status: 503 }, 50)
    const first = await home.start(workspace)
    await workspace.waitForMessage({ having: /hosts checked/, withinMs: 30_000 })
    await first.kill()
    workspace.faults.clear()
    const second = await home.start(workspace)
    await second.saying(/digest-nightly: \S+ done/)
    await workspace.waitForFile({ named: /^digest-nightly-/, withinMs: 20_000 })
    expect(digestsIn(workspace)).toHaveLength(1)
  })

  it('is made by one of two bots', async () => {
    await using workspace = await new FakeWorkspace().start()
    await using home = new BotHome({ settings: settingsWith(', channel: C0OPS') })
    await knownSince(home)
    const bots = await Promise.all([home.start(workspace), home.start(workspace)])
    await Promise.race(bots.map((bot) => bot.saying(/digest-nightly: \S+ done/)))
    await workspace.waitForFile({ named: /^digest-nightly-/, withinMs: 20_000 })
    expect(digestsIn(workspace)).toHaveLength(1)
  })

  it('falls back to portable blocks, and says what could not be published', async () => {
    await using workspace = await new FakeWorkspace({ refusedBlocks: ['table'] }).start()
    await using home = new BotHome({
      settings: `${settingsWith(', channel: C0OPS, publish: [broken]')}publish:\n  - {name: broken, kind: folder, path: ./medic.yaml}\n`,
    })
    await knownSince(home)
    await home.start(workspace)
    const message = await workspace.waitForMessage({ having: /2\/2 hosts checked/, withinMs: 30_000 })
    const types = (message.blocks ?? []).map((block) => block['type'])
    expect(types).not.toContain('table')
    expect(types).toContain('rich_text')
    expect(JSON.stringify(message.blocks)).toMatch(/not published: broken: /)
  })

  it('says in the record of its day when Slack refuses its channel, and other schedules go on', async () => {
    await using workspace = await new FakeWorkspace({ scopes: ['chat:write', 'commands'] }).start()
    await using home = new BotHome({ settings: settingsWith(', channel: C0NOWHERE') })
    await knownSince(home)
    const bot = await home.start(workspace)
    await bot.saying(/digest-nightly: \S+ failed: digest nightly: Slack refused the message to C0NOWHERE/)
    workspace.slash('/oom-triage web01')
    await workspace.waitForMessage({ having: /Killed process/ })
  })
})
