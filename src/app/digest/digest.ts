import { formatDuration } from '../../domain/duration.ts'
import type { Digest, DigestMover, NotChecked } from '../../domain/digest.ts'
import type { FleetHost, FleetRun } from '../../domain/fleetRun.ts'
import type { Host } from '../../domain/host.ts'
import type { Runbook } from '../../runbook/runbook.ts'
import { analyseStored } from '../analyse.ts'
import type { Analysis } from '../analyse.ts'
import { chapterOf, silentChapter } from './digestHost.ts'
import type { HostChapter } from './digestHost.ts'
import type { Thresholds } from './digestThresholds.ts'
import { runFleet } from '../fleet/fleet.ts'
import type { FleetEvent, FleetTools } from '../fleet/fleet.ts'
import { Journal } from '../journal.ts'

export const DIGEST_RUNBOOK = 'health-digest'

export interface DigestRequest {
  /** Digests of one name follow each other. */
  readonly name: string
  /** As it was asked for: `all`, `web`. */
  readonly expression: string
  readonly hosts: readonly Host[]
  readonly runbook: Runbook
  readonly thresholds: Thresholds
  readonly requestedBy: string
  /** Nights a schedule knows it missed, in words. */
  readonly missed?: readonly string[]
  readonly resume?: { readonly run: FleetRun; readonly hosts: readonly FleetHost[] }
  readonly concurrency?: number
}

export interface DigestEnd {
  readonly digest: Digest
  readonly hosts: readonly FleetHost[]
  readonly run: FleetRun
  readonly notStored: string | null
}

const DAY_MS = 86_400_000
/** A week says all that a morning can take in. */
const LONGEST_MS = 7 * DAY_MS
const SHORTEST_MS = 3_600_000
const MOVERS = 10

/** Looks at hosts and compares them with the digest before. Snapshots move on only once the digest itself is kept. */
export async function* makeDigest(
  tools: FleetTools,
  request: DigestRequest,
  signal: AbortSignal,
): AsyncGenerator<FleetEvent, DigestEnd> {
  const journal = new Journal(tools.store)
  const previous = (await journal.read((store) => store.findLastDigest(request.name))) ?? null
  const startedAtMs = request.resume?.run.startedAtMs ?? tools.now()
  const spanMs = Math.min(LONGEST_MS, Math.max(SHORTEST_MS, startedAtMs - (previous?.atMs ?? startedAtMs - DAY_MS)))
  const book = new Book(tools, request, startedAtMs, startedAtMs - spanMs)
  const run = runFleet(
    tools,
    {
      hosts: request.hosts,
      runbook: request.runbook,
      parameters: { since: formatDuration(Math.ceil(spanMs / 1000) * 1000) },
      requestedBy: request.requestedBy,
      ...(request.resume === undefined ? {} : { resume: request.resume }),
      ...(request.concurrency === undefined ? {} : { concurrency: request.concurrency }),
    },
    signal,
  )
  let step = await run.next()
  while (!step.done) {
    if (step.value.type === 'started') await book.addEarlier(step.value.hosts)
    if (step.value.type === 'host-ended') await book.add(step.value.host, step.value.result?.analysis ?? null)
    yield step.value
    step = await run.next()
  }
  const end = step.value
  const digest = book.close(end.run, previous?.atMs ?? null)
  if (end.run.state === 'done') {
    await journal.write((store) =>
      store.saveDigest({ id: digest.id, name: digest.name, atMs: digest.atMs, body: JSON.stringify(digest) }),
    )
    await book.remember(journal)
  }
  return { digest, hosts: end.hosts, run: end.run, notStored: end.notStored ?? journal.problem }
}

class Book {
  readonly #tools: FleetTools
  readonly #request: DigestRequest
  readonly #atMs: number
  readonly #sinceMs: number
  readonly #hosts: ReadonlyMap<string, Host>
  readonly #chapters = new Map<string, HostChapter>()
  readonly #silent = new Map<string, { lines: Digest['lines']; entry: NotChecked }>()

  constructor(tools: FleetTools, request: DigestRequest, atMs: number, sinceMs: number) {
    this.#tools = tools
    this.#request = request
    this.#atMs = atMs
    this.#sinceMs = sinceMs
    this.#hosts = new Map(request.hosts.map((host) => [host.name, host]))
  }

  /** Hosts an earlier process finished. */
  async addEarlier(rows: readonly FleetHost[]): Promise<void> {
    for (const row of rows) if (row.state !== 'pending' && row.state !== 'running') await this.add(row, null)
  }

  async add(row: FleetHost, analysis: Analysis | null): Promise<void> {
    const host = this.#hosts.get(row.host)
    const { store } = this.#tools
    if (host === undefined) {
      this.#silent.set(row.host, {
        lines: [],
        entry: { host: row.host, reason: 'not in the inventory any more', lastSeenMs: null },
      })
      return
    }
    const input = { store, host, thresholds: this.#request.thresholds, atMs: this.#atMs, sinceMs: this.#sinceMs }
    const seen = row.state === 'done' ? (analysis ?? (await this.#stored(row))) : null
    if (seen === null) {
      const { lines, lastSeenMs } = await silentChapter(input)
      const reason = row.error === null ? row.state : `${row.state}: ${row.error}`
      this.#silent.set(row.host, { lines, entry: { host: row.host, reason, lastSeenMs } })
    } else this.#chapters.set(row.host, await chapterOf(input, seen))
  }

  async #stored(row: FleetHost): Promise<Analysis | null> {
    const { store } = this.#tools
    if (row.runId === null || store === null) return null
    const run = await store.findRun(row.runId)
    return run === undefined ? null : analyseStored(await store.readEvidence(run.id), run.window)
  }

  close(run: FleetRun, previousAtMs: number | null): Digest {
    const { name, expression, hosts } = this.#request
    // In the order of the inventory, so that two runs read alike.
    const chapters = hosts.flatMap((host) => this.#chapters.get(host.name) ?? [])
    const silent = [...this.#silent.values()].toSorted((one, other) => (one.entry.host < other.entry.host ? -1 : 1))
    return {
      schema: 'medic.digest/1',
      id: run.id,
      name,
      hosts: expression,
      atMs: this.#atMs,
      sinceMs: this.#sinceMs,
      previousAtMs,
      missed: this.#request.missed ?? missedNights(previousAtMs, this.#atMs),
      total: this.#chapters.size + this.#silent.size,
      checked: this.#chapters.size,
      lines: [...chapters.flatMap(({ lines }) => lines), ...silent.flatMap(({ lines }) => lines)],
      growing: chapters.flatMap(({ growing }) => growing),
      changes: chapters.flatMap(({ changes }) => changes),
      movers: chapters
        .flatMap(({ movers }) => movers)
        .toSorted(byMove)
        .slice(0, MOVERS),
      notChecked: silent.map(({ entry }) => entry),
      partly: chapters.flatMap(({ machine, blind }) =>
        blind === null || machine === null ? [] : [{ host: machine.host, text: blind }],
      ),
      unforecast: countReasons(chapters.flatMap(({ unforecast }) => unforecast ?? [])),
      runId: run.id,
    }
  }

  async remember(journal: Journal): Promise<void> {
    for (const { machine, snapshots, sample } of this.#chapters.values()) {
      if (machine === null) continue
      await journal.write(async (store) => {
        await store.saveMachine(machine)
        await store.saveSnapshots(machine.key, snapshots)
        if (sample !== null) await store.addSample(machine.key, sample)
      })
    }
  }
}

const byMove = (one: DigestMover, other: DigestMover): number =>
  Math.abs(other.toBytes - other.fromBytes) - Math.abs(one.toBytes - one.fromBytes)

const missedNights = (previousAtMs: number | null, atMs: number): readonly string[] => {
  if (previousAtMs === null) return []
  const nights = Math.round((atMs - previousAtMs) / DAY_MS) - 1
  if (nights < 1) return []
  const last = new Date(previousAtMs).toISOString().slice(0, 16).replace('T', ' ')
  return [`no digest for ${nights} night${nights === 1 ? '' : 's'}: the one before was made ${last} UTC`]
}

const countReasons = (reasons: readonly string[]): readonly { readonly reason: string; readonly count: number }[] => {
  const counts = new Map<string, number>()
  for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1)
  return [...counts].map(([reason, count]) => ({ reason, count })).toSorted((one, other) => other.count - one.count)
}
