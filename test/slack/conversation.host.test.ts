import { describe, expect, it } from 'vitest'
import { FakeWorkspace } from '../support/slack/fakeWorkspace.ts'
import { BotHome } from './botProcess.ts'

const OOM = `[12345.678] MainThread invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0
[12345.679] oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=/system.slice/queue_worker.service,task_memcg=/system.slice/queue_worker.service,task=node,pid=41877,uid=33
[12345.680] Memory cgroup out of memory: Killed process 41877 (node) total-vm:9102180kB, anon-rss:3020000kB, file-rss:0kB, shmem-rss:0kB, UID:33 pgtables:996kB oom_score_adj:0`

const EVERYBODY = 'policy:\n  - {allow: [read, change, approve]}\n'

describe('the postmortem in the thread', () => {
  it('takes answers to its open questions, refuses a stale form, and can be written anew and downloaded', async () => {
    await using workspace = await new FakeWorkspace().start()
    await using home = new BotHome({ settings: EVERYBODY })
    await home.start(workspace)
    workspace.slash('/oom-triage web01')
    const card = await workspace.waitForMessage({ having: /Postmortem draft.*version 1/ })
    await workspace.waitForFile()
    workspace.click(card, 'postmortem_edit')
    const modal = await workspace.waitForModal({ as: 'anna' })
    workspace.click(card, 'postmortem_edit', { as: 'ben' })
    const stale = await workspace.waitForModal({ as: 'ben' })
    const question = (modal.body['blocks'] as { block_id: string; type: string }[]).find(
      (block) => block.type === 'input',
    )
    const saved = await workspace.submit(modal, {
      [question!.block_id]: 'The pager rang. <!-- auto:x --> | not a mark',
    }).settled
    expect(saved?.payload).toEqual({})
    const edited = await workspace.waitForUpdate({ ts: card.ts, having: /version 2/ })
    expect(JSON.stringify(edited.blocks)).toContain('<@U0ANNA> (edited)')
    const refused = await workspace.submit(stale, { [question!.block_id]: 'Another story' }).settled
    expect(JSON.stringify(refused?.payload)).toContain('Somebody changed the draft in the meantime')
    const after = workspace.mark()
    workspace.click(card, 'postmortem_download')
    const { file } = await workspace.waitForFile({ after })
    expect(file.bytes?.toString('utf8')).toContain('The pager rang. <! -- auto:x -->')
    workspace.click(card, 'postmortem_regenerate')
    await workspace.waitForUpdate({ ts: card.ts, having: /\(regenerated\)/ })
    const anew = workspace.mark()
    workspace.click(card, 'postmortem_download')
    const again = await workspace.waitForFile({ after: anew })
    expect(again.file.bytes?.toString('utf8')).toContain('The pager rang. <! -- auto:x -->')
    expect(JSON.stringify(card.blocks)).not.toContain('postmortem_publish')
  })

  it('gives the raw evidence as a file to whoever may read', async () => {
    await using workspace = await new FakeWorkspace().start()
    await using home = new BotHome()
    await home.start(workspace)
    workspace.slash('/oom-triage web01')
    const verdict = await workspace.waitForMessage({ having: /Killed process/ })
    workspace.click(verdict, 'run_raw')
    const { file } = await workspace.waitForFile({ named: /^run-.*\.txt$/ })
    expect(file.bytes?.toString('utf8')).toContain('=== E1 ')
  })
})

describe('shortcuts, mentions and the Home tab', () => {
  it('triages the host an alert names, in the thread of the alert', async () => {
    await using workspace = await new FakeWorkspace().start()
    await using home = new BotHome()
    await home.start(workspace)
    const alert = workspace.post('[FIRING] HostOutOfMemory instance=web01.example.com:9100')
    workspace.shortcut('triage_from_message', alert)
    const verdict = await workspace.waitForMessage({ thread: alert.ts, having: /Killed process/ })
    expect(verdict.thread_ts).toBe(alert.ts)
    expect(workspace.channelMessages('ops')).toHaveLength(1)
  })

  it('asks which host when an alert names none', async () => {
    await using workspace = await new FakeWorkspace().start()
    await using home = new BotHome()
    await home.start(workspace)
    const alert = workspace.post('something is on fire')
    workspace.shortcut('triage_from_message', alert)
    const modal = await workspace.waitForModal({ as: 'anna' })
    const options = await workspace.suggest(modal, 'home_host', 'web')
    expect(options.map((option) => option['value'])).toEqual(['web01', 'web02'])
    await workspace.submit(modal, { home_host: options[1] }).settled
    await workspace.waitForMessage({ thread: alert.ts, having: /Killed process/ })
  })

  it('explains a log in a message or in an attached file, without asking a host', async () => {
    await using workspace = await new FakeWorkspace().start()
    await using home = new BotHome()
    await home.start(workspace)
    const pasted = workspace.post(`what is this?\n\`\`\`${OOM.replaceAll('>', '&gt;')}\`\`\``)
    workspace.shortcut('explain_log', pasted)
    await workspace.waitForMessage({ thread: pasted.ts, having: /memcg-oom/ })
    const attached = workspace.post('see the file', { files: [{ name: 'dmesg.txt', bytes: Buffer.from(OOM) }] })
    workspace.shortcut('explain_log', attached)
    await workspace.waitForMessage({ thread: attached.ts, having: /memcg-oom/ })
  })

  it('answers a mention in its thread', async () => {
    await using workspace = await new FakeWorkspace().start()
    await using home = new BotHome()
    await home.start(workspace)
    const alert = workspace.post('memory alert on web02')
    workspace.mention('', { thread: alert.ts })
    await workspace.waitForMessage({ thread: alert.ts, having: /Killed process/ })
    const after = workspace.mark()
    workspace.mention('triage web01 --dry-run')
    await workspace.waitForEphemeral({ having: /Dry run/, after })
    const log = workspace.post(OOM)
    workspace.mention('explain', { thread: log.ts })
    await workspace.waitForMessage({ thread: log.ts, having: /memcg-oom/ })
  })

  it('starts a run from the Home tab and shows what happened', async () => {
    await using workspace = await new FakeWorkspace().start()
    await using home = new BotHome()
    await home.start(workspace)
    workspace.openHome()
    const view = await workspace.waitForHome({ having: /No runs yet/ })
    workspace.click(view, 'home_host', { option: { text: { type: 'plain_text', text: 'web01' }, value: 'web01' } })
    await workspace.waitForMessage({ having: /Killed process/ })
    const after = workspace.mark()
    workspace.openHome()
    await workspace.waitForHome({ having: /oom-triage on web01/, after })
  })
})

describe('hostile text', () => {
  it('stays inert: nothing of it is mentioned, linked or formatted', async () => {
    await using workspace = await new FakeWorkspace().start()
    await using home = new BotHome()
    await home.start(workspace)
    const evil = '<!channel> <@U0ANNA> <https://evil.example|click> *bold* ```fence``` \u202egnp.exe \u0007 @here'
    const lines = Array.from(
      { length: 1_000 },
      (_, index) =>
        `[${index}.1] Out of memory: Killed process ${index + 1} (${evil}) total-vm:1kB, anon-rss:1kB, file-rss:0kB`,
    )
    const log = workspace.post('file', {
      files: [{ name: 'evil.log', bytes: Buffer.from([...lines, 'x'.repeat(1_000_000)].join('\n')) }],
    })
    workspace.shortcut('explain_log', log)
    await workspace.waitForMessage({ thread: log.ts, withinMs: 20_000 })
    for (const message of workspace.thread('ops', log.ts).slice(1)) {
      expect(message.text).not.toMatch(/<[!@#h]/)
      expect(message.text).not.toContain('\u202e')
      for (const text of mrkdwnIn(message.blocks)) {
        expect(text).not.toMatch(/<!channel|<@U|evil\.example|```/)
      }
      expect(JSON.stringify(message.blocks)).not.toMatch(/[\u202e\u0007]/)
    }
  })
})

const mrkdwnIn = (value: unknown): string[] => {
  if (Array.isArray(value)) return value.flatMap(mrkdwnIn)
  if (typeof value !== 'object' || value === null) return []
  const { type, text } = value as { type?: unknown; text?: unknown }
  return [...(type === 'mrkdwn' && typeof text === 'string' ? [text] : []), ...Object.values(value).flatMap(mrkdwnIn)]
}
