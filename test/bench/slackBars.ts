import { readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { FakeWorkspace } from '../support/slack/fakeWorkspace.ts'
import type { Message } from '../support/slack/records.ts'
import { BotHome, type BotProcess } from '../slack/botProcess.ts'
import { medianOf } from './options.ts'

// How fast the bot answers, and what it holds while nobody asks: the real process, a fake workspace at Slack's own rates,
// recorded hosts.
//
//   node test/bench/slackBars.ts [--json]

const ROUNDS = 5
const MANY = 50
const CHANNELS = 10
/** A bot nobody asks anything has done its start-up work by then. */
const IDLE_MS = 15_000

interface Bar {
  readonly what: string
  readonly measured: string
  readonly limit: string
  readonly isHeld: boolean
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`
const below = (what: string, ms: number, limitMs: number, how: string): Bar => ({
  what,
  measured: `${seconds(ms)}${how}`,
  limit: seconds(limitMs),
  isHeld: ms < limitMs,
})

/** Resident memory as the kernel counts it; parts that are mapped from files can be given back at any time. */
const residentOf = ({ child }: BotProcess): { readonly all: number; readonly own: number } => {
  const status = readFileSync(`/proc/${child.pid}/status`, 'utf8')
  const kib = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? Number.NaN)
  return { all: kib('VmRSS') / 1024, own: kib('RssAnon') / 1024 }
}

const oneAtATime = async (): Promise<readonly Bar[]> => {
  await using workspace = await new FakeWorkspace({ rateLimits: RATES }).start()
  await using home = new BotHome({ asInstalled: true })
  const bot = await home.start(workspace)
  await pause(IDLE_MS)
  const idle = residentOf(bot)
  const rounds: { ackMs: number; headMs: number; verdictMs: number }[] = []
  for (let round = 0; round < ROUNDS; round += 1) {
    const after = workspace.mark()
    const startedAt = performance.now()
    const command = workspace.slash('/oom-triage demo', { in: 'ops' })
    const said = workspace.waitForMessage({ having: /first look: demo/, after, withinMs: LONGEST_MS })
    const proved = workspace.waitForMessage({ having: /Killed process \d+/, after, withinMs: LONGEST_MS })
    const ended = workspace.waitForContent({ having: /demo: done/, after, withinMs: LONGEST_MS })
    const ack = await command.settled
    await said
    const headMs = performance.now() - startedAt
    await proved
    rounds.push({ ackMs: ack?.latencyMs ?? Number.NaN, headMs, verdictMs: performance.now() - startedAt })
    await ended
    await workspace.waitForFile({ after, withinMs: LONGEST_MS })
    await pause(5_000)
  }
  await pause(IDLE_MS)
  const later = residentOf(bot)
  const [first] = rounds
  const figure = (name: 'ackMs' | 'headMs' | 'verdictMs') => Math.max(...rounds.map((round) => round[name]))
  const middle = (name: 'ackMs' | 'headMs' | 'verdictMs') =>
    ` slowest of ${ROUNDS}, median ${seconds(medianOf(rounds.map((round) => round[name])))}, first ${seconds(first?.[name] ?? Number.NaN)}`
  return [
    below('acknowledged', figure('ackMs'), 300, middle('ackMs')),
    below('head message', figure('headMs'), 1_000, middle('headMs')),
    below('verdict on demo', figure('verdictMs'), 3_000, middle('verdictMs')),
    resident('resident, idle since its start', idle, 120),
    resident(`resident, idle after ${ROUNDS} runs`, later, null),
  ]
}

const resident = (what: string, { all, own }: { all: number; own: number }, limit: number | null): Bar => ({
  what,
  measured: `${all.toFixed(0)} MiB (${own.toFixed(0)} its own, the rest the program itself)`,
  limit: limit === null ? 'none' : `${limit} MiB`,
  isHeld: limit === null || all <= limit,
})

/** Everybody asks in the same second. */
const manyAtOnce = async (): Promise<readonly Bar[]> => {
  const channels = Array.from({ length: CHANNELS }, (_, index) => ({ id: `C0BARS${index}`, name: `bars${index}` }))
  await using workspace = await new FakeWorkspace({ channels, rateLimits: RATES }).start()
  const names = Array.from({ length: MANY }, (_, index) => `fleet${String(index).padStart(2, '0')}`)
  await using home = new BotHome({
    hosts: names.map((name) => `  ${name}: {replay: demo}`).join('\n'),
    asInstalled: true,
  })
  const bot = await home.start(workspace)
  await pause(2_000)
  const startedAt = performance.now()
  const commands = names.map((name, index) => workspace.slash(`/oom-triage ${name}`, { in: `bars${index % CHANNELS}` }))
  const acks = (await Promise.all(commands.map((command) => command.settled))).map((ack) => ack?.latencyMs ?? Infinity)
  const isVerdict = (message: Message): boolean => message.text.startsWith('🔴')
  const verdicts = names.map((name) =>
    workspace.waitForMessage({
      having: (message) => isVerdict(message) && message.text.includes(`${name}:`),
      withinMs: LONGEST_MS,
    }),
  )
  const heads = names.map((name) =>
    workspace.waitForMessage({ having: new RegExp(`first look: ${name}`), withinMs: LONGEST_MS }),
  )
  await Promise.all(heads)
  const headsMs = performance.now() - startedAt
  await Promise.all(verdicts)
  const verdictsMs = performance.now() - startedAt
  const most = residentOf(bot)
  for (const name of names)
    await workspace.waitForContent({ having: new RegExp(`${name}: done`), withinMs: LONGEST_MS })
  const endedMs = performance.now() - startedAt
  const wrong = channels.flatMap(({ name: channel }, index) => {
    const roots = workspace.channelMessages(channel)
    const asked = names.filter((_, at) => at % CHANNELS === index)
    const inOrder = roots.every((root, at) => root.text.includes(asked[at] ?? '?')) && roots.length === asked.length
    const first = roots.every((root) => isVerdict(workspace.thread(channel, root.ts)[1] ?? root))
    return inOrder && first ? [] : [channel]
  })
  const refused = workspace.calls.filter((call) => call.outcome === '429').length
  return [
    below(`${MANY} at once: acknowledged`, Math.max(...acks), 1_000, ` slowest, median ${seconds(medianOf(acks))}`),
    {
      what: `${MANY} at once: order`,
      measured: wrong.length === 0 ? 'heads as asked, each verdict the first reply' : `wrong in ${wrong.join(', ')}`,
      limit: 'in order',
      isHeld: wrong.length === 0,
    },
    {
      what: `${MANY} at once: calls refused for their rate`,
      measured: String(refused),
      limit: '0',
      isHeld: refused === 0,
    },
    open(`${MANY} at once: all heads`, seconds(headsMs)),
    open(`${MANY} at once: all verdicts`, seconds(verdictsMs)),
    open(`${MANY} at once: all heads final`, `${seconds(endedMs)}, by 40 edits a minute`),
    open(`${MANY} at once: resident`, `${most.all.toFixed(0)} MiB when the last verdict was out`),
  ]
}

/** Written down, without a limit. */
const open = (what: string, measured: string): Bar => ({ what, measured, limit: 'none', isHeld: true })

const RATES = { posting: { perSecond: 1, burst: 8 }, tiers: true }
const LONGEST_MS = 240_000

const bars = [...(await oneAtATime()), ...(await manyAtOnce())]
if (process.argv.includes('--json')) process.stdout.write(`${JSON.stringify(bars, null, 2)}\n`)
else
  for (const { what, measured, limit, isHeld } of bars)
    process.stdout.write(`${isHeld ? 'held  ' : 'MISSED'}  ${what}: ${measured}; at most ${limit}\n`)
if (bars.some(({ isHeld }) => !isHeld)) process.exitCode = 1
