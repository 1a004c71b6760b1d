import type { Digest } from '../../domain/digest.ts'
import type { Host } from '../../domain/host.ts'
import type { Job, JobRun } from '../../jobs/job.ts'
import { formatDuration } from '../../render/format.ts'
import type { Runbook } from '../../runbook/runbook.ts'
import type { Store } from '../../store/store.ts'
import { makeDigest } from './digest.ts'
import type { DigestSetting } from '../../settings/fleetSections.ts'
import type { Thresholds } from './digestThresholds.ts'
import type { FleetTools } from '../fleet/fleet.ts'
import { openRows } from '../fleet/runView.ts'

export interface NightTools {
  readonly fleet: FleetTools & { readonly store: Store }
  /** Hosts of an expression: medic.yaml only, never ~/.ssh/config. */
  readonly select: (expression: string) => readonly Host[]
  readonly runbook: Runbook
  readonly thresholds: Thresholds
  /** How long samples and digests are kept. */
  readonly retention: { readonly samples: number; readonly digests: number }
  /**
   * Posts the digest. Called again with the same digest when a process died before it had returned: it must post one
   * message for one `digest.id`.
   */
  readonly deliver: (digest: Digest, setting: DigestSetting, signal: AbortSignal) => Promise<void>
}

/** The nightly job of one digest: look at the fleet, keep the digest, post it, forget what is too old. */
export const nightJob = (setting: DigestSetting, tools: NightTools): Job => ({
  name: `digest-${setting.name}`,
  time: { at: setting.at, zone: setting.zone },
  async run(day, signal) {
    const { earlier } = day
    const { store } = tools.fleet
    const digest = (await keptDigest(store, setting.name, earlier)) ?? (await lookAtFleet())
    if (digest === null) return 'stopped'
    // First, so that a channel that refuses every message does not let them grow for ever.
    await store.forgetSamples(tools.fleet.now() - tools.retention.samples)
    await store.forgetDigests(tools.fleet.now() - tools.retention.digests)
    await tools.deliver(digest, setting, signal)
    return digest.id

    async function lookAtFleet(): Promise<Digest | null> {
      const begun = earlier === null ? undefined : await store.findFleetRun(earlier)
      const run = makeDigest(
        tools.fleet,
        {
          name: setting.name,
          expression: setting.hosts,
          hosts: tools.select(setting.hosts),
          runbook: tools.runbook,
          thresholds: tools.thresholds,
          requestedBy: 'schedule',
          missed: missedLines(setting, day, tools.fleet.now()),
          ...(begun === undefined
            ? {}
            : { resume: { run: begun, hosts: openRows(await store.listFleetHosts(begun.id)) } }),
        },
        signal,
      )
      let step = await run.next()
      while (!step.done) {
        if (step.value.type === 'started') await day.remember(step.value.run.id)
        step = await run.next()
      }
      return step.value.run.state === 'done' ? step.value.digest : null
    }
  },
})

/** The scheduler itself looks within minutes (jobs/scheduler.ts: jitter and pause); later means that nobody was there. */
const LATE_MS = 10 * 60_000
/** Named one by one up to here. Our choice. */
const MOST_NAMED = 3

/** What is said of nights on which nobody looked: that this one is late, and which ones never will be. */
const missedLines = ({ at, zone }: DigestSetting, { occurrence, missed }: JobRun, nowMs: number): readonly string[] => {
  const lines: string[] = []
  const lateMs = nowMs - occurrence.dueAtMs
  if (lateMs > LATE_MS)
    lines.push(
      `due at ${at} (${zone}) on ${occurrence.localDate}, made ${formatDuration(lateMs)} late: Medic was not running`,
    )
  const [first] = missed
  const last = missed.at(-1)
  if (first === undefined || last === undefined) return lines
  const nights = missed.length > MOST_NAMED ? `${missed.length} nights, ${first} to ${last}` : missed.join(', ')
  return [...lines, `no digest on ${nights}: Medic was not running`]
}

/** A process died after the digest was kept and before it was posted. */
const keptDigest = async (store: Store, name: string, id: string | null): Promise<Digest | null> => {
  const record = id === null ? undefined : await store.findLastDigest(name)
  return record !== undefined && record.id === id ? (JSON.parse(record.body) as Digest) : null
}
