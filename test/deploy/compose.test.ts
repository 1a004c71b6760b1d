import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { ENVIRONMENT } from '../../src/settings/environment.ts'

const ROOT = join(import.meta.dirname, '..', '..')

/** What ours uses of the Compose Specification, and nothing else: a key that is misspelt fails. */
const service = z.strictObject({
  build: z.literal('.').optional(),
  image: z.string(),
  init: z.boolean().optional(),
  restart: z.enum(['always', 'unless-stopped', 'on-failure', 'no']),
  read_only: z.boolean().optional(),
  cap_drop: z.array(z.literal('ALL')).optional(),
  security_opt: z.array(z.string()).optional(),
  tmpfs: z.array(z.string().startsWith('/')).optional(),
  mem_limit: z
    .string()
    .regex(/^\d+[kmg]$/)
    .optional(),
  shm_size: z
    .string()
    .regex(/^\d+[kmg]$/)
    .optional(),
  pids_limit: z.int().positive().optional(),
  stop_grace_period: z
    .string()
    .regex(/^\d+s$/)
    .optional(),
  env_file: z.array(z.string().startsWith('./')).optional(),
  secrets: z.array(z.string()),
  environment: z.record(z.string(), z.string()).optional(),
  profiles: z.array(z.string()).optional(),
  command: z.array(z.string()).optional(),
  volumes: z.array(z.string().regex(/^[^:]+:\/[^:]+(?::ro)?$/)),
  depends_on: z.record(z.string(), z.strictObject({ condition: z.literal('service_healthy') })).optional(),
  healthcheck: z
    .strictObject({ test: z.array(z.string()), interval: z.string(), timeout: z.string(), retries: z.int() })
    .optional(),
  logging: z.strictObject({ driver: z.string(), options: z.record(z.string(), z.string()) }),
})
const file = z.strictObject({
  'x-medic': z.unknown(),
  services: z.record(z.string(), service),
  volumes: z.record(z.string(), z.null()),
  secrets: z.record(z.string(), z.strictObject({ file: z.string().startsWith('./secrets/') })),
})

const { services, volumes, secrets } = file.parse(
  parse(readFileSync(join(ROOT, 'compose.yaml'), 'utf8'), { merge: true }),
)

describe('compose.yaml', () => {
  it.each(['medic', 'worker'])('runs %s read-only, without rights, and after the database', (name) => {
    const one = services[name]
    expect(one).toMatchObject({
      init: true,
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
      depends_on: { postgres: { condition: 'service_healthy' } },
    })
    // Two containers of one name would take each other for dead.
    expect(one).not.toHaveProperty('hostname')
    for (const variable of Object.keys(one?.environment ?? {})) expect(Object.keys(ENVIRONMENT)).toContain(variable)
  })

  it('has no secret in it, and keeps them where neither Git nor an image gets them', () => {
    const text = readFileSync(join(ROOT, 'compose.yaml'), 'utf8')
    expect(text).not.toMatch(/xox[bap]-|postgres:\/\/|PASSWORD:/)
    const ignored = readFileSync(join(ROOT, '.gitignore'), 'utf8').split('\n')
    for (const path of ['medic.env', 'secrets/', 'medic.yaml']) expect(ignored).toContain(path)
    for (const one of Object.values(services)) for (const path of one.env_file ?? []) expect(path).toBe('./medic.env')
    const used = Object.values(services).flatMap((one) => one.secrets)
    expect([...new Set(used)].toSorted()).toEqual(Object.keys(secrets).toSorted())
  })

  it('gives the key to Medic alone and the password to the database alone, where the document says', () => {
    expect(services['postgres']?.secrets).toEqual(['database_password'])
    expect(services['postgres']?.environment?.['POSTGRES_PASSWORD_FILE']).toBe('/run/secrets/database_password')
    for (const name of ['medic', 'worker']) expect(services[name]?.secrets).toEqual(['id_ed25519'])
    const told = readFileSync(join(ROOT, 'docs', 'operations.md'), 'utf8')
    for (const words of ['/run/secrets/id_ed25519', 'secrets/database_password', 'secrets/id_ed25519', 'medic.env'])
      expect(told).toContain(words)
  })

  it('names volumes that are declared, and services that can say that they are well', () => {
    const named = Object.values(services)
      .flatMap((one) => one.volumes)
      .map((volume) => volume.split(':')[0] ?? '')
      .filter((source) => !source.startsWith('.'))
    expect([...new Set(named)].toSorted()).toEqual(Object.keys(volumes).toSorted())
    for (const one of Object.values(services))
      for (const other of Object.keys(one.depends_on ?? {})) expect(services[other]?.healthcheck).toBeDefined()
  })

  it('gives every process a folder of its own', () => {
    const states = ['medic', 'worker'].map((name) =>
      services[name]?.volumes.find((one) => one.endsWith(':/var/lib/medic')),
    )
    expect(new Set(states).size).toBe(2)
    expect(states).not.toContain(undefined)
  })
})
