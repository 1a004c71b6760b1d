import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { PublishError } from '../../src/domain/errors.ts'
import type { Publisher } from '../../src/publishers/publisher.ts'
import { ASSET, draft, INCIDENT, outcomes, PAGE, publication } from '../publishers/drafts.ts'
import type { WikiPerson } from '../support/wikiPerson.ts'

export interface PublisherPlace {
  /** A publisher with a cache of its own, as another machine would have. */
  readonly open: () => Publisher
  readonly person: WikiPerson
  readonly clear: () => Promise<void>
}

const soon = (): AbortSignal => AbortSignal.timeout(50_000)
const WRITE = { dryRun: false }

/** What every place promises, whatever holds its pages. */
export const publisherContract = (name: string, setUp: () => Promise<PublisherPlace>): void => {
  describe(`${name} keeps the publisher's promises`, () => {
    let place: PublisherPlace
    let publisher: Publisher
    let person: WikiPerson
    beforeEach(async () => {
      place = await setUp()
      publisher = place.open()
      person = place.person
    })
    afterEach(() => place.clear())

    it('creates page, index and files, and finds the page again', async () => {
      const published = await publisher.publish(publication(), WRITE, soon())
      expect(published.pages.map((page) => page.outcome)).toEqual(['created', 'created'])
      expect(outcomes(published.pages[0]?.regions ?? [])).toEqual({ facts: 'written', timeline: 'written' })
      expect(person.read(PAGE)).toBe(draft())
      expect(person.read('Incidents.md')).toContain(`[page](${PAGE})`)
      expect(person.read(ASSET)).toBe('kernel: killed\n')
      expect(await publisher.findPage(INCIDENT, soon())).toMatchObject({ text: draft() })
      expect(await publisher.findPage('inc-other', soon())).toBeUndefined()
    })

    it('writes nothing when nothing changed', async () => {
      await publisher.publish(publication(), WRITE, soon())
      const before = person.history()
      const again = await place.open().publish(publication(), WRITE, soon())
      expect(again).toMatchObject({ revision: null, assets: [], diff: '' })
      expect(again.pages.map((page) => page.outcome)).toEqual(['unchanged', 'unchanged'])
      expect(outcomes(again.pages[0]?.regions ?? [])).toEqual({ facts: 'unchanged', timeline: 'unchanged' })
      expect(person.history()).toEqual(before)
    })

    it('updates its own regions and leaves what people wrote outside of them', async () => {
      await publisher.publish(publication(), WRITE, soon())
      person.write(PAGE, draft().replace('**TODO(human):** severity?', 'Severity: 2, says the on-call engineer.'))
      const updated = await publisher.publish(publication(draft('Host vps-01, 4 GiB.')), WRITE, soon())
      expect(outcomes(updated.pages[0]?.regions ?? [])).toEqual({ facts: 'written', timeline: 'unchanged' })
      expect(person.read(PAGE)).toContain('Severity: 2, says the on-call engineer.')
      expect(person.read(PAGE)).toContain('Host vps-01, 4 GiB.')
      expect(updated.diff).toContain('+Host vps-01, 4 GiB.')
      expect(updated.diff).not.toContain('Severity')
    })

    it('keeps a region that a person edited, and goes on with the others', async () => {
      await publisher.publish(publication(), WRITE, soon())
      const edited = draft().replace('Killed at 09:15.', 'Killed at 09:15, seen by us at 09:20.')
      person.write(PAGE, edited)
      const updated = await publisher.publish(publication(draft('New.', 'Newer.')), WRITE, soon())
      expect(outcomes(updated.pages[0]?.regions ?? [])).toEqual({ facts: 'written', timeline: 'kept' })
      expect(person.read(PAGE)).toContain('seen by us at 09:20')
      expect(person.read(PAGE)).not.toContain('Newer.')
    })

    it('does not bring back a region that a person removed', async () => {
      await publisher.publish(publication(), WRITE, soon())
      const without = draft().replace(/<!-- auto:timeline [^]*<!-- \/auto:timeline -->\n\n/, '')
      person.write(PAGE, without)
      const updated = await publisher.publish(publication(draft('Host vps-01.', 'Newer.')), WRITE, soon())
      expect(outcomes(updated.pages[0]?.regions ?? [])).toEqual({ facts: 'unchanged', timeline: 'removed' })
      expect(person.read(PAGE)).toBe(without)
    })

    it('takes line ends of a browser for no edit, and keeps them', async () => {
      await publisher.publish(publication(), WRITE, soon())
      person.write(PAGE, draft().replaceAll('\n', '\r\n'))
      const updated = await publisher.publish(publication(draft('New.')), WRITE, soon())
      expect(outcomes(updated.pages[0]?.regions ?? [])).toEqual({ facts: 'written', timeline: 'unchanged' })
      expect(person.read(PAGE)).toBe(draft('New.').replaceAll('\n', '\r\n'))
    })

    it('follows a page that a person renamed into another folder, links and all', async () => {
      await publisher.publish(publication(), WRITE, soon())
      person.rename(PAGE, 'queue/Worker died.md')
      const updated = await place.open().publish(publication(draft('New.')), WRITE, soon())
      expect(updated.pages[0]).toMatchObject({ outcome: 'updated' })
      expect(updated.pages[0]?.path).toMatch(/queue\/Worker died\.md$/)
      expect(person.read('queue/Worker died.md')).toBe(draft('New.'))
      expect(() => person.read(PAGE)).toThrow()
      expect(person.read('Incidents.md')).toContain('[page](queue/Worker%20died.md)')
    })

    it('refuses to write over a page that belongs to another incident', async () => {
      const other = draft('a', 'b', 'inc-20200101T000000Z-other-unit')
      await publisher.publish(publication(), WRITE, soon())
      person.rename(PAGE, 'elsewhere.md')
      person.write(PAGE, other)
      person.remove('elsewhere.md')
      const refused = publisher.publish(publication(draft('New.')), WRITE, soon())
      await expect(refused).rejects.toThrow(/belongs to incident "inc-20200101T000000Z-other-unit"/)
      await expect(refused).rejects.toBeInstanceOf(PublishError)
      expect(person.read(PAGE)).toBe(other)
    })

    it('leaves a page alone that has none of its regions', async () => {
      await publisher.publish(publication(), WRITE, soon())
      person.write(PAGE, 'We moved this to the other wiki.\n')
      const updated = await publisher.publish(publication(draft('New.')), WRITE, soon())
      expect(updated.notes).toEqual([expect.stringContaining("has none of Medic's regions")])
      expect(person.read(PAGE)).toBe('We moved this to the other wiki.\n')
    })

    it('shows a dry run and writes nothing', async () => {
      const planned = await publisher.publish(publication(), { dryRun: true }, soon())
      expect(planned.pages[0]?.outcome).toBe('created')
      expect(planned.revision).toBeNull()
      expect(planned.diff).toContain('+Host vps-01.')
      expect(() => person.read(PAGE)).toThrow()
    })

    it('can be checked without a trace', async () => {
      expect(await publisher.check(soon())).toMatch(/\S/)
      await publisher.publish(publication(), WRITE, soon())
      const before = person.history()
      expect(await publisher.check(soon())).toContain('can be written')
      expect(person.history()).toEqual(before)
    })

    it('lets several bots write at once and loses nobody’s page', async () => {
      await publisher.publish(publication(), WRITE, soon())
      const incidents = ['a', 'b', 'c', 'd'].map((unit) => `inc-20261112T091502Z-vps-01-${unit}`)
      const all = await Promise.all(
        incidents.map((incident) =>
          place.open().publish(publication(draft('x', 'y', incident), { incident }), WRITE, soon()),
        ),
      )
      expect(all.map((published) => published.pages[0]?.outcome)).toEqual(incidents.map(() => 'created'))
      for (const incident of incidents) expect(person.read(`${incident}.md`)).toBe(draft('x', 'y', incident))
      expect(person.read(PAGE)).toBe(draft())
    })

    it('stops when it is told to', async () => {
      await expect(publisher.publish(publication(), WRITE, AbortSignal.abort())).rejects.toThrow(/stopped/)
      expect(() => person.read(PAGE)).toThrow()
    })
  })
}
