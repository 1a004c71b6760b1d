import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { RunRequest } from '../../src/domain/runRequest.ts'
import type { OutgoingMessage } from '../../src/store/store.ts'
import type { SetUp } from './store.ts'

const aRequest = (changes: Partial<RunRequest> = {}): RunRequest => ({
  id: 'request-1',
  runbook: 'oom-triage',
  host: 'server1',
  parameters: {},
  requestedBy: 'U0ANNA',
  place: 'C0OPS',
  threadId: 'head-1',
  headId: 'head-1',
  state: 'active',
  owner: 'one:1:aa',
  heartbeatAtMs: 1_000,
  createdAtMs: 1_000,
  endedAtMs: null,
  runId: null,
  incidentId: null,
  verdict: null,
  ...changes,
})

const aMessage = (changes: Partial<OutgoingMessage> = {}): OutgoingMessage => ({
  id: 'message-1',
  threadId: 'message-1',
  number: 1,
  state: 'unsent',
  sentAs: null,
  createdAtMs: 1_000,
  body: 'of one',
  ...changes,
})

/** What every store promises to a chat door. */
export const chatStoreContract = (name: string, setUp: SetUp): void => {
  describe(`${name} keeps its promises to a chat door`, () => {
    let made: Awaited<ReturnType<typeof setUp>>
    beforeEach(async () => {
      made = await setUp()
    })
    afterEach(() => made.clear())

    it('takes a delivery once, whoever asks, and forgets it when it is old', async () => {
      await using store = await made.open()
      await using other = await made.open()
      const claimed = await Promise.all(
        Array.from({ length: 8 }, (_, index) => (index % 2 === 0 ? store : other).claimDelivery('click 1', 1_000)),
      )
      expect(claimed.filter(Boolean)).toHaveLength(1)
      expect(await store.claimDelivery('click 2', 2_000)).toBe(true)
      await store.forgetDeliveries(2_000)
      expect(await store.claimDelivery('click 1', 3_000)).toBe(true)
      expect(await store.claimDelivery('click 2', 3_000)).toBe(false)
    })

    it('lists requests newest first, by state and host', async () => {
      await using store = await made.open()
      await store.openRequest(aRequest())
      await store.openRequest(aRequest({ id: 'request-2', host: 'server2', createdAtMs: 3_000 }))
      await store.openRequest(aRequest({ id: 'request-3', host: 'server3', createdAtMs: 2_000 }))
      await store.updateRequest('request-3', { state: 'done', endedAtMs: 4_000, verdict: 'killed' })
      const ids = async (filter: Parameters<typeof store.listRequests>[0]) =>
        (await store.listRequests(filter)).map(({ id }) => id)
      expect(await ids({ limit: 10 })).toEqual(['request-2', 'request-3', 'request-1'])
      expect(await ids({ limit: 1 })).toEqual(['request-2'])
      expect(await ids({ state: 'active', limit: 10 })).toEqual(['request-2', 'request-1'])
      expect(await ids({ host: 'server3', limit: 10 })).toEqual(['request-3'])
      expect(await store.findRequest('request-3')).toMatchObject({ state: 'done', verdict: 'killed' })
      expect(await store.findRequest('request-4')).toBeUndefined()
    })

    it('gives unsent messages back oldest first, and forgets only those that were sent or given up', async () => {
      await using store = await made.open()
      await store.saveOutgoing(aMessage({ id: 'late', createdAtMs: 3_000 }))
      await store.saveOutgoing(aMessage({ id: 'second', number: 2, createdAtMs: 2_000 }))
      await store.saveOutgoing(aMessage({ id: 'first', number: 1, createdAtMs: 2_000 }))
      await store.saveOutgoing(aMessage({ id: 'sent', state: 'sent', sentAs: '1.1' }))
      await store.saveOutgoing(aMessage({ id: 'given-up', state: 'given-up' }))
      const unsent = async (limit: number) => (await store.listUnsent(limit)).map(({ id }) => id)
      expect(await unsent(10)).toEqual(['first', 'second', 'late'])
      expect(await unsent(1)).toEqual(['first'])
      // Said anew: the same message waits again.
      await store.saveOutgoing(aMessage({ id: 'sent', sentAs: '1.1', body: 'changed' }))
      expect(await unsent(1)).toEqual(['sent'])
      await store.forgetOutgoing(9_000)
      expect(await unsent(10)).toEqual(['sent', 'first', 'second', 'late'])
      expect(await store.findOutgoing('given-up')).toBeUndefined()
      expect(await store.findOutgoing('late')).toEqual(aMessage({ id: 'late', createdAtMs: 3_000 }))
    })

    it('opens one active request for a host and runbook, and a new one when it has ended', async () => {
      await using store = await made.open()
      expect(await store.openRequest(aRequest())).toBeUndefined()
      expect((await store.openRequest(aRequest({ id: 'request-2' })))?.id).toBe('request-1')
      expect(await store.updateRequest('request-1', { state: 'done', endedAtMs: 2_000 })).toBe(true)
      expect(await store.updateRequest('request-1', { state: 'failed' })).toBe(false)
      expect(await store.openRequest(aRequest({ id: 'request-2' }))).toBeUndefined()
    })

    it('gives the request of a dead owner to exactly one of many, and counts how often', async () => {
      await using store = await made.open()
      await using other = await made.open()
      await store.openRequest(aRequest())
      const takers = ['two:2:bb', 'three:3:cc', 'four:4:dd', 'five:5:ee']
      const taken = await Promise.all(
        takers.map((taker, index) =>
          (index % 2 === 0 ? store : other).takeRequest('request-1', 'one:1:aa', taker, 5_000),
        ),
      )
      expect(taken.filter(Boolean)).toHaveLength(1)
      const now = await store.findRequest('request-1')
      expect(now).toMatchObject({ owner: takers[taken.indexOf(true)], heartbeatAtMs: 5_000, takenOver: 1 })
      expect(await store.takeRequest('request-1', 'one:1:aa', 'six:6:ff', 6_000)).toBe(false)
      await store.updateRequest('request-1', { state: 'done' })
      expect(await store.takeRequest('request-1', now?.owner ?? '', 'six:6:ff', 6_000)).toBe(false)
      expect(await store.takeRequest('no-such-request', '', 'six:6:ff', 6_000)).toBe(false)
    })

    it('gives a message that waits to exactly one of many, and none that was sent', async () => {
      await using store = await made.open()
      await using other = await made.open()
      await store.saveOutgoing(aMessage())
      const taken = await Promise.all(
        ['of two', 'of three', 'of four'].map((body, index) =>
          (index % 2 === 0 ? store : other).takeOutgoing('message-1', 'of one', body),
        ),
      )
      expect(taken.filter(Boolean)).toHaveLength(1)
      await store.saveOutgoing(aMessage({ state: 'sent', sentAs: '1.1', body: 'of two' }))
      expect(await store.takeOutgoing('message-1', 'of two', 'of five')).toBe(false)
      expect((await store.findOutgoing('message-1'))?.sentAs).toBe('1.1')
    })

    it('decides an approval once, and supersedes the pending one of a host', async () => {
      await using store = await made.open()
      await using other = await made.open()
      const approval = (id: string) => ({
        id,
        plan: {
          id,
          host: 'server1',
          runbook: 'mark',
          runbookHash: 'abc',
          parameters: {},
          risk: 'change' as const,
          steps: [],
          before: { machineId: null, bootId: null, touches: [], files: [] },
          requestedBy: 'U0ANNA',
          expiresAtMs: 9_000,
        },
        planHash: 'hash',
        state: 'pending' as const,
        place: 'C0OPS',
        messageId: `message of ${id}`,
        createdAtMs: 1_000,
        decidedBy: null,
        decidedAtMs: null,
        begunAtMs: null,
        result: null,
      })
      expect(await store.createApproval(approval('one'))).toBeUndefined()
      expect(await store.createApproval(approval('two'))).toBe('one')
      expect((await store.findApproval('one'))?.state).toBe('superseded')
      expect(await store.changeApproval('one', { state: 'pending' }, { state: 'approved' })).toBe(false)
      const decided = await Promise.all(
        ['U0ANNA', 'U0BEN', 'U0CARLA'].map((decidedBy, index) =>
          (index % 2 === 0 ? store : other).changeApproval(
            'two',
            { state: 'pending' },
            { state: 'approved', decidedBy },
          ),
        ),
      )
      expect(decided.filter(Boolean)).toHaveLength(1)
      const unused = { state: 'approved', begunAtMs: null, result: null } as const
      const begun = await Promise.all(
        [store, other, store].map((one, index) => one.changeApproval('two', unused, { begunAtMs: 2_000 + index })),
      )
      expect(begun.filter(Boolean)).toHaveLength(1)
      expect(await store.changeApproval('two', { state: 'approved', result: null }, { result: 'done' })).toBe(true)
      expect(await store.changeApproval('two', { state: 'approved', result: null }, { result: 'again' })).toBe(false)
      expect((await store.findApproval('two'))?.result).toBe('done')
      expect((await store.listApprovals({ limit: 10 })).map(({ id }) => id)).toEqual(['two', 'one'])
      expect((await store.listApprovals({ state: 'approved', limit: 10 })).map(({ id }) => id)).toEqual(['two'])
      expect(await store.listApprovals({ state: 'pending', limit: 10 })).toEqual([])
      expect(await store.findApproval('three')).toBeUndefined()
    })
  })
}
