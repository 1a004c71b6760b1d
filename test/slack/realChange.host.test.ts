// needs: root
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import { FakeWorkspace } from '../support/slack/fakeWorkspace.ts'
import type { Message } from '../support/slack/records.ts'
import { freePort } from '../support/sshd.ts'
import { BotHome, SilentHost, type BotProcess } from './botProcess.ts'
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
  readonly settings?: string
}

const visible = (message: Message | undefined): string => JSON.stringify(message?.blocks ?? [])

/** A host that can be changed, a workspace, and bots in which nothing was asked yet. */
const working = async ({ bots: count = 1, httpPort, settings = '' }: Wish = {}) => {
  const host = await ChangingHost.start()
  const workspace = await new FakeWorkspace(
    httpPort === undefined ? {} : { requestUrl: `http://127.0.0.1:${httpPort}/slack/events` },
  ).start()
  const home = new BotHome({
    hosts: host.line('real1'),
    runbooks: host.runbooks,
    settings: `${POLICY}${settings}`,
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
    /** Ben approves, and the change waits at its gate. */
    async approve(message: Message): Promise<void> {
      workspace.click(message, 'change_approve', APPROVER)
    },
    async reaching(step: string): Promise<void> {
      await expect.poll(() => host.begun.at(-1), { timeout: 20_000 }).toBe(step)
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

describe('an approval', () => {
  it('is used once by two bots and two people who click at the same time', async () => {
    await using work = await working({ bots: 2, settings: 'selfApprove: true\n' })
    const { host, workspace } = work
    const message = await work.ask()
    workspace.click(message, 'change_approve', { as: 'ben' })
    workspace.click(message, 'change_approve', { as: 'anna' })
    workspace.click(message, 'change_approve', { as: 'ben' })
    await work.result(message, /Result: .*done: set exited 0/s)
    await expect.poll(() => host.begun).toEqual(['look', 'change', 'changed'])
    const verbs = await work.audit()
    expect(verbs.filter((verb) => verb === 'approve')).toHaveLength(1)
    expect(verbs.filter((verb) => verb === 'begin')).toHaveLength(1)
    expect(work.replies(message)).toHaveLength(1)
  })

  it('that comes too late changes nothing, and its expiry is on the record once', async () => {
    await using work = await working()
    const { host, workspace } = work
    const message = await work.ask()
    {
      using database = work.database()
      database.exec(`update approvals set body = json_set(body, '$.plan.expiresAtMs', 1)`)
    }
    workspace.click(message, 'change_approve', APPROVER)
    expect((await workspace.waitForEphemeral({ as: 'ben' })).text).toContain('it has expired: ask again')
    await workspace.waitForUpdate({ ts: message.ts, having: /Expired/ })
    expect(host.begun).toEqual([])
    expect(await work.audit()).toEqual(['ask', 'expire', 'refused'])
  })

  it('does not hold for a runbook that was edited since', async () => {
    await using work = await working()
    const { host, workspace, home, bots } = work
    const message = await work.ask()
    await bots[0]?.stop()
    host.writeRunbook(3)
    await home.start(workspace)
    workspace.click(message, 'change_approve', APPROVER)
    expect((await workspace.waitForEphemeral({ as: 'ben' })).text).toContain(
      'the runbook has changed since it was shown: ask again',
    )
    expect(host.begun).toEqual([])
  })

  it.each([
    [
      'a file has other content',
      (host: ChangingHost) => writeFileSync(host.settings, 'limit=7\n'),
      /app\.conf has other content/,
    ],
    ['a file is gone', (host: ChangingHost) => rmSync(host.settings), /app\.conf is gone/],
    ['a file came', (host: ChangingHost) => host.dropIn('10-new.conf', 'x'), /10-new\.conf is there now/],
  ])('does not hold when %s', async (_what, meddle, said) => {
    await using work = await working()
    const { host } = work
    host.shut('look')
    const message = await work.ask()
    await work.approve(message)
    await work.reaching('look')
    // After the click: only what is read just before the first changing step can notice it.
    meddle(host)
    host.open('look')
    const told = await work.result(message, /Result: .*not done/s)
    expect(visible(told)).toMatch(said)
    expect(visible(told)).toMatch(/Nothing was changed on the host; a new approval is needed/)
    expect(host.begun).toEqual(['look'])
    expect(await work.audit()).toEqual(['ask', 'approve', 'carried-out'])
  })

  it('is refused over HTTP to who asked and to who may not, and given by who may', async () => {
    await using work = await working({ httpPort: await freePort() })
    const { host, workspace } = work
    const message = await work.ask()
    workspace.click(message, 'change_approve', { as: 'anna' })
    expect((await workspace.waitForEphemeral({ as: 'anna' })).text).toContain('who asks for a change cannot approve it')
    workspace.click(message, 'change_approve', { as: 'carla' })
    expect((await workspace.waitForEphemeral({ as: 'carla' })).text).toContain('not among those who may approve')
    expect(host.begun).toEqual([])
    workspace.click(message, 'change_approve', APPROVER)
    await work.result(message, /Result: .*done: set exited 0/s)
    expect(host.content).toBe('limit=2\n')
  })

  it('is not asked for when a file it touches cannot be vouched for', async () => {
    await using work = await working()
    const { host, workspace } = work
    writeFileSync(host.settings, Buffer.from([0x66, 0xff, 0xfe]))
    workspace.slash('/runbook set-limit real1')
    expect((await workspace.waitForEphemeral({ as: 'anna' })).text).toMatch(/Not asked: .*app\.conf is no text/)
  })
})

describe('a change on a host that does not answer', () => {
  it('is not asked for, and the person hears at once that it takes a while', async () => {
    await using silent = await SilentHost.start()
    await using host = await ChangingHost.start()
    await using workspace = await new FakeWorkspace().start()
    await using home = new BotHome({
      hosts: silent.line('silent1'),
      runbooks: host.runbooks,
      settings: POLICY,
    })
    await home.start(workspace)
    workspace.slash('/runbook set-limit silent1')
    expect((await workspace.waitForEphemeral({ as: 'anna', withinMs: 8_000 })).text).toContain('is looked at first')
    const refused = await workspace.waitForEphemeral({ as: 'anna', having: /Not asked/, withinMs: 45_000 })
    expect(refused.text).toMatch(/Not asked: .*silent1/)
    expect(workspace.channelMessages('ops')).toEqual([])
  })
})

describe('while a change is under way', () => {
  it('another one on the host waits for its end, in every bot, and nobody can cancel it halfway', async () => {
    await using work = await working({ bots: 2 })
    const { host, workspace } = work
    host.shut('change')
    const first = await work.ask()
    await work.approve(first)
    await work.reaching('change')
    const second = await work.ask('other-change')
    for (let click = 0; click < 2; click += 1) {
      const after = workspace.mark()
      workspace.click(second, 'change_approve', APPROVER)
      expect((await workspace.waitForEphemeral({ after, as: 'ben' })).text).toContain(
        'another change is under way on real1, and one is made at a time: approve this when it has ended',
      )
    }
    for (let command = 0; command < 2; command += 1) {
      const after = workspace.mark()
      workspace.slash('/oom-triage cancel real1')
      expect((await workspace.waitForEphemeral({ after, as: 'anna' })).text).toContain('does not stop one halfway')
    }
    host.open('change')
    await work.result(first, /Result: .*done: set exited 0/s)
    // The host is given back just after the result is told.
    while (!host.begun.includes('other')) {
      if (visible(workspace.message('ops', second.ts)).includes('change_approve')) await work.approve(second)
      await new Promise((resolve) => setTimeout(resolve, 300))
    }
    await work.result(second, /Result: .*done: other exited 0/s)
    expect(host.begun).toEqual(['look', 'change', 'changed', 'other'])
  })

  it('Medic that is asked to stop waits for its end and tells it', async () => {
    await using work = await working()
    const { host, home, bots } = work
    host.shut('change')
    const message = await work.ask()
    await work.approve(message)
    await work.reaching('change')
    const stopped = bots[0]?.stop()
    setTimeout(() => host.open('change'), 1_000)
    expect(await stopped).toBe(0)
    expect(host.content).toBe('limit=2\n')
    await using store = await openSqliteStore(join(home.folder, 'state'))
    const [approval] = await store.listApprovals({ state: 'approved', limit: 1 })
    expect(approval?.result).toBe('done: set exited 0')
    expect(work.replies(message)).toHaveLength(1)
  })
})

describe('before a change has begun', () => {
  it('it can be cancelled, and nothing was changed', async () => {
    await using work = await working()
    const { host, workspace } = work
    host.shut('look')
    const message = await work.ask()
    await work.approve(message)
    await work.reaching('look')
    workspace.slash('/oom-triage cancel real1')
    const told = await work.result(message, /Result: .*not done/s)
    expect(visible(told)).toContain('it was cancelled before it began')
    expect(host.content).toBe('limit=1\n')
  })

  it('a killed bot leaves it undone: it is closed and told after the restart, and never begun', async () => {
    await using work = await working()
    const { host, workspace, home, bots } = work
    host.shut('look')
    const message = await work.ask()
    await work.approve(message)
    await work.reaching('look')
    await bots[0]?.kill()
    host.open('look')
    await home.start(workspace)
    const told = await work.result(message, /Result: .*not done/s)
    expect(visible(told)).toContain('Medic ended after it was approved and before it began')
    await expect.poll(() => work.replies(message).length).toBe(1)
    expect(await work.audit()).toEqual(['ask', 'approve', 'close'])
    // The host is free again, and the old approval is not.
    const again = await work.ask()
    await work.approve(again)
    await work.result(again, /Result: .*done: set exited 0/s)
    expect(host.begun.filter((step) => step === 'changed')).toEqual(['changed'])
  })

  it('a store that is gone keeps it from beginning, and it is told and recorded when the store is back', async () => {
    await using work = await working()
    const { host } = work
    host.shut('look')
    const message = await work.ask()
    await work.approve(message)
    await work.reaching('look')
    {
      using database = work.database()
      database.exec('begin immediate')
      host.open('look')
      const told = await work.result(message, /Result: .*not done/s)
      expect(visible(told)).toContain('the store does not take this record yet')
      expect(host.begun).toEqual(['look'])
      database.exec('rollback')
    }
    await expect.poll(async () => work.audit(), { timeout: 20_000 }).toEqual(['ask', 'approve', 'carried-out'])
    await expect
      .poll(() => visible(work.workspace.message('ops', message.ts)), { timeout: 20_000 })
      .not.toContain('does not take this record')
    expect(host.begun).toEqual(['look'])
    expect(host.content).toBe('limit=1\n')
  })
})

describe('a bot killed in the middle of a change', () => {
  it('says after the restart that the outcome is not known, and does not do it again', async () => {
    await using work = await working()
    const { host, workspace, home, bots } = work
    host.shut('change')
    const message = await work.ask()
    await work.approve(message)
    await work.reaching('change')
    await bots[0]?.kill()
    await home.start(workspace)
    const told = await work.result(message, /Outcome unknown/)
    expect(visible(told)).toMatch(/it may have been done in part. It is not done again: look at the host/)
    expect(await work.audit()).toEqual(['ask', 'approve', 'begin', 'close'])
    expect(host.begun).toEqual(['look', 'change'])
  })
})
