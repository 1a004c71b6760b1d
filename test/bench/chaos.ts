import { setTimeout } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { openPostgresStore } from '../../src/store/postgres.ts'
import type { Store } from '../../src/store/store.ts'
import { startPostgres } from '../support/postgres.ts'
import { createMachines } from '../support/siteMachine.ts'
import type { MedicProcess } from '../support/siteMachine.ts'
import { FakeWorkspace } from '../support/slack/fakeWorkspace.ts'
import type { Delivery } from '../support/slack/records.ts'
import { checkChaos } from './chaosChecks.ts'
import type { ChaosCounts } from './chaosChecks.ts'

// Two bots and two workers on one real Postgres, one of each killed again and again while fleets, digests and commands
// go on. Exits with 1 when a host was lost or anything was done or said twice.
//   node test/bench/chaos.ts
//   node test/bench/chaos.ts --seconds 30 --every 10

const SITE_HOSTS = 16
const LOCAL_HOSTS = 2
const MINUTE_MS = 60_000
/** A worker's lease ends within a minute (security-reliability.md section 9), a digest begins within two. */
const SETTLE_MS = 240_000

export interface ChaosOptions {
  readonly seconds: number
  readonly everySeconds: number
  readonly say: (line: string) => void
}

export interface ChaosReport extends ChaosCounts {
  readonly killedBots: number
  readonly killedWorkers: number
  readonly killedTerminals: number
  readonly commands: number
  readonly settleSeconds: number
  readonly violations: readonly string[]
}

/** Kills for `seconds`, lets what was begun come to its end, and looks whether every promise was kept. */
export const runChaos = async ({ seconds, everySeconds, say }: ChaosOptions): Promise<ChaosReport> => {
  await using server = await startPostgres()
  const url = await server.createDatabase()
  await using workspace = await new FakeWorkspace().start()
  const digests = digestTimes(seconds)
  const commandHosts = Array.from({ length: Math.ceil(seconds / secondsBetween(everySeconds)) }, (_, n) => `desk-${n}x`)
  const fleetHosts = [...numbered('fra', SITE_HOSTS), ...numbered('here', LOCAL_HOSTS)]
  const sites = [...fleetHosts, ...commandHosts].map((name) => [name, name.startsWith('fra') ? 'fra' : ''])
  using machines = createMachines(url, Object.fromEntries(sites), settingsOf(digests))
  await using store = await openPostgresStore(url)
  for (const { name } of digests) await knownForDays(store, name)
  const slack = {
    SLACK_BOT_TOKEN: workspace.tokens.bot,
    SLACK_APP_TOKEN: workspace.tokens.app,
    SLACK_API_URL: workspace.apiUrl,
  }
  const bots = new Crew(() => machines.medicWith(slack, 'serve'))
  const workers = new Crew(() => machines.medic('worker', '--site', 'fra', '--concurrency', '2'))
  await Promise.all([...bots.ready('connected to Slack'), ...workers.ready('working for fra')])

  const over = AbortSignal.timeout(seconds * 1000)
  const commands: { host: string; delivery: Delivery }[] = []
  const fleets = keepFleetsRunning({ medic: machines.medic, store, fleetHosts, say }, over)
  const typing = (async () => {
    for (const host of commandHosts) {
      if (over.aborted) return
      commands.push({ host, delivery: workspace.slash(`/oom-triage ${host}`) })
      await pause(secondsBetween(everySeconds) * 1000, over)
    }
  })()
  const killing = (async () => {
    for (let round = 0; ; round += 1) {
      await pause(everySeconds * 1000, over)
      if (over.aborted) return
      bots.killOne(round)
      workers.killOne(round)
      say(`killed one bot and one worker, time ${round + 1}`)
    }
  })()
  const [terminal] = await Promise.all([fleets, typing, killing])
  const before = performance.now()
  await Promise.all(commands.map(({ delivery }) => delivery.settled))
  const names = digests.map(({ name }) => name)
  const late = await untilSettled(store, names)
  const settleSeconds = Math.round((performance.now() - before) / 1000)
  const { counts, violations } = await checkChaos(store, workspace, { fleetHosts, digests: names, commands })
  const all = [
    ...late,
    ...terminal.violations,
    ...bots.violations('a bot'),
    ...workers.violations('a worker'),
    ...violations,
  ]
  if (all.length > 0)
    for (const one of [...bots.all, ...workers.all]) say(`--- ${one.child.pid}\n${one.errors().slice(-6_000)}`)
  return {
    ...counts,
    killedBots: bots.killed.size,
    killedWorkers: workers.killed.size,
    killedTerminals: terminal.killed,
    commands: commands.length,
    settleSeconds,
    violations: all,
  }
}

/** Processes of one kind; whoever is killed is started again at once, as a supervisor does it. */
class Crew {
  readonly all: MedicProcess[] = []
  readonly killed = new Set<MedicProcess>()
  readonly #start: () => MedicProcess
  readonly #places: MedicProcess[]

  constructor(start: () => MedicProcess) {
    this.#start = () => {
      const one = start()
      this.all.push(one)
      return one
    }
    this.#places = [this.#start(), this.#start()]
  }

  ready(words: string): readonly Promise<void>[] {
    return this.#places.map((one) => one.said(words))
  }

  killOne(round: number): void {
    const place = round % this.#places.length
    const one = this.#places[place]
    if (one === undefined) return
    this.killed.add(one)
    one.child.kill('SIGKILL')
    this.#places[place] = this.#start()
  }

  /** Nobody ended but those who were killed. */
  violations(what: string): readonly string[] {
    return this.all
      .filter((one) => !this.killed.has(one) && (one.child.exitCode !== null || one.child.signalCode !== null))
      .map((one) => `${what} ended by itself with ${String(one.child.exitCode)}: ${one.errors().slice(-500)}`)
  }
}

interface FleetLoad {
  readonly medic: (...words: string[]) => MedicProcess
  readonly store: Store
  readonly fleetHosts: readonly string[]
  readonly say: (line: string) => void
}

/** One fleet run after the other, as people start them; the terminal of every second one is killed and its run resumed. */
const keepFleetsRunning = async ({ medic, store, fleetHosts, say }: FleetLoad, over: AbortSignal) => {
  const violations: string[] = []
  let killed = 0
  for (let number = 0; !over.aborted; number += 1) {
    let asked = medic('triage', '--hosts', 'fra-*,here-*', '--json')
    if (number % 2 === 1) {
      await asked.said('"medic.')
      asked.child.kill('SIGKILL')
      await asked.ended
      killed += 1
      const left = (await store.listFleetRuns(50)).find(
        (run) => run.state === 'running' && run.runbook === 'oom-triage',
      )
      if (left === undefined) continue
      asked = medic('run', 'resume', left.id, '--json')
    }
    const exit = await asked.ended
    say(`fleet run ${number + 1} ended with ${String(exit)}`)
    if (exit !== 1)
      violations.push(`fleet run ${number + 1}: exit ${String(exit)}, expected 1: ${asked.errors().slice(-500)}`)
    if (number % 2 === 1) continue
    const said = asked
      .output()
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { readonly host: string }).host)
    if (said.length !== fleetHosts.length || new Set(said).size !== said.length)
      violations.push(`fleet run ${number + 1}: ${said.length} results, expected ${fleetHosts.length}, each once`)
  }
  return { violations, killed }
}

/** What never came to its end, by name. */
const untilSettled = async (store: Store, digests: readonly string[]): Promise<readonly string[]> => {
  const deadline = performance.now() + SETTLE_MS
  for (;;) {
    const open: string[] = []
    for (const request of await store.listRequests({ state: 'active', limit: 100 }))
      open.push(`request ${request.host}`)
    for (const { id } of await store.listUnsent(100)) open.push(`message ${id}`)
    for (const fleet of await store.listFleetRuns(100)) if (fleet.state === 'running') open.push(fleet.id)
    for (const name of digests) {
      const days = await store.listJobDays(`digest-${name}`, 20)
      if (!days.some(({ state }) => state === 'done')) open.push(`digest ${name}`)
    }
    if (open.length === 0) return []
    if (performance.now() > deadline) return open.map((what) => `${what}: not ended after ${SETTLE_MS / 1000} s`)
    await setTimeout(1_000)
  }
}

interface DigestTime {
  readonly name: string
  readonly at: string
}

/** One that was missed while nobody was there, and one for every other minute of the chaos. */
const digestTimes = (seconds: number): readonly DigestTime[] => {
  const offsets = [-3]
  for (let minute = 1; minute * 60 < seconds - 60; minute += 2) offsets.push(minute)
  return offsets.map((offset, index) => ({
    name: `night${index}`,
    at: new Date(Date.now() + offset * MINUTE_MS).toISOString().slice(11, 16),
  }))
}

const settingsOf = (digests: readonly DigestTime[]): string =>
  `sampler: {enabled: false}\ndigests:\n${digests
    .map(({ name, at }) => `  - {name: ${name}, hosts: ["fra-*", "here-*"], at: "${at}", zone: UTC, channel: C0OPS}\n`)
    .join('')}`

const knownForDays = async (store: Store, name: string): Promise<void> => {
  // Long enough for its last time to count, and for no other.
  const atMs = Date.now() - 20 * MINUTE_MS
  await store.claimJobDay({ job: `digest-${name}`, localDate: 'first', state: 'known', atMs, detail: '' })
}

const numbered = (name: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `${name}-${index}`)

const secondsBetween = (everySeconds: number): number => Math.max(3, everySeconds * 0.7)

const pause = async (ms: number, over: AbortSignal): Promise<void> => {
  await setTimeout(ms, undefined, { signal: over }).catch(() => {})
}

const main = async (): Promise<void> => {
  const { values } = parseArgs({
    options: { seconds: { type: 'string', default: '300' }, every: { type: 'string', default: '20' } },
  })
  const [seconds, everySeconds] = [Number(values.seconds), Number(values.every)]
  if (!(everySeconds >= 1 && seconds >= everySeconds)) {
    process.stderr.write('chaos: --every: expected a number of seconds from 1 up, and --seconds no less than that\n')
    process.exitCode = 64
    return
  }
  const begun = performance.now()
  const report = await runChaos({
    seconds,
    everySeconds,
    say: (line) =>
      process.stderr.write(`${String(Math.round((performance.now() - begun) / 1000)).padStart(4)} s  ${line}\n`),
  })
  const { violations, ...numbers } = report
  for (const [name, value] of Object.entries(numbers))
    process.stdout.write(`${name.padEnd(20)}${String(value).padStart(6)}\n`)
  process.stdout.write(`${'violations'.padEnd(20)}${String(violations.length).padStart(6)}\n`)
  for (const violation of violations) process.stdout.write(`  ${violation}\n`)
  process.exitCode = violations.length === 0 ? 0 : 1
}

if (import.meta.main) await main()
