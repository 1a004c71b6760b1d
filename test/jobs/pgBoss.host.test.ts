// needs: root postgres
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openSiteQueue, queueName } from '../../src/jobs/pgBoss.ts'
import type { SiteOrder, SiteQueue } from '../../src/jobs/job.ts'
import { StoreError } from '../../src/domain/errors.ts'
import { explainerOf } from '../../src/store/postgres.ts'
import { startPostgres } from '../support/postgres.ts'
import type { Postgres } from '../support/postgres.ts'

let server: Postgres
beforeAll(async () => {
  server = await startPostgres()
})
afterAll(() => server[Symbol.asyncDispose]())

const order = (number: number): SiteOrder => ({ fleetId: 'run-1', number, deadlineMs: null })

const open = (url: string): Promise<SiteQueue> => openSiteQueue(url, { report: () => {}, explain: explainerOf(url) })

/** Collects what is handled, and resolves when there is so much of it. */
const collector = () => {
  const handled: number[] = []
  let check = (): void => {}
  return {
    handled,
    add: (number: number): void => {
      handled.push(number)
      check()
    },
    reached: (count: number): Promise<void> =>
      new Promise((resolve) => {
        check = () => {
          if (handled.length >= count) resolve()
        }
        check()
      }),
  }
}

describe('orders for sites', () => {
  it('processes that start at once on an empty database share one queue', async () => {
    const url = await server.createDatabase()
    const queues = await Promise.all([open(url), open(url), open(url)])
    const { handled, add, reached } = collector()
    for (const queue of queues)
      await queue.work('fra', { concurrency: 2, handle: ({ number }) => Promise.resolve(add(number)) })
    await Promise.all(
      queues.flatMap((queue) => Array.from({ length: 10 }, (_, number) => queue.offer('fra', order(number)))),
    )
    await reached(10)
    for (const queue of queues) await queue[Symbol.asyncDispose]()
    expect(new Set(handled)).toEqual(new Set(Array.from({ length: 10 }, (_, number) => number)))
  })

  it('keeps one order while it waits or is worked on, however often it is offered', async () => {
    const url = await server.createDatabase()
    await using queue = await open(url)
    for (let time = 0; time < 5; time += 1) await queue.offer('fra', order(1))
    const { handled, add, reached } = collector()
    const waiting: (() => void)[] = []
    await queue.work('fra', {
      concurrency: 4,
      handle: ({ number }) => {
        add(number)
        return new Promise((resolve) => {
          waiting.push(resolve)
        })
      },
    })
    await reached(1)
    await queue.offer('fra', order(1))
    await queue.offer('fra', order(2))
    await reached(2)
    expect(handled).toEqual([1, 2])
    for (const finish of waiting) finish()
  })

  it('gives what failed to the next try, and an order of another site to nobody', async () => {
    const url = await server.createDatabase()
    await using queue = await open(url)
    const { handled, add, reached } = collector()
    await queue.work('fra', {
      concurrency: 1,
      handle: ({ number }) => {
        add(number)
        return handled.length === 1 ? Promise.reject(new Error('first try')) : Promise.resolve()
      },
    })
    await queue.offer('ams', order(7))
    await queue.offer('fra', order(1))
    await reached(2)
    expect(handled).toEqual([1, 1])
  })

  it('an order that was withdrawn is not handled', async () => {
    const url = await server.createDatabase()
    await using queue = await open(url)
    await queue.offer('fra', order(1))
    await queue.offer('fra', order(2))
    await queue.withdraw('fra', order(1))
    await queue.withdraw('fra', order(99))
    const { handled, add, reached } = collector()
    await queue.work('fra', { concurrency: 1, handle: ({ number }) => Promise.resolve(add(number)) })
    await reached(1)
    expect(handled).toEqual([2])
  })

  it('goes on after a restart of the database', async () => {
    const url = await server.createDatabase()
    await using queue = await open(url)
    const { handled, add, reached } = collector()
    await queue.work('fra', { concurrency: 1, handle: ({ number }) => Promise.resolve(add(number)) })
    await server.stop('immediate')
    const failure = await queue.offer('fra', order(1)).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(StoreError)
    await server.start()
    await queue.offer('fra', order(2))
    await reached(1)
    expect(handled).toEqual([2])
  })

  it('has a name of its own for every site', () => {
    const sites = ['frankfurt', 'Frankfurt', 'a b', 'a.b', 'a.20.b', 'ü', '東京', "x'; drop table job --", '../etc']
    const names = sites.map(queueName)
    expect(new Set(names).size).toBe(sites.length)
    for (const name of names) expect(name).toMatch(/^site-[A-Za-z0-9_.-]+$/)
  })
})
