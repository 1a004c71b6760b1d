import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import { FakeWorkspace } from '../support/slack/fakeWorkspace.ts'
import { BotHome } from './botProcess.ts'

/** A change that harms nobody: it writes a file of its own. */
const runbooksFolder = (marker: string): string => {
  const folder = mkdtempSync(join(tmpdir(), 'medic-runbooks-'))
  writeFileSync(
    join(folder, 'leave-a-mark.md'),
    [
      '---',
      'id: leave-a-mark',
      'title: Leave a mark',
      'description: Writes one line into a file of its own.',
      '---',
      '',
      '# Leave a mark',
      '',
      '## Do it',
      '',
      `\`\`\`sh {name=mark risk=change undo="rm -f ${marker}"}`,
      `echo marked >> ${marker}`,
      '```',
      '',
    ].join('\n'),
  )
  return folder
}

const POLICY = `policy:
  - {allow: [read]}
  - {allow: [change], users: [U0ANNA, U0BEN]}
  - {allow: [approve], usergroups: [S0ONCALL], hosts: [web]}
`

const asked = async (settings: string) => {
  const marker = join(mkdtempSync(join(tmpdir(), 'medic-mark-')), 'mark')
  const workspace = await new FakeWorkspace({ usergroups: { S0ONCALL: ['U0ANNA', 'U0BEN'] } }).start()
  const home = new BotHome({ settings, runbooks: runbooksFolder(marker) })
  await home.start(workspace)
  workspace.slash('/runbook leave-a-mark web01')
  const message = await workspace.waitForMessage({ having: /Approval needed: leave-a-mark on web01/ })
  return {
    workspace,
    home,
    message,
    async [Symbol.asyncDispose]() {
      await home[Symbol.asyncDispose]()
      await workspace.stop()
    },
  }
}

describe('a change waits for a named human', () => {
  it('shows the exact text, who may decide and until when; the button carries an opaque id', async () => {
    await using asking = await asked(POLICY)
    const text = JSON.stringify(asking.message.blocks)
    expect(text).toMatch(/echo marked/)
    expect(text).toMatch(/rm -f/)
    expect(text).toMatch(/<!subteam\^S0ONCALL>/)
    expect(text).toMatch(/expires <!date\^/)
    expect(text).toMatch(/"value":"[0-9a-f-]{36}"/)
  })

  it('refuses the requester, and somebody who may not approve, and says who may', async () => {
    await using asking = await asked(POLICY)
    asking.workspace.click(asking.message, 'change_approve', { as: 'anna' })
    expect((await asking.workspace.waitForEphemeral({ as: 'anna' })).text).toMatch(
      /who asks for a change cannot approve it/,
    )
    asking.workspace.click(asking.message, 'change_approve', { as: 'carla' })
    expect((await asking.workspace.waitForEphemeral({ as: 'carla' })).text).toMatch(
      /not among those who may approve.*<!subteam\^S0ONCALL>/,
    )
    expect(JSON.stringify(asking.workspace.message('ops', asking.message.ts)?.blocks)).toContain('change_approve')
  })

  it('carries it out once when two people click at the same time, and says who decided', async () => {
    await using asking = await asked(`${POLICY}selfApprove: true\n`)
    asking.workspace.click(asking.message, 'change_approve', { as: 'ben' })
    asking.workspace.click(asking.message, 'change_approve', { as: 'anna' })
    const done = await asking.workspace.waitForUpdate({ ts: asking.message.ts, having: /Result: / })
    expect(JSON.stringify(done.blocks)).toMatch(/approved by <@U0(?:ANNA|BEN)>/)
    expect(JSON.stringify(done.blocks)).not.toContain('change_approve')
    const loser = await asking.workspace.waitForEphemeral({ having: /already approved by/ })
    expect(loser.user).toMatch(/U0(?:ANNA|BEN)/)
    await using store = await openSqliteStore(join(asking.home.folder, 'state'))
    const approvals = await store.listApprovals({ state: 'approved', limit: 10 })
    expect(approvals).toHaveLength(1)
    expect((await store.listRuns(10)).filter((run) => run.runbook === 'leave-a-mark')).toHaveLength(1)
    expect(await store.verifyAudit()).toBeUndefined()
  })

  it('lets a lone engineer approve only when the settings say so, and marks it', async () => {
    await using asking = await asked(`${POLICY}selfApprove: true\n`)
    asking.workspace.click(asking.message, 'change_approve', { as: 'anna' })
    const done = await asking.workspace.waitForUpdate({ ts: asking.message.ts, having: /Result: / })
    expect(JSON.stringify(done.blocks)).toContain('who also asked for it (selfApprove)')
  })

  it('is denied for good, and superseded by a newer request for the same host', async () => {
    await using asking = await asked(POLICY)
    asking.workspace.slash('/runbook leave-a-mark web01', { as: 'ben' })
    const second = await asking.workspace.waitForMessage({ having: /asked by <@U0BEN>/ })
    await asking.workspace.waitForUpdate({ ts: asking.message.ts, having: /Superseded/ })
    asking.workspace.click(second, 'change_deny', { as: 'anna' })
    const denied = await asking.workspace.waitForUpdate({ ts: second.ts, having: /Denied/ })
    expect(JSON.stringify(denied.blocks)).toContain('denied by <@U0ANNA>')
  })
})

describe('the policy', () => {
  it('lets everyone read and nobody change when there is none', async () => {
    await using workspace = await new FakeWorkspace().start()
    await using home = new BotHome({ runbooks: runbooksFolder('/nowhere') })
    await home.start(workspace)
    workspace.slash('/runbook leave-a-mark web01')
    expect((await workspace.waitForEphemeral({ as: 'anna' })).text).toMatch(
      /nobody may change on web01: medic.yaml has no policy/,
    )
    workspace.slash('/oom-triage web01')
    await workspace.waitForMessage({ having: /Killed process/ })
  })

  it('refuses a channel, a host and a person, politely and on the record', async () => {
    await using workspace = await new FakeWorkspace({
      channels: [
        { id: 'C0OPS', name: 'ops' },
        { id: 'C0LOUNGE', name: 'lounge' },
      ],
    }).start()
    const settings = 'policy:\n  - {allow: [read], users: [U0ANNA], channels: [C0OPS], hosts: [web]}\n'
    await using home = new BotHome({ settings })
    await home.start(workspace)
    for (const [command, acting] of [
      ['/oom-triage web01', { as: 'anna', in: 'lounge' }],
      ['/oom-triage web02', { as: 'anna', in: 'ops' }],
      ['/oom-triage web01', { as: 'ben', in: 'ops' }],
    ] as const) {
      const after = workspace.mark()
      workspace.slash(command, acting)
      expect((await workspace.waitForEphemeral({ after, as: acting.as })).text).toMatch(/^Not started: /)
    }
    workspace.slash('/oom-triage web01')
    const verdict = await workspace.waitForMessage({ having: /Killed process/ })
    workspace.click(verdict, 'run_raw', { as: 'ben' })
    expect((await workspace.waitForEphemeral({ as: 'ben', having: /Not shown/ })).text).toContain(
      'you are not among those who may read',
    )
  })

  it('keeps reading open and refuses changes while a user group cannot be looked up', async () => {
    await using workspace = await new FakeWorkspace({ scopes: ['chat:write', 'commands'] }).start()
    await using home = new BotHome({
      settings: 'policy:\n  - {allow: [read]}\n  - {allow: [change], usergroups: [S0ONCALL]}\n',
      runbooks: runbooksFolder('/nowhere'),
    })
    await home.start(workspace)
    workspace.slash('/runbook leave-a-mark web01')
    expect((await workspace.waitForEphemeral()).text).toMatch(/could not be looked up, so this is refused/)
  })
})
