import { seenWorkers } from '../app/fleet/workers.ts'
import type { WorkerSeen } from '../app/fleet/workers.ts'
import { ExpectedError } from '../domain/errors.ts'
import type { Medic } from '../wire.ts'
import type { Check } from './check.ts'

/** The database: reachable, its tables as this version wants them, its record whole; and who works for which site. */
export const storeChecks = async (medic: Medic): Promise<readonly Check[]> => {
  try {
    const store = await medic.openStore()
    const { place, schema } = await medic.storePlace()
    const checks: Check[] = [
      { what: 'database', status: 'ok', detail: `${place}, tables at ${schema}`, mend: null },
      await recordCheck(medic),
    ]
    return [...checks, ...siteChecks(medic, await seenWorkers(store, Date.now()), Date.now())]
  } catch (error) {
    return [
      {
        what: 'database',
        status: 'fail',
        detail: error instanceof Error ? error.message : String(error),
        mend: error instanceof ExpectedError ? error.hint : null,
      },
    ]
  }
}

const recordCheck = async (medic: Medic): Promise<Check> => {
  const store = await medic.openStore()
  const broken = await store.verifyAudit()
  if (broken !== undefined) {
    return {
      what: 'store',
      status: 'fail',
      detail: `the audit record does not fit together from entry ${broken} on`,
      mend: 'somebody edited the database: keep a copy, and compare with a backup',
    }
  }
  const [newest] = await store.listRuns(1)
  return {
    what: 'store',
    status: 'ok',
    detail: newest === undefined ? 'no runs yet' : `newest run ${newest.id}`,
    mend: null,
  }
}

/** A site without a worker means hosts that nobody looks at. */
const siteChecks = (medic: Medic, workers: readonly WorkerSeen[], nowMs: number): readonly Check[] => {
  const wanted = new Map<string, number>()
  for (const { site } of medic.chatInventory.list()) if (site !== null) wanted.set(site, (wanted.get(site) ?? 0) + 1)
  if (medic.settings.databaseUrl === null) {
    if (wanted.size === 0) return []
    const detail = `${[...wanted.keys()].join(', ')}: their hosts are looked at from here, since DATABASE_URL is not set`
    return [{ what: 'sites', status: 'ok', detail, mend: null }]
  }
  const sites = [...new Set([...wanted.keys(), ...workers.filter((one) => one.isAlive).map(({ site }) => site)])]
  return sites.toSorted().map((site) => siteCheck(site, wanted.get(site) ?? 0, workers, nowMs))
}

const siteCheck = (site: string, hosts: number, workers: readonly WorkerSeen[], nowMs: number): Check => {
  const own = workers.filter((one) => one.site === site)
  const alive = own.filter((one) => one.isAlive)
  const what = `site ${site}`
  const about = `${hosts} ${hosts === 1 ? 'host' : 'hosts'} in medic.yaml`
  if (alive.length > 0) {
    const names = alive.map(({ machine, pid }) => `${machine} (pid ${pid})`).join(', ')
    return hosts > 0
      ? { what, status: 'ok', detail: `${about}, looked at by ${names}`, mend: null }
      : {
          what,
          status: 'warn',
          detail: `${names} waits for it, and no host has it`,
          mend: `\`site: ${site}\` in medic.yaml`,
        }
  }
  const [last] = own
  const seen =
    last === undefined
      ? ''
      : `; the last one, on ${last.machine}, was seen ${Math.round((nowMs - last.heartbeatAtMs) / 60_000)} min ago`
  return {
    what,
    status: 'fail',
    detail: `${about}, and no worker${seen}`,
    mend: `run \`medic worker --site ${site}\` near them`,
  }
}
