import { z } from 'zod'
import { parseDuration } from '../domain/duration.ts'
import { CHECK_IDS } from '../domain/snapshot.ts'

/** The sections of medic.yaml about the fleet and the night. Every scalar is text there. */
const number = z
  .string()
  .regex(/^\d{1,9}(?:\.\d{1,3})?%?$/, 'expected a number such as 80 or 0.5')
  .transform((text) => Number(text.replace('%', '')))

const duration = (leastMs: number, words: string) =>
  z
    .string()
    .transform((text) => parseDuration(text) ?? -1)
    .refine((milliseconds) => milliseconds >= leastMs, words)

const isZone = (zone: string): boolean => {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).format(0) !== ''
  } catch {
    return false
  }
}

const digest = z.strictObject({
  name: z.string().regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/, 'expected a name of a-z 0-9 -'),
  hosts: z
    .union([z.string().min(1), z.array(z.string().min(1)).min(1)])
    .default('all')
    .transform((hosts) => (typeof hosts === 'string' ? hosts : hosts.join(','))),
  at: z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 'expected a time of day such as "07:00"'),
  zone: z.string().refine(isZone, 'expected a time zone such as Europe/Berlin or UTC').default('UTC'),
  channel: z
    .string()
    .regex(/^[CG][A-Z0-9]{1,30}$/, 'expected the id of a channel, such as C0123ABCD')
    .optional(),
  publish: z.array(z.string().min(1)).default([]),
})

const threshold = z.strictObject({ warn: number.optional(), critical: number.optional(), clear: number.optional() })

const yes = z.enum(['true', 'false']).transform((text) => text === 'true')

export const fleetSections = {
  digests: z
    .array(digest)
    .default([])
    .refine(
      (digests) => new Set(digests.map(({ name }) => name)).size === digests.length,
      'expected each digest to have a name of its own',
    ),
  thresholds: z.partialRecord(z.enum(CHECK_IDS), threshold).default({}),
  sampler: z
    .strictObject({
      enabled: yes.default(true),
      every: duration(60_000, 'expected a duration of at least 1m, such as 15m').default(15 * 60_000),
    })
    .default({ enabled: true, every: 15 * 60_000 }),
  retention: z
    .strictObject({
      samples: duration(3 * 86_400_000, 'expected a duration of at least 3d: forecasts need two days').default(
        14 * 86_400_000,
      ),
      digests: duration(86_400_000, 'expected a duration of at least 1d').default(90 * 86_400_000),
    })
    .default({ samples: 14 * 86_400_000, digests: 90 * 86_400_000 }),
  ansible: z
    .union([z.string().min(1), z.array(z.string().min(1))])
    .default([])
    .transform((paths) => (typeof paths === 'string' ? [paths] : paths)),
}

/** A nightly digest of medic.yaml. */
export interface DigestSetting {
  readonly name: string
  /** Names, groups, patterns, `all`, separated by commas. */
  readonly hosts: string
  /** `07:00` in the zone. */
  readonly at: string
  readonly zone: string
  readonly channel?: string | undefined
  readonly publish: readonly string[]
}

export interface FleetSettings {
  readonly digests: readonly DigestSetting[]
  readonly thresholds: Readonly<
    Partial<
      Record<
        (typeof CHECK_IDS)[number],
        {
          readonly warn?: number | undefined
          readonly critical?: number | undefined
          readonly clear?: number | undefined
        }
      >
    >
  >
  readonly sampler: { readonly enabled: boolean; readonly every: number }
  /** How long samples and digests are kept, in milliseconds. */
  readonly retention: { readonly samples: number; readonly digests: number }
  /** Ansible inventory files, absolute. */
  readonly ansible: readonly string[]
}
