// needs: git
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { importBundle } from '../../../src/app/bundle.ts'
import { checkPage, standingPages } from '../../../src/app/postmortem/checkPage.ts'
import { analyseStored } from '../../../src/app/analyse.ts'
import { sha256 } from '../../../src/app/hash.ts'
import { incidentOf } from '../../../src/app/incidentOf.ts'
import { changePageStatus } from '../../../src/app/postmortem/pageStatus.ts'
import { publishPostmortem } from '../../../src/app/postmortem/publish.ts'
import type { PublishTools } from '../../../src/app/postmortem/publish.ts'
import type { Incident } from '../../../src/domain/incident.ts'
import { findRegions, regionHash } from '../../../src/domain/region.ts'
import { createCleaner } from '../../../src/redaction/clean.ts'
import { compileTemplate } from '../../../src/render/template.ts'
import { openSqliteStore } from '../../../src/store/sqlite.ts'
import type { Store } from '../../../src/store/store.ts'
import { openPublisher } from '../../publishers/openPublisher.ts'
import { makeBare } from '../../support/gitHttp.ts'
import { gitPerson } from '../../support/wikiPerson.ts'
import type { WikiPerson } from '../../support/wikiPerson.ts'

const ROOT = join(import.meta.dirname, '../../..')
const TEMPLATE = 'templates/postmortem.md.hbs'
const template = compileTemplate(readFileSync(join(ROOT, TEMPLATE), 'utf8'), TEMPLATE)
const demo = importBundle(readFileSync(join(ROOT, 'test/cases/demo/bundle.json.gz')), 'demo')

const soon = (): AbortSignal => AbortSignal.timeout(50_000)

/** The wiki's git and a folder, and a store that holds one real kill. */
describe('publishing a recorded incident', () => {
  let folder: string
  let notes: string
  let store: Store
  let tools: PublishTools
  let person: WikiPerson
  let incident: Incident
  let page: string

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'medic-app-'))
    notes = join(folder, 'notes')
    mkdirSync(notes)
    makeBare(join(folder, 'wiki.git'))
    person = gitPerson(join(folder, 'wiki.git'), 'incidents')
    store = await openSqliteStore(join(folder, 'state'))
    await store.createRun(demo.run)
    for (const item of demo.evidence) await store.recordEvidence(demo.run.id, item)
    const found = incidentOf(demo.run, analyseStored(demo.evidence, demo.run.window).diagnosis)
    if (found === null) throw new Error('the demo holds no incident')
    incident = found
    page = `${incident.id}.md`
    await store.createIncident(incident)
    tools = {
      store,
      template,
      hash: sha256,
      clean: createCleaner([]),
      publishers: [
        openPublisher({ kind: 'git', name: 'wiki', url: join(folder, 'wiki.git') }, folder),
        openPublisher({ kind: 'folder', name: 'notes', path: notes }, folder),
      ],
      now: () => Date.parse('2026-11-26T08:00:00Z'),
    }
  })
  afterEach(async () => {
    await store[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true, force: true })
  })

  const publish = (changes: { readonly targets?: readonly string[]; readonly dryRun?: boolean } = {}) =>
    publishPostmortem(
      tools,
      { incidentId: incident.id, targets: [], dryRun: false, requestedBy: 'maria (terminal)', ...changes },
      soon(),
    )
  const changed = async (): Promise<readonly string[]> =>
    (await publish()).outcomes.flatMap((outcome) =>
      outcome.status === 'published'
        ? outcome.published.pages.filter(({ outcome: word }) => word !== 'unchanged').map(({ path }) => path)
        : [outcome.message],
    )
  const answerAll = (path: string): void =>
    person.write(path, person.read(path).replaceAll('**TODO(human):**', 'Answered:'))

  it('writes page, index and passages everywhere, and nothing the second time', async () => {
    const report = await publish()
    expect(report.redactions).toBe(0)
    expect(report.outcomes.map(({ status }) => status)).toEqual(['published', 'published'])
    expect(person.read(page)).toContain('**DRAFT, generated')
    expect(person.read('Incidents.md')).toMatch(/^\| \d{4}-.*memcg-oom \| [\d.]+ s \| draft \| 1 \|$/m)
    for (const { body, hash } of findRegions(person.read(page))) expect(hash).toBe(regionHash(body, sha256))
    const passages = readdirSync(join(notes, 'assets', incident.id))
    expect(passages.length).toBeGreaterThan(1)
    for (const name of passages) expect(person.read(page)).toContain(`(assets/${incident.id}/${name})`)
    expect(await changed()).toEqual([])
    expect(person.history()).toHaveLength(1)
    expect(await store.verifyAudit()).toBeUndefined()
  })

  it('shows what a dry run would do and leaves no trace', async () => {
    const report = await publish({ dryRun: true })
    expect(report.outcomes[0]).toMatchObject({ published: { revision: null, diff: expect.stringContaining('+# ') } })
    expect(readdirSync(notes)).toEqual([])
    expect(await store.listPublications({})).toEqual([])
    expect(await store.findPostmortem(incident.id)).toBeUndefined()
  })

  it('tells of a change that was approved since, with its record and what came of it', async () => {
    await publish()
    expect(person.read(page)).toContain('Medic changed nothing on this host')
    const approve = async (id: string, host: string, decidedAtMs: number): Promise<void> => {
      const plan = {
        id,
        host,
        runbook: 'restart-unit',
        runbookHash: 'hash',
        parameters: { unit: 'queue_worker.service' },
        risk: 'change' as const,
        steps: [],
        before: { machineId: null, bootId: null, touches: [], files: [] },
        requestedBy: 'U0BEN',
        expiresAtMs: decidedAtMs + 60_000,
      }
      await store.createApproval({
        id,
        plan,
        planHash: 'hash',
        state: 'pending',
        place: 'C0OPS',
        messageId: id,
        createdAtMs: decidedAtMs - 1000,
        decidedBy: null,
        decidedAtMs: null,
        begunAtMs: null,
        result: null,
      })
      await store.changeApproval(id, { state: 'pending' }, { state: 'approved', decidedBy: 'U0ANNA', decidedAtMs })
      await store.changeApproval(id, { state: 'approved' }, { result: 'done: restart exited 0' })
    }
    await approve('approval-before', incident.host, incident.occurredAtMs - 60_000)
    await approve('approval-elsewhere', 'other01', incident.occurredAtMs + 60_000)
    await approve('approval-1', incident.host, incident.occurredAtMs + 60_000)
    await publish()
    const text = person.read(page)
    expect(text).toContain('runbook restart-unit unit=queue_worker.service')
    expect(text).toMatch(/\| done: restart exited 0 \| reported \[approval approval-1\] \|/)
    expect(text).not.toMatch(/approval-before|approval-elsewhere|changed nothing|U0ANNA/)
    expect(checkPage(text).problems).toEqual([])
    expect(await changed()).toEqual([])
  })

  it('goes on with the others when one target cannot be written', async () => {
    rmSync(notes, { recursive: true })
    const report = await publish()
    expect(report.outcomes[0]?.status).toBe('published')
    expect(report.outcomes[1]).toMatchObject({
      status: 'failed',
      message: expect.stringContaining('cannot be published'),
    })
  })

  it('names what it does not know', async () => {
    await expect(publish({ targets: ['wikki'] })).rejects.toThrow('unknown target "wikki"')
    await expect(
      publishPostmortem(
        { ...tools, publishers: [] },
        { incidentId: incident.id, targets: [], dryRun: true, requestedBy: 'm' },
        soon(),
      ),
    ).rejects.toThrow('names no target')
    await expect(
      publishPostmortem(tools, { incidentId: 'inc-x', targets: [], dryRun: true, requestedBy: 'm' }, soon()),
    ).rejects.toThrow('no incident "inc-x"')
  })

  it('counts the questions that are open on the wiki, and lists earlier incidents and repeats', async () => {
    await publish({ targets: ['wiki'] })
    person.write(page, person.read(page).replace('**TODO(human):** severity: which?', 'Severity 2.'))
    await store.createIncident({
      ...incident,
      id: 'inc-20260101T000000Z-before',
      occurredAtMs: incident.occurredAtMs - 1,
    })
    expect(await changed()).toContain(`incidents/${page}`)
    expect(person.read(page)).toContain('13 questions for people remain')
    expect(person.read(page)).toContain('Severity 2.')
    expect(person.read(page)).toContain('`inc-20260101T000000Z-before`')
    expect(person.read('Incidents.md')).toMatch(/\| draft \| 2 \|$/m)
  })

  it('takes answers that people gave in the stored draft to the new page', async () => {
    await publish({ targets: ['notes'] })
    const kept = await store.findPostmortem(incident.id)
    await store.savePostmortem(
      incident.id,
      kept!.markdown.replace('**TODO(human):** severity: which?', 'Severity 2.'),
      1,
    )
    await publish({ targets: ['wiki'] })
    expect(person.read(page)).toContain('Severity 2.')
    expect((await store.findPostmortem(incident.id))?.markdown).toContain('Severity 2.')
  })

  it('masks a secret on the way out, counts it, and still knows its regions', async () => {
    const secret = 'Debian GNU/Linux 12'
    const report = await publishPostmortem(
      { ...tools, clean: createCleaner([secret]) },
      { incidentId: incident.id, targets: ['wiki'], dryRun: false, requestedBy: 'm' },
      soon(),
    )
    expect(report.redactions).toBeGreaterThan(0)
    expect(person.read(page)).not.toContain(secret)
    for (const { body, hash } of findRegions(person.read(page))) expect(hash).toBe(regionHash(body, sha256))
  })

  it('keeps the index line of a page that another Medic published, while the page is there', async () => {
    await publish({ targets: ['wiki'] })
    const other = 'inc-20270101T000000Z-web-9-nginx'
    person.write(`${other}.md`, `<!-- incident:${other} -->\n\n# Another\n`)
    const index = person.read('Incidents.md')
    const [line = ''] = /^\| \d{4}-.*$/m.exec(index) ?? []
    const theirs = line.replaceAll(incident.id, other).replace(/^\| \S+ \S+/, '| 2027-01-01 00:00:00')
    const body = findRegions(index)[0]!.body.replace(line, `${theirs}\n${line}`)
    person.write(
      'Incidents.md',
      index.replace(findRegions(index)[0]!.body, body).replace(/[0-9a-f]{12} -->/, `${regionHash(body, sha256)} -->`),
    )
    expect(await changed()).not.toContain('incidents/Incidents.md')
    person.remove(`${other}.md`)
    expect(await changed()).toContain('incidents/Incidents.md')
    expect(person.read('Incidents.md')).not.toContain(other)
  })

  it('lets people alone move the status, and none past a review with an open question', async () => {
    await publish({ targets: ['wiki'] })
    const move = (status: 'draft' | 'in-review' | 'reviewed' | 'closed') =>
      changePageStatus(tools, { incidentId: incident.id, status, person: 'maria (terminal)' }, soon())
    await expect(move('reviewed')).rejects.toThrow('is draft, cannot become reviewed')
    await move('in-review')
    expect(person.read(page)).toContain('**IN REVIEW since 2026-11-26 08:00:00 UTC')
    expect(person.read('Incidents.md')).toContain('| in review |')
    await expect(move('reviewed')).rejects.toThrow(`14 open TODO(human) on wiki: incidents/${page}`)
    answerAll(page)
    const change = await move('reviewed')
    expect(change).toMatchObject({ from: 'in-review', to: 'reviewed', report: { outcomes: [{ target: 'wiki' }] } })
    expect(person.read(page)).toContain('**REVIEWED since')
    expect(person.read(page)).not.toContain('maria')
    await move('closed')
    expect(person.read('Incidents.md')).toContain('| closed |')
    expect(await store.verifyAudit()).toBeUndefined()
  })

  it('is checked where people write', async () => {
    await publish({ targets: ['wiki'] })
    person.rename(page, 'The worker.md')
    person.write('The worker.md', `${person.read('The worker.md')}\nThe team should have noticed [E9999].\n`)
    const [standing] = await standingPages(tools, incident.id, soon())
    expect(standing?.where).toBe('wiki: incidents/The worker.md')
    const check = checkPage(standing?.markdown ?? '')
    expect(check.openQuestions).toBe(14)
    expect(check.problems.map(({ rule }) => rule)).toContain('no hindsight: write what was known then')
  })
})

it('a mark that points at no evidence is a problem', () => {
  const index =
    '<!-- auto:evidence 000000000000 -->\n\n| id | what |\n|---|---|\n| E1 | log |\n\n<!-- /auto:evidence -->\n'
  expect(checkPage(`Killed [E1, E7].\n\n${index}`).problems.map(({ rule }) => rule)).toEqual([
    '"E7" is not in the list of evidence',
  ])
  expect(checkPage('Killed [E7].').problems).toEqual([])
})
