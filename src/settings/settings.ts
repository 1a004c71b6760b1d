import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { ConfigError } from '../domain/errors.ts'
import {
  credentialsPath,
  databaseUrl,
  healthAddress,
  ownSecrets,
  readDotEnv,
  slackSettings,
  userName,
} from './environment.ts'
import type { HealthAddress, SlackSettings } from './environment.ts'
import type { FleetSettings } from './fleetSections.ts'
import { medicYaml, readMedicYaml } from './medicYaml.ts'
import type { HostSetting, PolicyRule } from './medicYaml.ts'
import { publishSettingsOf } from './publishSection.ts'
import type { PublishSettings } from './publishSection.ts'

/** All settings after defaults, paths absolute. */
export interface Settings {
  readonly home: string
  /** Address of a Postgres database, null for SQLite in `home`. Holds a password. */
  readonly databaseUrl: string | null
  /** The file the settings came from, null when there is none. */
  readonly configPath: string | null
  readonly runbooksFolder: string | null
  readonly hosts: Readonly<Record<string, HostSetting>>
  /** Group name → host names or patterns. */
  readonly groups: Readonly<Record<string, readonly string[]>>
  /** A team's own postmortem template. */
  readonly templatePath: string | null
  /** Exact texts that are secrets, beside those the rules know. */
  readonly redact: readonly string[]
  readonly publish: PublishSettings
  /** Null when medic.yaml has none: everyone reads, nobody changes. */
  readonly policy: readonly PolicyRule[] | null
  /** A requester may approve the own change; the record says so. */
  readonly selfApprove: boolean
  readonly fleet: FleetSettings
  readonly slack: SlackSettings
  /** Where health routes are served, null for nowhere. */
  readonly health: HealthAddress | null
  /** Who runs this process. */
  readonly userName: string
  /** Where OpenSSH keeps its own files. */
  readonly sshFolder: string
  /** State of the lab's virtual machine, see test/lab/README.md. */
  readonly labStatePath: string
}

/** Reads `.env`, the environment and medic.yaml. Throws ConfigError with file and line for anything wrong. */
export const readSettings = (environment: NodeJS.ProcessEnv = process.env): Settings => {
  const env = { ...readDotEnv(credentialsPath(environment)), ...readDotEnv('.env'), ...environment }
  const userHome = env['HOME'] ?? homedir()
  const stateFolder = env['XDG_STATE_HOME'] ?? join(userHome, '.local', 'state')
  const configPath = findConfig(env, userHome)
  const file = configPath === null ? medicYaml.parse({}) : readMedicYaml(configPath)
  const base = configPath === null ? process.cwd() : dirname(configPath)
  const publish = publishSettingsOf(file.publish, env, base, userHome)
  return {
    home: resolve(env['MEDIC_HOME'] || join(stateFolder, 'medic')),
    databaseUrl: databaseUrl(env['DATABASE_URL'] ?? ''),
    configPath,
    runbooksFolder: env['MEDIC_RUNBOOKS'] ? resolve(env['MEDIC_RUNBOOKS']) : null,
    hosts: file.hosts,
    groups: file.groups,
    templatePath: file.template === undefined ? null : resolve(base, expandHome(file.template, userHome)),
    redact: [...file.redact, ...ownSecrets(env), ...Object.values(publish.secrets).filter((text) => text.length >= 6)],
    publish,
    policy: file.policy ?? null,
    selfApprove: file.selfApprove,
    fleet: {
      digests: file.digests,
      thresholds: file.thresholds,
      sampler: file.sampler,
      retention: file.retention,
      ansible: file.ansible.map((path) => resolve(base, expandHome(path, userHome))),
    },
    slack: slackSettings(env),
    health: healthAddress(env['MEDIC_HEALTH'] ?? ''),
    userName: userName(env),
    sshFolder: join(userHome, '.ssh'),
    labStatePath: join(env['MEDIC_LAB_CACHE'] || join(userHome, '.cache', 'medic-lab'), 'current.json'),
  }
}

const findConfig = (env: NodeJS.ProcessEnv, userHome: string): string | null => {
  if (env['MEDIC_CONFIG']) {
    const path = resolve(env['MEDIC_CONFIG'])
    if (existsSync(path)) return path
    throw new ConfigError(`MEDIC_CONFIG: there is no file "${path}"`, { hint: 'medic init writes one' })
  }
  const candidates = [
    resolve('medic.yaml'),
    join(env['XDG_CONFIG_HOME'] ?? join(userHome, '.config'), 'medic', 'medic.yaml'),
  ]
  return candidates.find((path) => existsSync(path)) ?? null
}

export const expandHome = (path: string, userHome: string = homedir()): string =>
  path === '~' || path.startsWith('~/') ? join(userHome, path.slice(1)) : path
