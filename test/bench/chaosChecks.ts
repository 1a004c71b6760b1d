import type { FleetRun } from '../../src/domain/fleetRun.ts'
import type { Run } from '../../src/domain/run.ts'
import type { Store } from '../../src/store/store.ts'
import type { FakeWorkspace } from '../support/slack/fakeWorkspace.ts'
import type { Delivery, Message } from '../support/slack/records.ts'

/** More than any chaos leaves behind. */
const ALL = 5_000

export interface ChaosLoad {
  /** Hosts of each fleet run, as the settings name them. */
  readonly fleetHosts: readonly string[]
  readonly digests: readonly string[]
  /** What people typed, each with the host it names: one command a host. */
  readonly commands: readonly { readonly host: string; readonly delivery: Delivery }[]
}

export interface ChaosCounts {
  readonly fleetRuns: number
  readonly hostResults: number
  readonly digestMessages: number
  readonly answered: number
  readonly refused: number
  /** Runs that a killed process left, which were begun anew under another id. */
  readonly abandoned: number
}

/** Everything that was promised, looked up in the store and in the workspace after the last kill. */
export const checkChaos = async (
  store: Store,
  workspace: FakeWorkspace,
  load: ChaosLoad,
): Promise<{ readonly counts: ChaosCounts; readonly violations: readonly string[] }> => {
  const violations: string[] = []
  const must = (holds: boolean, what: string): void => {
    if (!holds) violations.push(what)
  }
  const runs = await store.listRuns(ALL)
  const owned = new Map<string, string>()
  const fleets = await store.listFleetRuns(ALL)
  for (const fleet of fleets) await checkFleet(store, fleet, { load, owned, must })
  const counts = {
    fleetRuns: fleets.length,
    hostResults: owned.size,
    digestMessages: checkDigests(workspace, load, must),
    ...checkCommands(workspace, load, must),
    abandoned: runs.filter(({ state }) => state === 'interrupted').length,
  }
  for (const request of await store.listRequests({ limit: ALL })) {
    must(request.state === 'done', `request for ${request.host}: ${request.state}, expected done`)
    if (request.runId !== null) owned.set(request.runId, `the request for ${request.host}`)
  }
  checkRuns(runs, owned, must)
  must((await store.listUnsent(ALL)).length === 0, 'messages wait in the outbox for ever')
  const broken = await store.verifyAudit()
  must(broken === undefined, `the audit record does not hold at entry ${broken ?? 0}`)
  must(workspace.bugs.length === 0, `the fake workspace failed: ${String(workspace.bugs[0])}`)
  return { counts, violations }
}

type Must = (holds: boolean, what: string) => void

interface FleetCheck {
  readonly load: ChaosLoad
  /** Which row each run of a host belongs to. */
  readonly owned: Map<string, string>
  readonly must: Must
}

/** Every host once, every host done, and each with a finished run of its own. */
const checkFleet = async (store: Store, fleet: FleetRun, { load, owned, must }: FleetCheck): Promise<void> => {
  const rows = await store.listFleetHosts(fleet.id)
  must(fleet.state === 'done', `${fleet.id} (${fleet.runbook}): ${fleet.state}, expected done`)
  must(same(namesOf(rows), load.fleetHosts), `${fleet.id}: its rows are not the hosts it was given`)
  for (const row of rows) {
    const where = `${fleet.id}/${row.host}`
    must(row.state === 'done' && row.runId !== null, `${where}: ${row.state}, expected done: ${row.error ?? ''}`)
    if (row.runId === null) continue
    must(!owned.has(row.runId), `${where}: its run ${row.runId} is that of ${owned.get(row.runId) ?? ''} too`)
    owned.set(row.runId, where)
    const evidence = await store.readEvidence(row.runId)
    must(evidence.length > 0, `${where}: nothing of it is kept`)
    must(
      new Set(evidence.map(({ step, subject, command }) => JSON.stringify([step, subject, command]))).size ===
        evidence.length,
      `${where}: a step is kept twice`,
    )
  }
}

/** A finished run that no row and no request names would be work done twice. */
const checkRuns = (runs: readonly Run[], owned: ReadonlyMap<string, string>, must: Must): void => {
  for (const run of runs) {
    must(run.state !== 'running', `${run.id} (${run.host}): says that it still runs`)
    if (run.state === 'done') must(owned.has(run.id), `${run.id} (${run.host}): done, and belongs to nothing`)
    else must(!owned.has(run.id), `${run.id} of ${owned.get(run.id) ?? ''}: ${run.state}, expected done`)
  }
}

const checkDigests = (workspace: FakeWorkspace, { digests }: ChaosLoad, must: Must): number => {
  const heads = workspace.channelMessages('ops').filter((message) => holds(message, 'hosts checked'))
  for (const name of digests) {
    const own = heads.filter((message) => holds(message, `Digest ${name},`))
    must(own.length === 1, `digest ${name}: ${own.length} messages, expected 1`)
    const [head] = own
    if (head === undefined) continue
    const files = workspace.thread('ops', head.ts).filter(({ files: [one] = [] }) => one !== undefined)
    must(files.length === 1, `digest ${name}: ${files.length} reports in its thread, expected 1`)
  }
  must(heads.length === digests.length, `${heads.length} messages of digests, expected ${digests.length}`)
  return heads.length
}

/** What was acknowledged is answered exactly once; what was not, at most once: its person saw an error. */
const checkCommands = (workspace: FakeWorkspace, { commands }: ChaosLoad, must: Must) => {
  let answered = 0
  let refused = 0
  const heads = workspace.channelMessages('ops')
  for (const { host, delivery } of commands) {
    const own = heads.filter((message) => message.text.includes(`: ${host}: `))
    if (delivery.ack === null) refused += 1
    must(own.length <= 1, `${host}: ${own.length} messages in the channel, expected 1`)
    must(own.length === 1 || delivery.ack === null, `${host}: acknowledged, and nothing was said`)
    const [head] = own
    if (head === undefined) continue
    answered += 1
    const thread = workspace.thread('ops', head.ts)
    for (const part of ['Killed process', '🔧 Proposed change', 'postmortem_edit', 'run_again']) {
      const count = thread.filter((message) => message.ts !== head.ts && holds(message, part)).length
      must(count === 1, `${host}: "${part}" stands in ${count} messages of its thread, expected 1`)
    }
    must(holds(head, '✅'), `${host}: its first message never said that it was done`)
  }
  return { answered, refused }
}

const holds = (message: Message, text: string): boolean =>
  `${message.text}\n${JSON.stringify(message.blocks ?? [])}`.includes(text)

const namesOf = (rows: readonly { readonly host: string }[]): readonly string[] => rows.map(({ host }) => host)

const same = (one: readonly string[], other: readonly string[]): boolean =>
  JSON.stringify(one.toSorted()) === JSON.stringify(other.toSorted())
