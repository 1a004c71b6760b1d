import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { hold } from '../../src/app/holder.ts'
import type { Job, JobRun } from '../../src/jobs/job.ts'
import { createScheduler } from '../../src/jobs/scheduler.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import type { Store } from '../../src/store/store.ts'

const at = (text: string): number => Date.parse(`${text}:00Z`)

let folder: string
let store: Store
let nowMs: number
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'medic-jobs-'))
  store = await openSqliteStore(folder)
  nowMs = at('2026-11-10T12:00')
})
afterEach(async () => {
  await store[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true, force: true })
})

const jobOf = (run: (day: JobRun, signal: AbortSignal) => Promise<string>): Job => ({
  name: 'digest-nightly',
  time: { at: '07:00', zone: 'UTC' },
  run,
})

/** A scheduler whose clock is the test's; it looks only when it is told to. */
const schedulerFor = (job: Job, lines: string[] = []) =>
  createScheduler([job], {
    store,
    now: () => nowMs,
    hold: (key) => hold(store, key, () => nowMs),
    report: (line) => lines.push(line),
    jitterMs: 0,
    lookMs: 1_000_000,
  })

const noting = (days: string[]): Job =>
  jobOf(({ occurrence, missed }) => {
    days.push(missed.length === 0 ? occurrence.localDate : `${occurrence.localDate} missed ${missed.join(' ')}`)
    return Promise.resolve('posted')
  })

describe('a daily job', () => {
  it('runs once a day, however often the clock is looked at', async () => {
    const days: string[] = []
    await using scheduler = schedulerFor(noting(days))
    for (const moment of [
      '2026-11-10T12:00',
      '2026-11-11T06:59',
      '2026-11-11T07:00',
      '2026-11-11T07:01',
      '2026-11-12T08:00',
    ]) {
      nowMs = at(moment)
      await scheduler.tick()
    }
    expect(days).toEqual(['2026-11-11', '2026-11-12'])
    expect(await store.findJobDay('digest-nightly', '2026-11-12')).toMatchObject({ state: 'done', detail: 'posted' })
  })

  it('does not run for days before it was known', async () => {
    const days: string[] = []
    await using scheduler = schedulerFor(noting(days))
    await scheduler.tick()
    expect(days).toEqual([])
  })

  it('runs late after downtime, once, and is told the nights it missed', async () => {
    const days: string[] = []
    await using first = schedulerFor(noting(days))
    await first.tick()
    nowMs = at('2026-11-14T15:00')
    await using second = schedulerFor(noting(days))
    await second.tick()
    await second.tick()
    expect(days).toEqual(['2026-11-14 missed 2026-11-11 2026-11-12 2026-11-13'])
    expect(await store.findJobDay('digest-nightly', '2026-11-12')).toMatchObject({ state: 'missed' })
  })

  it('is done by one of two processes', async () => {
    const days: string[] = []
    await using one = schedulerFor(noting(days))
    await using other = schedulerFor(noting(days))
    await one.tick()
    nowMs = at('2026-11-11T07:30')
    await Promise.all([one.tick(), other.tick()])
    expect(days).toEqual(['2026-11-11'])
  })

  it('goes on with what a process that ended had remembered', async () => {
    const seen: (string | null)[] = []
    const job = jobOf(async (day, signal) => {
      seen.push(day.earlier)
      if (day.earlier !== null) return 'posted'
      await day.remember('run-7')
      await new Promise<void>((resolve) => {
        signal.addEventListener('abort', () => resolve(), { once: true })
        void dying[Symbol.asyncDispose]()
      })
      return 'never'
    })
    const dying = schedulerFor(job)
    await dying.tick()
    nowMs = at('2026-11-11T07:30')
    await dying.tick()
    expect(await store.findJobDay('digest-nightly', '2026-11-11')).toMatchObject({ state: 'running', detail: 'run-7' })
    await using next = schedulerFor(job)
    await next.tick()
    expect(seen).toEqual([null, 'run-7'])
    expect(await store.findJobDay('digest-nightly', '2026-11-11')).toMatchObject({ state: 'done' })
  })

  it('that fails says so and is not tried again the same day', async () => {
    const lines: string[] = []
    let calls = 0
    const job = jobOf(() => {
      calls += 1
      return Promise.reject(new Error('no hosts'))
    })
    await using scheduler = schedulerFor(job, lines)
    await scheduler.tick()
    nowMs = at('2026-11-11T07:30')
    await scheduler.tick()
    await scheduler.tick()
    expect(calls).toBe(1)
    expect(lines.at(-1)).toBe('digest-nightly: 2026-11-11 failed: no hosts')
  })
})
