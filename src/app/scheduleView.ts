import type { Store } from '../store/store.ts'

export interface ScheduledDay {
  readonly localDate: string
  readonly state: string
  readonly detail: string
}

/** The last days of a digest's job, newest first; none without a store. */
export const lastDays = async (store: Store | null, digestName: string): Promise<readonly ScheduledDay[]> =>
  store === null
    ? []
    : (await store.listJobDays(`digest-${digestName}`, 3)).map(({ localDate, state, detail }) => ({
        localDate,
        state,
        detail,
      }))
