// needs: root
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import { FakeWorkspace } from '../support/slack/fakeWorkspace.ts'
import type { Message } from '../support/slack/records.ts'
import { BotHome, type BotProcess } from './botProcess.ts'
import { ChangingHost } from './changingHost.ts'

const POLICY = `policy:
  - {allow: [read]}
  - {allow: [change], users: [U0ANNA, U0BEN]}
  - {allow: [approve], users: [U0ANNA, U0BEN], hosts: [web]}
`

const APPROVER = { as: 'ben' }

interface Wish {
  readonly bots?: number
  readonly httpPort?: number
}

/** A host that can be changed, a workspace, and bots in which nothing was asked yet. */
const working = async ({ bots: count = 1, httpPort }: Wish = {}) => {
  const host = await ChangingHost.start()
  const workspace = await new FakeWorkspace(
    httpPort === undefined ? {} : { requestUrl: `http://127.0.0.1:${httpPort}/slack/events` },
  ).start()
  const home = new BotHome({
    hosts: host.line('real1'),
    runbooks: host.runbooks,
    settings: POLICY,
    ...(httpPort === undefined ? {} : { httpPort }),
  })
  const bots: BotProcess[] = []
  for (let index = 0; index < count; index += 1) bots.push(await home.start(workspace))
  const state = join(home.folder, 'state')
  return {
    host,
    workspace,
    home,
    bots,
    /** Anna asks; the message with the buttons. */
    async ask(runbook = 'set-limit', as = 'anna'): Promise<Message> {
      const after = workspace.mark()
      workspace.slash(`/runbook ${runbook} real1`, { as })
      return workspace.waitForMessage({ after, having: new RegExp(`Approval needed: ${runbook} on real1`) })
    },
    /** The message as it says what came of it. */
    async result(message: Message, having: RegExp): Promise<Message> {
      return workspace.waitForUpdate({ ts: message.ts, having, withinMs: 40_000 })
    },
    replies: (message: Message) => workspace.thread('ops', message.ts).filter(({ ts }) => ts !== message.ts),
    database: () => new DatabaseSync(join(state, 'medic.db')),
    /** Verbs of the audit record about changes, in order; the chain must hold. */
    async audit(): Promise<readonly string[]> {
      await using store = await openSqliteStore(state)
      expect(await store.verifyAudit()).toBeUndefined()
      using database = new DatabaseSync(join(state, 'medic.db'))
      const rows = database.prepare('select body from audit order by number').all() as { body: string }[]
      return rows.map(({ body }) => (JSON.parse(body) as { verb: string }).verb)
    },
    async [Symbol.asyncDispose]() {
      await home[Symbol.asyncDispose]()
      await workspace.stop()
      await host[Symbol.asyncDispose]()
    },
  }
}

describe('an approved change on a real host', () => {
  it('is made once, recorded from the question to the result, and told to those who asked and decided', async () => {
    await using work = await working()
    const { host, workspace } = work
    const message = await work.ask()
    expect(JSON.stringify(message.blocks)).toMatch(/app\.conf {2}[0-9a-f]{12}/)
    expect(host.begun).toEqual([])
    workspace.click(message, 'change_approve', APPROVER)
    workspace.click(message, 'change_approve', APPROVER)
    await work.result(message, /Result: .*done: set exited 0/s)
    const second = await workspace.waitForEphemeral({ as: 'ben' })
    expect(second.text).toContain('already approved by')
    expect(host.content).toBe('limit=2\n')
    expect(host.begun).toEqual(['look', 'change', 'changed'])
    await expect.poll(() => work.replies(message).length).toBe(1)
    expect(JSON.stringify(work.replies(message)[0]?.blocks)).toMatch(/done: set exited 0.*<@U0ANNA> <@U0BEN>/)
    expect((await work.audit()).filter((verb) => verb !== 'refused')).toEqual([
      'ask',
      'approve',
      'begin',
      'carried-out',
    ])
  })
})
