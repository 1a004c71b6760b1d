import { describe, expect, it } from 'vitest'
import type { Host } from '../../src/domain/host.ts'
import type { Connection, Transport } from '../../src/transports/transport.ts'
import { warmTransport } from '../../src/transports/warm.ts'

const host = (name: string): Host => ({
  name,
  transport: 'local',
  ssh: null,
  replay: null,
  sudo: false,
  site: null,
  groups: [],
  tags: {},
})

const setUp = () => {
  let nowMs = 0
  const timers = new Set<{ atMs: number; callback: () => void }>()
  const opened: { lost: string | null; closed: boolean }[] = []
  let failing = false
  const inner: Transport = {
    async connect() {
      if (failing) throw new Error('no')
      const state = { lost: null as string | null, closed: false }
      opened.push(state)
      return {
        description: `connection ${opened.length}`,
        canFork: null,
        get lost() {
          return state.lost
        },
        async *readFiles() {},
        async *run() {},
        async [Symbol.asyncDispose]() {
          state.closed = true
        },
      } as Connection
    },
  }
  const clock = {
    now: () => nowMs,
    later(callback: () => void, delayMs: number) {
      const timer = { atMs: nowMs + delayMs, callback }
      timers.add(timer)
      return () => void timers.delete(timer)
    },
  }
  const pass = (ms: number): void => {
    nowMs += ms
    for (const timer of timers) {
      if (timer.atMs > nowMs) continue
      timers.delete(timer)
      timer.callback()
    }
  }
  return { warm: warmTransport(inner, clock), opened, pass, fail: (is: boolean) => (failing = is) }
}

const signal = new AbortController().signal
const MINUTE = 60_000

describe('a warm connection', () => {
  it('is shared, kept ten minutes after its last user, then closed', async () => {
    const { warm, opened, pass } = setUp()
    const [one, other] = await Promise.all([warm.connect(host('a'), signal), warm.connect(host('a'), signal)])
    expect(opened).toHaveLength(1)
    await one[Symbol.asyncDispose]()
    await one[Symbol.asyncDispose]()
    pass(20 * MINUTE)
    expect(opened[0]!.closed).toBe(false)
    await other[Symbol.asyncDispose]()
    pass(9 * MINUTE)
    const again = await warm.connect(host('a'), signal)
    expect(opened).toHaveLength(1)
    pass(5 * MINUTE)
    await again[Symbol.asyncDispose]()
    pass(10 * MINUTE)
    expect(opened[0]!.closed).toBe(true)
    await warm.connect(host('a'), signal)
    expect(opened).toHaveLength(2)
  })

  it('that is lost is replaced, and not kept', async () => {
    const { warm, opened } = setUp()
    const first = await warm.connect(host('a'), signal)
    opened[0]!.lost = 'cut'
    await warm.connect(host('a'), signal)
    expect(opened).toHaveLength(2)
    await first[Symbol.asyncDispose]()
    expect(opened[0]!.closed).toBe(true)
    expect(opened[1]!.closed).toBe(false)
  })

  it('is asked for twice a minute at most, failures included, each host by itself', async () => {
    const { warm, opened, pass, fail } = setUp()
    fail(true)
    await expect(warm.connect(host('a'), signal)).rejects.toThrow('no')
    pass(2000)
    await expect(warm.connect(host('a'), signal)).rejects.toThrow('no')
    fail(false)
    await expect(warm.connect(host('a'), signal)).rejects.toThrow('2 new connections within a minute')
    await warm.connect(host('b'), signal)
    pass(MINUTE)
    await warm.connect(host('a'), signal)
    expect(opened).toHaveLength(2)
  })

  it('ends with the transport', async () => {
    const { warm, opened } = setUp()
    await warm.connect(host('a'), signal)
    await warm[Symbol.asyncDispose]()
    expect(opened[0]!.closed).toBe(true)
  })
})
