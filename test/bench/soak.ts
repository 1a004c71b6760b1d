import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { FakeWorkspace } from '../support/slack/fakeWorkspace.ts'
import { BotHome, type BotProcess } from '../slack/botProcess.ts'
import { slopeOf } from './slope.ts'
import { SoakRecord } from './soakRecord.ts'
import type { Held } from './soakedBot.ts'

// Many commands through the real bot process, its real store and a fake workspace, against recorded hosts.
//
//   node test/bench/soak.ts [--commands 10000] [--speed 10] [--json]
//
// Slack takes 50 edits a minute from an app, and each run needs one: 10 000 would take four hours. So this workspace's
// minutes are shorter (--speed): the same budgets in less time, on both sides. Everything else runs at its own pace.

const MIB = 2 ** 20
const CHANNELS = 40
const HOSTS = 500
/** Runs under way at once: the bot works on 16, the rest wait for their turn. */
const IN_FLIGHT = 24
/** Nothing moved for so long: what is missing then is lost. */
const STALL_MS = 180_000
/** Heap left by one command, at most: what a leak of one message would be. Our choice. */
const MOST_LEFT_BYTES = 1_024
/** Slack's own figure for chat.update, and a burst of posts beside one a second (slack.md section 2). */
const MOST_EDITS = 50
const MOST_POSTS = 18

/** Answered to the person who asked, without a run. */
const WORDS = ['help', 'list', 'status', 'no-such-host', 'fleet0 --dry-run']

interface Options {
  readonly commands: number
  readonly speed: number
  readonly json: boolean
}

const usage = (problem: string): never => {
  process.stderr.write(`soak: ${problem}\nsoak [--commands 10000] [--speed 10] [--json]\n`)
  process.exit(64)
}

const readOptions = (words: readonly string[]): Options => {
  const json = words.includes('--json')
  const left = words.filter((word) => word !== '--json')
  const given = new Map<string, number>()
  for (let at = 0; at < left.length; at += 2) {
    const [flag = '', text = ''] = left.slice(at, at + 2)
    const number = Number(text)
    if (!['--commands', '--speed'].includes(flag)) usage(`unknown option ${flag}`)
    if (!(number >= 1) || number > 1_000_000) usage(`${flag}: expected a number from 1, got '${text}'`)
    given.set(flag, number)
  }
  return { commands: given.get('--commands') ?? 10_000, speed: given.get('--speed') ?? 10, json }
}

const heldBy = async ({ child }: BotProcess): Promise<Held> => {
  child.send('how much')
  const [held] = (await once(child, 'message')) as [Held]
  return held
}

/** One in ten asks for words, one in ten comes back to a host that was just looked at, the others start a run. */
const kindOf = (index: number): 'run' | 'words' | 'fold' =>
  index % 10 === 8 ? 'words' : index % 10 === 9 ? 'fold' : 'run'

const soak = async ({ commands, speed }: Options) => {
  const channels = Array.from({ length: CHANNELS }, (_, index) => ({ id: `C0SOAK${index}`, name: `soak${index}` }))
  await using workspace = await new FakeWorkspace({
    channels,
    rateLimits: { posting: { perSecond: 1, burst: 8 }, tiers: true, speed },
  }).start()
  const hosts = Array.from({ length: HOSTS }, (_, index) => `  fleet${index}: {replay: demo}`)
  await using home = new BotHome({
    hosts: hosts.join('\n'),
    nodeOptions: [
      '--max-semi-space-size=2',
      '--optimize-for-size',
      '--expose-gc',
      '--import',
      join(import.meta.dirname, 'soakedBot.ts'),
    ],
    env: { MEDIC_SOAK_SPEED: String(speed) },
  })
  const bot = await home.start(workspace)
  let moved = Promise.withResolvers<void>()
  /** Hosts at work, and ended ones that may be come back to. */
  const busy = new Set<string>()
  const ended: [host: string, channel: string][] = []
  const record = new SoakRecord(workspace, speed, (host, channel) => {
    busy.delete(host)
    ended.push([host, channel])
    moved.resolve()
  })
  const points: [number, number][] = []
  const acks: number[] = []
  let unacknowledged = 0
  let runs = 0
  let answers = 0
  let resident = 0
  let index = 0
  const measureEvery = Math.max(10, Math.floor(commands / 40))
  const startedAt = performance.now()
  const first = await heldBy(bot)

  const wait = async (): Promise<boolean> => {
    const before = record.messages
    const { promise } = moved
    const isMoving = await Promise.race([promise.then(() => true), pause(STALL_MS, false, { ref: false })])
    moved = Promise.withResolvers<void>()
    return isMoving || record.messages > before
  }
  const send = async (line: string, channel: string): Promise<void> => {
    const ack = await workspace.slash(`/oom-triage ${line}`, { in: channel }).settled
    if (ack === null) unacknowledged += 1
    else acks.push(ack.latencyMs)
  }
  const next = (): void => {
    const kind = kindOf(index)
    const channel = `C0SOAK${Math.floor(index / HOSTS + index) % CHANNELS}`
    const back = kind === 'fold' ? ended.findLast(([host]) => !busy.has(host)) : undefined
    if (kind === 'words') {
      void send(WORDS[Math.floor(index / 10) % WORDS.length] ?? 'help', channel)
      answers += 1
    } else if (back !== undefined) {
      const [host, place] = back
      busy.add(host)
      record.expectFold(host, place)
      void send(host, place)
      runs += 1
      answers += 1
    } else {
      const host = `fleet${index % HOSTS}`
      if (!busy.has(host)) {
        busy.add(host)
        void send(host, channel)
        runs += 1
      }
    }
    index += 1
    if (ended.length > 100) ended.splice(0, 50)
  }

  const isLeft = (): boolean => index < commands
  let isStalled = false
  while (!isStalled && (isLeft() || busy.size > 0)) {
    while (isLeft() && busy.size < IN_FLIGHT) {
      next()
      if (index % measureEvery !== 0) continue
      const held = await heldBy(bot)
      points.push([index, held.heap])
      resident = Math.max(resident, held.resident)
    }
    if (busy.size > 0) isStalled = !(await wait())
  }
  // Anything that is said once more would come now.
  await pause(3_000)
  const last = await heldBy(bot)
  const seconds = (performance.now() - startedAt) / 1000
  const database = sizeOf(join(home.folder, 'state'))
  const exit = await bot.stop()
  const slowest = acks.toSorted((one, other) => other - one)
  const leftBytes = slopeOf(points)
  const missing = record.unfinished()
  const checks: Readonly<Record<string, boolean>> = {
    'every run ended, each message once, every head final':
      missing.length === 0 && record.problems.length === 0 && record.ended === runs,
    'every answer given once': record.ephemerals === answers,
    'every command acknowledged within 3 s': unacknowledged === 0 && (slowest[0] ?? 0) < 3_000,
    'no call refused, no rate exceeded':
      record.outcomes.size === 0 && record.mostEdits <= MOST_EDITS && record.mostPosts <= MOST_POSTS,
    'memory flat': leftBytes <= MOST_LEFT_BYTES,
    'stopped in order': exit === 0,
  }
  return {
    commands,
    speed,
    runs,
    ended: record.ended,
    messages: record.messages,
    answers: record.ephemerals,
    expectedAnswers: answers,
    seconds: Math.round(seconds),
    cpuMsPerCommand: Math.round((last.cpuMicros - first.cpuMicros) / 1000 / commands),
    ackMs: {
      median: slowest[Math.floor(slowest.length / 2)] ?? null,
      p99: slowest[Math.floor(slowest.length / 100)] ?? null,
      most: slowest[0] ?? null,
    },
    unacknowledged,
    mostEditsInAMinute: record.mostEdits,
    mostPostsOfAChannelInTenSeconds: record.mostPosts,
    refusedCalls: Object.fromEntries(record.outcomes),
    heapMiB: { first: mib(first.heap), last: mib(last.heap), after: points.map(([done, heap]) => [done, mib(heap)]) },
    residentMiBAtMost: mib(Math.max(resident, last.resident)),
    leftByACommandBytes: Math.round(leftBytes),
    databaseMiB: mib(database),
    checks,
    missing: missing.slice(0, 20),
    problems: record.problems.slice(0, 20),
  }
}

const mib = (bytes: number): number => Math.round((bytes / MIB) * 10) / 10

const sizeOf = (folder: string): number =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true })
        .map((name) => statSync(join(folder, String(name))))
        .reduce((sum, stat) => sum + (stat.isFile() ? stat.size : 0), 0)
    : 0

const options = readOptions(process.argv.slice(2))
const report = await soak(options)
if (options.json) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`)
else {
  const { checks, missing, problems, ...figures } = report
  for (const [name, value] of Object.entries(figures))
    process.stdout.write(`${name.padEnd(34)}${typeof value === 'object' ? JSON.stringify(value) : String(value)}\n`)
  for (const [name, holds] of Object.entries(checks)) process.stdout.write(`${holds ? 'held  ' : 'MISSED'}  ${name}\n`)
  for (const line of [...missing, ...problems]) process.stdout.write(`  ${line}\n`)
}
if (Object.values(report.checks).some((holds) => !holds)) process.exitCode = 1
