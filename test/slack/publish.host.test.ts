import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import type { AuditEntry } from '../../src/store/store.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import { FakeWorkspace } from '../support/slack/fakeWorkspace.ts'
import { BotHome } from './botProcess.ts'

const POLICY = 'policy:\n  - {allow: [read]}\n  - {allow: [change], users: [U0ANNA]}\n'

const withTargets = (targets: string): string => `${POLICY}publish:\n${targets}`

describe('Publish to wiki', () => {
  it('writes the page, says in the thread where it is and what became of each region, and keeps the record', async () => {
    await using workspace = await new FakeWorkspace().start()
    await using home = new BotHome({
      settings: withTargets(
        '  - {name: notes, kind: folder, path: ./notes, address: "https://wiki.example/{page}"}\n  - {name: broken, kind: folder, path: ./medic.yaml}\n',
      ),
    })
    mkdirSync(join(home.folder, 'notes'))
    await home.start(workspace)
    workspace.slash('/oom-triage web01')
    const card = await workspace.waitForMessage({ having: /Postmortem draft.*version 1/ })
    workspace.click(card, 'postmortem_publish')
    const said = await workspace.waitForMessage({ having: /published in part/ })
    expect(said.thread_ts).toBe(card.thread_ts)
    const text = JSON.stringify(said.blocks)
    expect(text).toMatch(/inc-[^"]*\.md created/)
    expect(text).toMatch(/written: [^"]*summary/)
    expect(text).toMatch(/\*broken\*: nothing was written/)
    expect(text).toMatch(/\*notes\*: <https:\/\/wiki\.example\/[^|>]*\|open the page>/)
    expect(text).toContain('<@U0ANNA>')
    const updated = await workspace.waitForUpdate({ ts: card.ts, having: /\(published\)/ })
    const notes = join(home.folder, 'notes')
    const name = pagesBelow(notes).find((path) => /inc-[^/]*\.md$/.test(path))!
    const page = readFileSync(name, 'utf8')
    expect(page).toContain('auto:')
    // A person edits a region; the second time it is kept, and said so.
    writeFileSync(name, page.replace(/(<!-- auto:summary[^>]*-->\n)/, '$1A person was here.\n'))
    const after = workspace.mark()
    workspace.click(updated, 'postmortem_publish')
    const second = await workspace.waitForMessage({ having: /published in part/, after })
    expect(JSON.stringify(second.blocks)).toMatch(/kept, a person edited it: summary/)
    expect(readFileSync(name, 'utf8')).toContain('A person was here.')
    await using store = await openSqliteStore(join(home.folder, 'state'))
    const audit = auditOf(home.folder)
    expect(audit.filter(({ verb }) => verb === 'publish').map(({ actor }) => actor)).toContain('U0ANNA')
    expect(audit.find(({ verb }) => verb === 'postmortem-published')?.detail).toMatchObject({
      targets: 'notes published, broken failed',
    })
    expect(await store.verifyAudit()).toBeUndefined()
    expect(workspace.bugs).toEqual([])
  })

  it('is refused to somebody without the right to change, and writes nothing', async () => {
    await using workspace = await new FakeWorkspace().start()
    await using home = new BotHome({ settings: withTargets('  - {name: notes, kind: folder, path: ./notes}\n') })
    mkdirSync(join(home.folder, 'notes'))
    await home.start(workspace)
    workspace.slash('/oom-triage web01')
    const card = await workspace.waitForMessage({ having: /Postmortem draft.*version 1/ })
    workspace.click(card, 'postmortem_publish', { as: 'ben' })
    expect((await workspace.waitForEphemeral({ as: 'ben' })).text).toMatch(/Not done: you are not among those who may/)
    expect(pagesBelow(join(home.folder, 'notes'))).toEqual([])
  })
})

const auditOf = (folder: string): readonly AuditEntry[] => {
  const database = new DatabaseSync(join(folder, 'state', 'medic.db'), { readOnly: true })
  try {
    const rows = database.prepare('select body from audit order by number').all() as { body: string }[]
    return rows.map(({ body }) => JSON.parse(body) as AuditEntry)
  } finally {
    database.close()
  }
}

const pagesBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((path) => join(folder, path))
