// needs: root git gitit sshd
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { incidentOfPage, wrapRegion } from '../../src/domain/region.ts'
import { startGitit } from '../support/gitit.ts'
import type { Gitit } from '../support/gitit.ts'
import { outcomes, publication, sha256 } from './drafts.ts'
import { openPublisher } from './openPublisher.ts'

const sample = (name: string): string =>
  readFileSync(join(import.meta.dirname, `../render/samples/postmortem-${name}.md`), 'utf8')

const PASSAGE = 'kernel: killed <img src=x onerror=alert(1)>\n'

const soon = (): AbortSignal => AbortSignal.timeout(50_000)

describe('gitit', () => {
  let folder: string
  let wiki: Gitit
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'medic-gitit-'))
    wiki = await startGitit(folder)
  })
  afterAll(async () => {
    await wiki[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true, force: true })
  })

  const open = () =>
    openPublisher({ kind: 'git', name: 'wiki', url: wiki.repository, links: 'wiki', folder: 'incidents' }, folder)
  const publish = (text: string) => {
    const incident = incidentOfPage(text) ?? ''
    const assets = [{ path: `assets/${incident}/E1-kernel-log.txt`, bytes: Buffer.from(PASSAGE) }]
    return open().publish(publication(text, { incident, assets }), { dryRun: false }, soon())
  }
  const pageOf = (text: string): string => `incidents/${incidentOfPage(text) ?? ''}`

  it('shows a published page with its headings, tables and fences, and no mark', async () => {
    const text = sample('full')
    await publish(text)
    const { status, text: html } = await wiki.read(pageOf(text))
    expect(status).toBe(200)
    for (const heading of ['Summary', 'Timeline', 'Causes', 'Action items', 'Evidence'])
      expect(html).toMatch(new RegExp(`<h2[^>]*>(?:<a[^>]*>)?${heading}(?:</a>)?</h2>`))
    expect(html.match(/<table/g)?.length).toBeGreaterThanOrEqual(5)
    expect(html).toMatch(/<pre[^>]*><code/)
    const visible = html.replaceAll(/<!--[^]*?-->/g, '').replaceAll(/<[^>]*>/g, '')
    expect(visible).not.toMatch(/auto:|\|---\||```/)
  })

  it('leads from the index to the page, and from the page to its passages', async () => {
    const text = sample('full')
    const { text: html } = await wiki.read('incidents/Incidents')
    expect(html).toContain(`href="${incidentOfPage(text) ?? ''}"`)
    const passage = await wiki.read(`incidents/assets/${incidentOfPage(text) ?? ''}/E1-kernel-log.txt`)
    expect(passage.status).toBe(200)
    expect(passage.text).toContain('kernel: killed &lt;img src=x')
    expect(passage.text).not.toContain('<img src=x')
  })

  it('shows hostile log lines, unit names and titles as text and nothing else', async () => {
    const text = sample('hostile').replaceAll(/inc-[A-Za-z0-9_.-]+/g, 'inc-20261112T091502Z-vps-01-evil')
    await publish(text)
    const { status, text: html } = await wiki.read(pageOf(text))
    expect(status).toBe(200)
    const content = /<div id="content">([^]*)<div id="footer"/.exec(html)?.[1] ?? html
    expect(content).toContain('img src=x')
    expect(content).not.toMatch(/<img[^>]*src="?x/)
    expect(content).not.toMatch(/<script(?! src="\/js)/)
    expect(content).not.toMatch(/href="(?:javascript:|https?:\/\/e\.vil)/)
    expect(content).not.toMatch(/[\u202a-\u202e\u001b]/)
  })

  it('lets a person write in the browser, and a later publication leaves it alone', async () => {
    const text = sample('empty').replaceAll(/inc-[A-Za-z0-9_.-]+/g, 'inc-20261112T091502Z-vps-01-browser')
    await publish(text)
    const answered = text.replace('**TODO(human):** severity: which?', 'Severity 2, as agreed on Friday.')
    expect(answered).not.toBe(text)
    await wiki.save(pageOf(text), answered)
    const stands = execFileSync('git', ['-C', wiki.repository, 'show', `master:${pageOf(text)}.md`]).toString()
    expect(stands).toContain('Severity 2, as agreed on Friday.')
    const fresh = text.replace(/<!-- auto:summary [^]*<!-- \/auto:summary -->/, wrapRegion('summary', 'Anew.', sha256))
    const published = await publish(fresh)
    const told = outcomes(published.pages[0]?.regions ?? [])
    expect(told['summary']).toBe('written')
    expect(Object.entries(told).filter(([, outcome]) => outcome === 'kept' || outcome === 'removed')).toEqual([])
    const { text: html } = await wiki.read(pageOf(text))
    expect(html).toContain('Severity 2, as agreed on Friday.')
    expect(html).toContain('Anew.')
  })
})
