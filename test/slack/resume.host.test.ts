// needs: root
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import { FakeWorkspace } from '../support/slack/fakeWorkspace.ts'
import type { Message } from '../support/slack/records.ts'
import { BotHome, SilentHost } from './botProcess.ts'
import { SlowHost } from './slowHost.ts'

const holding = (messages: readonly Message[], text: string): readonly Message[] =>
  messages.filter((message) => JSON.stringify(message.blocks ?? []).includes(text))

/** Everything of a run on the recorded host stands in its thread exactly once. */
const expectOnce = (workspace: FakeWorkspace): void => {
  const heads = workspace.channelMessages('ops')
  expect(heads).toHaveLength(1)
  const thread = workspace.thread('ops', heads[0]!.ts)
  expect(holding(thread, 'Killed process')).toHaveLength(1)
  expect(holding(thread, '🔧 Proposed change')).toHaveLength(1)
  expect(holding(thread, 'postmortem_edit')).toHaveLength(1)
  expect(thread.filter((message) => message.files !== undefined)).toHaveLength(1)
  // A recorded host tells its first reading again after a restart, so that a rate may be missing, and that is said once.
  const blind = holding(thread, '👁️')
  expect(blind.length).toBeLessThanOrEqual(1)
  expect(thread.length - blind.length).toBe(5)
}

/** A run is at work in the step that waits, and its bot is gone. */
const killedInTheMiddle = async () => {
  const host = await SlowHost.start()
  const workspace = await new FakeWorkspace().start()
  const home = new BotHome({ hosts: host.line('real1'), runbooks: host.runbooks })
  const first = await home.start(workspace)
  workspace.slash('/slow-look real1')
  const head = await workspace.waitForMessage({ having: /Slow look/ })
  await workspace.waitForUpdate({ ts: head.ts, having: /two/ })
  await expect.poll(() => host.begun, { timeout: 10_000 }).toEqual(['one', 'two'])
  await first.kill()
  return {
    host,
    workspace,
    home,
    head,
    database: () => new DatabaseSync(join(home.folder, 'state', 'medic.db')),
    async [Symbol.asyncDispose]() {
      await home[Symbol.asyncDispose]()
      await workspace.stop()
      await host[Symbol.asyncDispose]()
    },
  }
}

describe('a run whose bot was killed', () => {
  it('goes on at the first missing step, in the same message, and says its verdict once', async () => {
    await using killed = await killedInTheMiddle()
    const { host, workspace, home, head } = killed
    await home.start(workspace)
    await expect.poll(() => host.begun, { timeout: 10_000 }).toEqual(['one', 'two', 'two'])
    host.open()
    await workspace.waitForUpdate({ ts: head.ts, having: /✅.*done/ })
    expect(host.begun).toEqual(['one', 'two', 'two', 'three'])
    expect(workspace.channelMessages('ops')).toHaveLength(1)
    const verdicts = workspace.thread('ops', head.ts).filter((message) => message.ts !== head.ts)
    expect(verdicts.filter((message) => JSON.stringify(message.blocks).includes('run_again'))).toHaveLength(1)
    await using store = await openSqliteStore(join(home.folder, 'state'))
    const runs = await store.listRuns(10)
    expect(runs.map((run) => run.state)).toEqual(['done'])
    const evidence = await store.readEvidence(runs[0]!.id)
    expect(evidence.map((item) => item.command.split(' ')[0])).toEqual([
      '/proc/sys/kernel/random/boot_id',
      '/proc/meminfo',
      'echo',
      'echo',
      'echo',
    ])
    expect(evidence[3]?.result.stdout).toContain('the gate was opened')
    expect(await store.verifyAudit()).toBeUndefined()
  })

  it('is gone on with by exactly one of two bots', async () => {
    await using host = await SlowHost.start()
    await using workspace = await new FakeWorkspace().start()
    await using home = new BotHome({ hosts: host.line('real1'), runbooks: host.runbooks })
    const bots = [await home.start(workspace), await home.start(workspace), await home.start(workspace)]
    workspace.slash('/slow-look real1')
    const head = await workspace.waitForMessage({ having: /Slow look/ })
    await expect.poll(() => host.begun, { timeout: 10_000 }).toEqual(['one', 'two'])
    await using store = await openSqliteStore(join(home.folder, 'state'))
    const [request] = await store.listRequests({ state: 'active', limit: 5 })
    const worker = bots.find((bot) => request?.owner.split(':')[1] === String(bot.child.pid))
    await worker!.kill()
    await expect.poll(() => host.begun, { timeout: 20_000 }).toEqual(['one', 'two', 'two'])
    host.open()
    await workspace.waitForUpdate({ ts: head.ts, having: /✅.*done/, withinMs: 20_000 })
    expect(host.begun).toEqual(['one', 'two', 'two', 'three'])
    expect(workspace.channelMessages('ops')).toHaveLength(1)
    expect(holding(workspace.thread('ops', head.ts), 'run_again')).toHaveLength(1)
    const [after] = await store.listRequests({ limit: 5 })
    expect(after).toMatchObject({ state: 'done', takenOver: 1 })
    expect(after?.owner).not.toBe(request?.owner)
  })

  it('is joined by a command that comes before anybody has taken it up', async () => {
    await using killed = await killedInTheMiddle()
    const { host, workspace, home, head } = killed
    await home.start(workspace)
    workspace.slash('/slow-look real1', { as: 'ben' })
    expect((await workspace.waitForEphemeral({ as: 'ben' })).text).toMatch(/is being looked at already, started by/)
    host.open()
    await workspace.waitForUpdate({ ts: head.ts, having: /✅.*done/ })
    expect(workspace.channelMessages('ops')).toHaveLength(1)
    expect(host.begun.filter((step) => step === 'three')).toEqual(['three'])
  })

  it('can be cancelled by its button after the restart', async () => {
    await using killed = await killedInTheMiddle()
    const { workspace, home, head } = killed
    await home.start(workspace)
    workspace.click(head, 'run_cancel', { as: 'ben' })
    await workspace.waitForUpdate({ ts: head.ts, having: /cancelled: by/ })
  })

  it('is said to be interrupted, with what to do, when Medic was away for too long', async () => {
    await using killed = await killedInTheMiddle()
    const { host, workspace, home, head } = killed
    {
      using database = killed.database()
      database.exec(
        `update run_requests set body = json_set(body, '$.heartbeatAtMs', json_extract(body, '$.heartbeatAtMs') - 660000)`,
      )
    }
    await home.start(workspace)
    const said = await workspace.waitForUpdate({ ts: head.ts, having: /interrupted/ })
    expect(JSON.stringify(said.blocks)).toMatch(
      /interrupted: Medic ended in the middle of it, and it was away for 11 min.*Nothing was changed on the host\. Run again looks anew/,
    )
    expect(JSON.stringify(said.blocks)).toContain('run_again')
    expect(host.begun).toEqual(['one', 'two'])
    // The host is free again.
    host.open()
    workspace.click(said, 'run_again')
    await workspace.waitForMessage({ thread: head.ts, having: /Slow look/ })
    await expect.poll(() => host.begun, { timeout: 10_000 }).toEqual(['one', 'two', 'one', 'two', 'three'])
    await using store = await openSqliteStore(join(home.folder, 'state'))
    await expect.poll(async () => (await store.listRuns(5)).map((run) => run.state)).toEqual(['done', 'interrupted'])
  })

  it('is said to be interrupted when the host has booted since', async () => {
    await using killed = await killedInTheMiddle()
    const { host, workspace, home, head } = killed
    {
      using database = killed.database()
      const row = database.prepare('select body from evidence where number = 1').get() as { body: Uint8Array }
      const evidence = JSON.parse(zstdDecompressSync(row.body).toString('utf8')) as { result: { stdout: string } }
      evidence.result.stdout = 'another-boot\n'
      database
        .prepare('update evidence set body = ? where number = 1')
        .run(zstdCompressSync(Buffer.from(JSON.stringify(evidence))))
    }
    await home.start(workspace)
    await workspace.waitForUpdate({ ts: head.ts, having: /interrupted: Medic ended .* the host booted since/ })
    expect(host.begun).toEqual(['one', 'two'])
  })

  it('is given up when Medic ends in it again and again', async () => {
    await using killed = await killedInTheMiddle()
    const { workspace, home, head } = killed
    {
      using database = killed.database()
      database.exec(`update run_requests set body = json_set(body, '$.takenOver', 3)`)
    }
    await home.start(workspace)
    await workspace.waitForUpdate({ ts: head.ts, having: /interrupted: .*happened 4 times during this run/ })
  })

  it('begins anew in the same message when nothing of it was there yet', async () => {
    await using silent = await SilentHost.start()
    await using workspace = await new FakeWorkspace().start()
    await using home = new BotHome({ hosts: silent.line('slow1') })
    const first = await home.start(workspace)
    workspace.slash('/oom-triage slow1')
    const head = await workspace.waitForMessage({ having: 'slow1' })
    await workspace.waitForUpdate({ ts: head.ts, having: /connecting/ })
    await first.kill()
    const after = workspace.mark()
    await home.start(workspace)
    await workspace.waitForUpdate({ ts: head.ts, having: /connecting/, after })
    expect(workspace.channelMessages('ops')).toHaveLength(1)
    workspace.click(head, 'run_cancel')
    await workspace.waitForUpdate({ ts: head.ts, having: /cancelled: by/ })
  })
})

describe('kill -9 at any moment', () => {
  // Three calls open the connection; then come head, verdict, replies, the file's two calls and the last edit.
  it.each([4, 5, 6, 7, 8, 9, 10])(
    'after call %i leaves a run that is told whole and once after the restart',
    async (last) => {
      await using workspace = await new FakeWorkspace().start()
      await using home = new BotHome()
      const first = await home.start(workspace)
      workspace.slash('/oom-triage web01')
      let seen = 0
      await workspace.state.journal.waitFor(
        `call ${last}`,
        (event) => (event.kind === 'call' && (seen += 1) >= last ? true : undefined),
        { withinMs: 10_000 },
      )
      await first.kill()
      await home.start(workspace)
      const head = await workspace.waitForContent({ thread: null, having: /done: memcg-oom/, withinMs: 15_000 })
      await workspace.waitForFile({ withinMs: 15_000 })
      await using store = await openSqliteStore(join(home.folder, 'state'))
      await expect.poll(async () => (await store.listUnsent(10)).length, { timeout: 15_000 }).toBe(0)
      expect(head.thread_ts).toBeUndefined()
      expectOnce(workspace)
      expect((await store.listRequests({ limit: 5 })).map((request) => request.state)).toEqual(['done'])
      expect((await store.listRuns(5)).filter((run) => run.state === 'done')).toHaveLength(1)
    },
  )

  it.each([
    ['the verdict', 'chat.postMessage', 1],
    ['the draft', 'files.completeUploadExternal', 0],
  ])('while the answer to %s is on its way leaves no double', async (_what, method, skip) => {
    await using workspace = await new FakeWorkspace().start()
    await using home = new BotHome()
    const first = await home.start(workspace)
    workspace.faults.plan(method, { answerAfterMs: 5_000 }, 1, skip)
    workspace.slash('/oom-triage web01')
    if (skip === 1) await workspace.waitForMessage({ having: /Killed process/ })
    else await workspace.waitForFile()
    await first.kill()
    await home.start(workspace)
    await workspace.waitForContent({ thread: null, having: /done: memcg-oom/, withinMs: 15_000 })
    await workspace.waitForFile({ withinMs: 15_000 })
    await using store = await openSqliteStore(join(home.folder, 'state'))
    await expect.poll(async () => (await store.listUnsent(10)).length, { timeout: 15_000 }).toBe(0)
    expectOnce(workspace)
  })

  it('before anything could be said leaves a run that is said later', async () => {
    await using workspace = await new FakeWorkspace().start()
    await using home = new BotHome()
    const first = await home.start(workspace)
    workspace.faults.plan('chat.postMessage', { status: 503 }, 1_000)
    workspace.slash('/oom-triage web01')
    await workspace.waitForCall('chat.postMessage', { outcome: '503' })
    await first.kill()
    workspace.faults.clear()
    await home.start(workspace)
    await workspace.waitForContent({ thread: null, having: /done: memcg-oom/, withinMs: 15_000 })
    await workspace.waitForFile({ withinMs: 15_000 })
    expectOnce(workspace)
  })
})
