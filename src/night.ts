import { hold } from './app/holder.ts'
import { DIGEST_RUNBOOK } from './app/digest/digest.ts'
import { thresholdsWith } from './app/digest/digestThresholds.ts'
import { createInventory } from './app/inventory/inventory.ts'
import type { InventorySources } from './app/inventory/inventory.ts'
import { nightJob } from './app/digest/night.ts'
import type { NightTools } from './app/digest/night.ts'
import { runSampler } from './app/trend/sampler.ts'
import type { SamplerTools } from './app/trend/sampler.ts'
import type { FleetSettings } from './settings/fleetSections.ts'
import { createScheduler } from './jobs/scheduler.ts'
import type { FleetTools } from './app/fleet/fleet.ts'
import { findRunbook } from './runbook/library.ts'
import type { Library } from './runbook/library.ts'
import type { Store } from './store/store.ts'

export interface NightOptions {
  /** Must post one message for one `digest.id`, however often it is called. */
  readonly deliver: NightTools['deliver']
  /** One line for the log. */
  readonly report: (line: string) => void
}

interface Parts {
  readonly settings: FleetSettings
  readonly sources: InventorySources
  readonly library: Library
  readonly fleet: FleetTools & { readonly store: Store }
  readonly connect: SamplerTools['connect']
}

/** Starts what happens without anybody asking: schedules and the sampler. Disposing it stops both. */
export const startNight = (parts: Parts, options: NightOptions): AsyncDisposable => {
  const { settings, sources, library, fleet } = parts
  // Schedules reach the hosts of medic.yaml only.
  const inventory = createInventory(sources, 'chat')
  const stop = new AbortController()
  const tools: NightTools = {
    fleet,
    select: (expression) => inventory.select(expression),
    runbook: findRunbook(library, DIGEST_RUNBOOK),
    thresholds: thresholdsWith(settings.thresholds),
    retention: settings.retention,
    deliver: options.deliver,
  }
  const scheduler = createScheduler(
    settings.digests.map((setting) => nightJob(setting, tools)),
    { store: fleet.store, now: fleet.now, hold: (key) => hold(fleet.store, key, fleet.now), report: options.report },
  )
  void scheduler.tick()
  const sampling = settings.sampler.enabled
    ? runSampler(
        () => inventory.list(),
        { store: fleet.store, connect: parts.connect, now: fleet.now, report: options.report },
        settings.sampler.every,
        stop.signal,
      ).catch((error: unknown) => options.report(`sampler: ${error instanceof Error ? error.message : String(error)}`))
    : Promise.resolve()
  return {
    async [Symbol.asyncDispose]() {
      stop.abort()
      await scheduler[Symbol.asyncDispose]()
      await sampling
    },
  }
}
