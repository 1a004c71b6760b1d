import { sql } from 'kysely'
import type { Kysely } from 'kysely'
import { StoreError } from '../domain/errors.ts'
import type { Tables } from './tables.ts'

interface Migration {
  readonly id: string
  readonly statements: readonly string[]
}

/** Numbered and only ever added to. Plain SQL that both engines understand, but for the types of bytes and text. */
const MIGRATIONS: readonly Migration[] = [
  {
    id: '0001-runs-and-incidents',
    statements: [
      `create table runs (id text primary key, host text not null, runbook text not null, state text not null,
         started_at_ms bigint not null, ended_at_ms bigint, body text not null)`,
      'create index runs_by_time on runs (started_at_ms)',
      `create table evidence (run_id text not null references runs (id), number integer not null, body BYTES not null,
         primary key (run_id, number))`,
      `create table incidents (id text primary key, run_id text not null references runs (id), host text not null,
         unit text, occurred_at_ms bigint not null, body text not null)`,
      'create index incidents_by_host on incidents (host, occurred_at_ms)',
      `create table postmortems (incident_id text not null references incidents (id), version integer not null,
         saved_at_ms bigint not null, markdown text not null, primary key (incident_id, version))`,
      'create table audit (number integer primary key, body text not null, hash text not null)',
    ],
  },
  {
    id: '0002-chat',
    statements: [
      'create table deliveries (key text primary key, at_ms bigint not null)',
      `create table run_requests (id text primary key, active_key text unique, host text not null, state text not null,
         created_at_ms bigint not null, body text not null)`,
      'create index run_requests_by_time on run_requests (created_at_ms)',
      `create table outgoing (id text primary key, thread_id text not null, number integer not null, state text not null,
         sent_as text, created_at_ms bigint not null, body text not null)`,
      'create index outgoing_by_state on outgoing (state, created_at_ms)',
      `create table approvals (id text primary key, pending_key text unique, state text not null,
         created_at_ms bigint not null, body text not null)`,
    ],
  },
  {
    id: '0004-fleet',
    statements: [
      `create table fleet_runs (id text primary key, state text not null, started_at_ms bigint not null,
         body text not null)`,
      'create index fleet_runs_by_time on fleet_runs (started_at_ms)',
      `create table fleet_hosts (fleet_id text not null references fleet_runs (id), number integer not null,
         host text not null, state text not null, run_id text, body text not null, primary key (fleet_id, number))`,
      'create index fleet_hosts_by_run on fleet_hosts (run_id)',
      `create table holders (key text primary key, holder text not null, heartbeat_at_ms bigint not null,
         is_cancelled integer not null)`,
      `create table machines (key text primary key, host text not null, last_seen_ms bigint not null,
         body text not null)`,
      'create index machines_by_host on machines (host, last_seen_ms)',
      `create table snapshots (machine text not null, check_id text not null, object text not null, body text not null,
         primary key (machine, check_id, object))`,
      `create table samples (machine text not null, at_ms bigint not null, body BYTES not null,
         primary key (machine, at_ms))`,
      'create index samples_by_time on samples (at_ms)',
      'create table digests (id text primary key, name text not null, at_ms bigint not null, body text not null)',
      'create index digests_by_name on digests (name, at_ms)',
      `create table job_days (job text not null, local_date text not null, state text not null, at_ms bigint not null,
         detail text not null, primary key (job, local_date))`,
    ],
  },
  {
    id: '0005-pages',
    statements: [
      `create table publications (incident_id text not null, target text not null, body text not null,
         primary key (incident_id, target))`,
      'create table page_statuses (incident_id text primary key, status text not null, body text not null)',
    ],
  },
]

/** What a database that is up to date names last. */
export const NEWEST_MIGRATION = MIGRATIONS.at(-1)?.id ?? 'none'

/**
 * Brings a database up to date. Throws StoreError for one that a newer version has changed already. Two processes may start at once: all of it happens in one transaction that takes the
 * write lock first, so the second one waits and then finds nothing to do.
 */
export const migrate = async (
  database: Kysely<Tables>,
  engine: {
    readonly bytes: 'blob' | 'bytea'
    /** Left out, `text`. An engine that would sort by its locale says otherwise here. */
    readonly text?: string
    readonly lock: (transaction: Kysely<Tables>) => Promise<unknown>
  },
): Promise<void> => {
  await database.transaction().execute(async (transaction) => {
    await engine.lock(transaction)
    await sql`create table if not exists migrations (id text primary key, applied_at_ms bigint not null)`.execute(
      transaction,
    )
    const done = new Set((await transaction.selectFrom('migrations').select('id').execute()).map((row) => row.id))
    const unknown = [...done].find((id) => MIGRATIONS.every((migration) => migration.id !== id))
    if (unknown !== undefined)
      throw new StoreError(`the database is newer than this Medic: it has "${unknown}"`, {
        hint: 'upgrade this one too: every process of one database runs the same version',
      })
    for (const migration of MIGRATIONS) {
      if (done.has(migration.id)) continue
      for (const statement of migration.statements) {
        const own = statement.replaceAll('BYTES', engine.bytes).replaceAll(/\btext\b/g, engine.text ?? 'text')
        await sql.raw(own).execute(transaction)
      }
      await transaction.insertInto('migrations').values({ id: migration.id, applied_at_ms: Date.now() }).execute()
    }
  })
}
