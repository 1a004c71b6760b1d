import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import { FakeWorkspace } from '../support/slack/fakeWorkspace.ts'
import type { EphemeralMessage } from '../support/slack/records.ts'
import { BotHome, SilentHost } from './botProcess.ts'

const textOf = ({ text, blocks }: EphemeralMessage): string => `${text}\n${JSON.stringify(blocks)}`

describe('while a run is at work', () => {
  it('is listed, shown and cancelled by whoever asked, and said to be over afterwards', async () => {
    await using silent = await SilentHost.start()
    await using workspace = await new FakeWorkspace().start()
    await using home = new BotHome({ hosts: silent.line('slow1') })
    await home.start(workspace)
    const ask = async (words: string): Promise<string> => {
      const after = workspace.mark()
      workspace.slash(`/oom-triage ${words}`)
      return textOf(await workspace.waitForEphemeral({ as: 'anna', from: 'app', after, withinMs: 15_000 }))
    }
    workspace.slash('/oom-triage slow1')
    const head = await workspace.waitForMessage({ having: 'slow1', withinMs: 15_000 })
    const status = await ask('status')
    expect(status).toMatch(/🔎 (?:<http:[^|]+\|)?oom-triage on slow1>? running/u)
    const id = /`([0-9a-f]{8})`/.exec(status)?.[1] ?? ''
    expect(await ask(`status ${id}`)).toMatch(/oom-triage on slow1>? running/)
    expect(await ask(`cancel ${id}`)).toMatch(/The run on slow1 is being cancelled/)
    await workspace.waitForContent({ ts: head.ts, having: /cancelled: by U0ANNA/, withinMs: 15_000 })
    expect(await ask('status')).toMatch(/oom-triage on slow1> cancelled/)
    expect(await ask(`cancel ${id}`)).toMatch(/over already: cancelled/)
    expect(workspace.channelMessages('ops')).toHaveLength(1)
    expect(workspace.thread('ops', head.ts)).toHaveLength(1)
  })

  it('says the verdict first although Slack refuses posts and edits again and again', async () => {
    await using workspace = await new FakeWorkspace().start()
    await using home = new BotHome()
    await home.start(workspace)
    // The head is taken; then every second call is refused for its rate, edits and posts alike.
    for (let each = 1; each < 5; each += 1) {
      workspace.faults.plan('chat.postMessage', { status: 429, retryAfterSeconds: 1 }, 1, each === 1 ? 1 : 0)
      workspace.faults.plan('chat.update', { status: 429, retryAfterSeconds: 1 }, 1)
    }
    workspace.slash('/oom-triage web01')
    await workspace.waitForFile({ withinMs: 40_000 })
    const head = await workspace.waitForContent({ thread: null, having: /done: memcg-oom/, withinMs: 40_000 })
    const [, verdict, ...others] = workspace.thread('ops', head.ts)
    expect(JSON.stringify(verdict?.blocks)).toContain('Killed process')
    expect(others.filter((message) => JSON.stringify(message.blocks ?? []).includes('Killed process'))).toEqual([])
    // A run may be over before its head is posted: that head says so from the start, and no edit is early.
    const shown = workspace.state.journal.events.flatMap((event) =>
      event.kind === 'message' || event.kind === 'update' ? [{ kind: event.kind, message: event.message }] : [],
    )
    const verdictAt = shown.findIndex(({ message }) => JSON.stringify(message).includes('Killed process'))
    const early = shown.slice(0, verdictAt).filter(({ kind }) => kind === 'update')
    expect(verdictAt).toBeGreaterThan(0)
    expect(early.filter(({ message }) => /done: memcg-oom/.test(JSON.stringify(message)))).toEqual([])
    expect(workspace.calls.filter(({ outcome }) => outcome === '429').length).toBeGreaterThanOrEqual(4)
  })
})

describe('an address for answers that was used up', () => {
  it('is not the last way: the sixth answer is shown by another call, once', async () => {
    await using workspace = await new FakeWorkspace().start()
    await using home = new BotHome()
    await home.start(workspace)
    const command = workspace.slash('/oom-triage status')
    const address = new URL(String(command.payload['response_url']))
    const url = workspace.state.responseUrls.get(address.pathname.split('/').at(-1) ?? '')
    url!.uses = 5
    const answer = await workspace.waitForEphemeral({ as: 'anna', from: 'app', withinMs: 15_000 })
    expect(textOf(answer)).toMatch(/No runs yet/)
    expect(workspace.calls.filter(({ method }) => method === 'chat.postEphemeral')).toHaveLength(1)
    expect([...workspace.state.ephemerals.values()]).toHaveLength(1)
  })
})

describe('the Home tab', () => {
  it('lists what waits for approval, with a link to where it is decided, until it is', async () => {
    const runbooks = mkdtempSync(join(tmpdir(), 'medic-runbooks-'))
    writeFileSync(join(runbooks, 'wait-here.md'), CHANGE)
    try {
      await using workspace = await new FakeWorkspace().start()
      await using home = new BotHome({ runbooks, settings: 'policy:\n  - {allow: [read, change, approve]}' })
      await home.start(workspace)
      workspace.slash('/runbook wait-here web01')
      const asked = await workspace.waitForMessage({ having: /Approval needed/, withinMs: 15_000 })
      const homeOfBen = async () => {
        const after = workspace.mark()
        workspace.openHome({ as: 'ben' })
        return workspace.waitForHome({ as: 'ben', after, withinMs: 15_000 })
      }
      // The link is there as soon as Slack's answer to the question itself has come in.
      await expect
        .poll(async () => JSON.stringify((await homeOfBen()).body), { timeout: 15_000 })
        .toContain(`/p${asked.ts.replace('.', '')}`)
      const waiting = await homeOfBen()
      const text = JSON.stringify(waiting.body)
      expect(text).toContain('|wait-here on web01>')
      expect(text).toContain('asked by <@U0ANNA>')
      expect(text).not.toContain('Nothing waits for approval')
      workspace.click(asked, 'change_deny', { as: 'ben' })
      await workspace.waitForContent({ ts: asked.ts, having: /denied/i, withinMs: 15_000 })
      const after = workspace.mark()
      workspace.click(waiting, 'home_refresh')
      await workspace.waitForHome({ as: 'ben', having: /Nothing waits for approval/, after, withinMs: 15_000 })
    } finally {
      rmSync(runbooks, { recursive: true, force: true })
    }
  })
})

describe('what is kept of a message', () => {
  it('is its name once Slack shows it: its words are in Slack, and the draft is a page of its own', async () => {
    await using workspace = await new FakeWorkspace().start()
    await using home = new BotHome()
    const bot = await home.start(workspace)
    workspace.slash('/oom-triage web01')
    await workspace.waitForFile({ withinMs: 20_000 })
    await workspace.waitForContent({ thread: null, having: /done: memcg-oom/, withinMs: 20_000 })
    expect(await bot.stop()).toBe(0)
    const database = new DatabaseSync(join(home.folder, 'state', 'medic.db'), { readOnly: true })
    const rows = database.prepare('select state, body from outgoing').all() as { state: string; body: string }[]
    database.close()
    expect(rows.map(({ state }) => state)).toEqual(Array.from({ length: 5 }, () => 'sent'))
    expect(Math.max(...rows.map(({ body }) => body.length))).toBeLessThan(1_000)
  })
})

const CHANGE = `---
id: wait-here
title: Wait here
description: Would change something.
---

# Wait here

## Do it

\`\`\`sh {name=touch risk=change undo="rm -f /tmp/medic-waits"}
touch /tmp/medic-waits
\`\`\`
`
