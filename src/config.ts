import { existsSync, readFileSync } from 'node:fs'
import { homedir, userInfo } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { LineCounter, isMap, isNode, isSeq, parseDocument } from 'yaml'
import type { Document } from 'yaml'
import { z } from 'zod'
import { ConfigError } from './domain/errors.ts'
import { fleetSections } from './fleetSettings.ts'
import type { FleetSettings } from './fleetSettings.ts'
import { publishSchema, publishSettingsOf } from './publishSettings.ts'
import type { PublishSettings } from './publishSettings.ts'

/**
 * Every environment variable Medic reads, with the line that explains it in `.env.example`; a test keeps both equal.
 * Secrets and process settings live here, the rest in medic.yaml.
 */
export const ENVIRONMENT = {
  MEDIC_HOME: 'Folder for the database and the postmortems. Default: the state folder of your user.',
  DATABASE_URL:
    'Postgres instead of a file, for several machines: postgres://medic:PASSWORD@db.example.com/medic. Default: SQLite in MEDIC_HOME.',
  MEDIC_CONFIG:
    'Path of medic.yaml. Default: ./medic.yaml, else medic/medic.yaml in the configuration folder of your user.',
  MEDIC_RUNBOOKS: "Folder with your team's own runbooks, added to the shipped ones.",
  MEDIC_HEALTH:
    'Where `serve` and `worker` answer /healthz and /readyz: 127.0.0.1:9464, or 0.0.0.0:9464 for probes from outside. Default: nowhere.',
  SLACK_BOT_TOKEN: 'Slack bot token, xoxb-…, from "OAuth & Permissions" of your app. Needed by `npm start`.',
  SLACK_APP_TOKEN: 'Slack app-level token, xapp-…, with connections:write: Socket Mode, which needs no public address.',
  SLACK_SIGNING_SECRET: 'Signing secret of the app: HTTP mode, used when there is no app-level token.',
  SLACK_API_URL: 'Where the Slack Web API is. Default: https://slack.com/api/.',
  SLACK_PORT: 'Port of HTTP mode; Slack posts to /slack/events there. Default: 3000.',
} as const

const name = z.string().regex(/^[a-z0-9](?:[a-z0-9._-]{0,251}[a-z0-9])?$/, 'expected a name of a-z 0-9 . _ -')
const yes = z.enum(['true', 'false']).transform((text) => text === 'true')
const port = z
  .string()
  .regex(/^\d{1,5}$/, 'expected a port number')
  .transform(Number)
  .refine((value) => value >= 1 && value <= 65_535, 'expected a port from 1 to 65535')

const hostSchema = z.strictObject({
  address: z.string().min(1).optional(),
  replay: z.string().min(1).optional(),
  port: port.optional(),
  user: z.string().min(1).optional(),
  identityFile: z.string().min(1).optional(),
  hostKey: z
    .string()
    .regex(
      /^(?:ssh|ecdsa|sk)-[a-z0-9@.-]+ [A-Za-z0-9+/=]+$/,
      'expected a public key as in known_hosts: "ssh-ed25519 AAAA…"',
    )
    .optional(),
  jump: name.optional(),
  sudo: yes.optional(),
  site: z.string().min(1).optional(),
  groups: z.array(name).optional(),
  tags: z.record(z.string(), z.string()).optional(),
})

const hostEntry = hostSchema.refine(
  (host) => (host.address === undefined) !== (host.replay === undefined),
  'expected an address (or replay: the file of a recorded run)',
)

/** Slack ids are opaque; a name in their place would never match, so it is refused. */
const slackId = (letters: string, what: string) =>
  z
    .string()
    .regex(new RegExp(`^[${letters}][A-Z0-9]{1,30}$`), `expected the id of a ${what}, such as ${letters[0]}0123ABCD`)

const policyRule = z.strictObject({
  allow: z.array(z.enum(['read', 'change', 'approve'])).min(1),
  users: z.array(slackId('UW', 'user')).optional(),
  usergroups: z.array(slackId('S', 'user group')).optional(),
  channels: z.array(slackId('CGD', 'channel')).optional(),
  hosts: z.array(z.string().min(1)).optional(),
})

const settingsSchema = z.strictObject({
  hosts: z.record(name, hostEntry).default({}),
  groups: z.record(name, z.array(z.string().min(1))).default({}),
  template: z.string().min(1).optional(),
  redact: z.array(z.string().min(6, 'expected at least 6 characters')).default([]),
  policy: z.array(policyRule).optional(),
  publish: publishSchema,
  selfApprove: yes.default(false),
  ...fleetSections,
})

export type HostSetting = z.infer<typeof hostSchema>

/** One rule of who may do what; a field that is left out matches all. */
export interface PolicyRule {
  readonly allow: readonly ('read' | 'change' | 'approve')[]
  readonly users?: readonly string[] | undefined
  readonly usergroups?: readonly string[] | undefined
  readonly channels?: readonly string[] | undefined
  /** Names, groups or patterns. */
  readonly hosts?: readonly string[] | undefined
}

export interface SlackSettings {
  readonly botToken: string | null
  readonly appToken: string | null
  readonly signingSecret: string | null
  readonly apiUrl: string
  readonly port: number
}

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
  readonly health: { readonly host: string; readonly port: number } | null
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
  const file = configPath === null ? settingsSchema.parse({}) : readMedicYaml(configPath)
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

/** Our own tokens never belong in an output; the cleaner wants at least six characters. */
const ownSecrets = (env: NodeJS.ProcessEnv): string[] =>
  [
    env['SLACK_BOT_TOKEN'],
    env['SLACK_APP_TOKEN'],
    env['SLACK_SIGNING_SECRET'],
    ...databasePasswords(env['DATABASE_URL'] ?? ''),
  ].filter((secret): secret is string => secret !== undefined && secret.length >= 6)

const databaseUrl = (url: string): string | null => {
  if (url === '') return null
  if (/^postgres(?:ql)?:\/\//.test(url) && URL.parse(url) !== null) return url
  // The value is not quoted: it may hold a password.
  throw new ConfigError('DATABASE_URL: expected an address such as postgres://medic:PASSWORD@db.example.com/medic')
}

/** As it stands in the address, and as it is meant. */
const databasePasswords = (url: string): string[] => {
  const written = URL.parse(url)?.password ?? ''
  try {
    return [...new Set([written, decodeURIComponent(written)])]
  } catch {
    return [written]
  }
}

/** Containers are started with user ids that have no name: then it is the number. */
const userName = (env: NodeJS.ProcessEnv): string => {
  try {
    return userInfo().username
  } catch {
    return env['USER'] || `uid-${process.getuid?.() ?? 'unknown'}`
  }
}

const healthAddress = (text: string): Settings['health'] => {
  if (text === '') return null
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^\s:[\]]+)):(\d{1,5})$/.exec(text)
  const given = port.safeParse(match?.[3] ?? '')
  if (match === null || !given.success)
    throw new ConfigError(`MEDIC_HEALTH: expected an address such as 127.0.0.1:9464, got "${text.slice(0, 80)}"`)
  return { host: match[1] ?? match[2] ?? '', port: given.data }
}

const slackSettings = (env: NodeJS.ProcessEnv): SlackSettings => {
  const apiUrl = env['SLACK_API_URL'] || 'https://slack.com/api/'
  if (URL.parse(apiUrl) === null || !/^https?:/.test(apiUrl))
    throw new ConfigError(`SLACK_API_URL: expected an address such as https://slack.com/api/, got "${apiUrl}"`)
  const portText = env['SLACK_PORT'] || '3000'
  const given = port.safeParse(portText)
  if (!given.success) throw new ConfigError(`SLACK_PORT: expected a port from 1 to 65535, got "${portText}"`)
  return {
    botToken: env['SLACK_BOT_TOKEN'] || null,
    appToken: env['SLACK_APP_TOKEN'] || null,
    signingSecret: env['SLACK_SIGNING_SECRET'] || null,
    apiUrl: apiUrl.endsWith('/') ? apiUrl : `${apiUrl}/`,
    port: given.data,
  }
}

export const expandHome = (path: string, userHome: string = homedir()): string =>
  path === '~' || path.startsWith('~/') ? join(userHome, path.slice(1)) : path

/** What systemd's LoadCredential and a container's secrets hand over: a file only this process may read. */
const credentialsPath = (environment: NodeJS.ProcessEnv): string | null =>
  environment['CREDENTIALS_DIRECTORY'] ? join(environment['CREDENTIALS_DIRECTORY'], 'medic.env') : null

/** A file like `.env`. Node's own reader would write into process.env, which child processes inherit. */
const readDotEnv = (path: string | null): Record<string, string> => {
  if (path === null || !existsSync(path)) return {}
  const values: Record<string, string> = {}
  for (const [index, line] of readFileSync(path, 'utf8').split('\n').entries()) {
    if (/^\s*(?:#|$)/.test(line)) continue
    const match = /^\s*(?:export\s+)?([A-Z][A-Z0-9_]*)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s#]*))\s*(?:#.*)?$/.exec(line)
    if (match?.[1] === undefined) {
      throw new ConfigError(`${path}:${index + 1}: expected NAME=value`, { hint: 'see .env.example' })
    }
    values[match[1]] = match[2] ?? match[3] ?? match[4] ?? ''
  }
  return values
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

/**
 * Failsafe schema: every scalar stays the text a person wrote, since `0644` and `1.10` are not numbers.
 * Exported for `medic doctor` and tests.
 */
export const readMedicYaml = (path: string): z.infer<typeof settingsSchema> => {
  const lines = new LineCounter()
  const document = parseDocument(readFileSync(path, 'utf8'), {
    schema: 'failsafe',
    uniqueKeys: true,
    lineCounter: lines,
    prettyErrors: false,
  })
  const complaint = [...document.errors, ...document.warnings][0]
  if (complaint !== undefined) {
    throw new ConfigError(`${path}:${lines.linePos(complaint.pos[0]).line}: ${complaint.message}`)
  }
  const parsed = settingsSchema.safeParse(document.toJS({ maxAliasCount: 0 }) ?? {})
  if (parsed.success) return parsed.data
  throw new ConfigError(
    parsed.error.issues.map((issue) => `${path}:${lineOfIssue(document, lines, issue)}: ${wordsOf(issue)}`).join('\n'),
    { hint: 'docs/settings.md lists every key' },
  )
}

const wordsOf = (issue: z.core.$ZodIssue): string => {
  const where = issue.path.map(String).join('.')
  if (issue.code === 'unrecognized_keys') {
    return `unknown key "${issue.keys.join('", "')}"${where === '' ? '' : ` in ${where}`}`
  }
  return `${where}: ${issue.message}`
}

/** The line of the deepest node on the issue's path; an unknown key's own line when there is one. */
const lineOfIssue = (document: Document, lines: LineCounter, issue: z.core.$ZodIssue): number => {
  const path = issue.path.map(String)
  let offset = 0
  let node: unknown = document.contents
  const wanted = issue.code === 'unrecognized_keys' ? [...path, issue.keys[0] ?? ''] : path
  for (const part of wanted) {
    if (isMap(node)) {
      const pair = node.items.find((item) => String(isNode(item.key) ? item.key.toJSON() : item.key) === part)
      if (pair === undefined) break
      if (isNode(pair.key)) offset = pair.key.range?.[0] ?? offset
      node = pair.value
    } else if (isSeq(node)) {
      node = node.items[Number(part)]
      if (isNode(node)) offset = node.range?.[0] ?? offset
    } else break
  }
  return lines.linePos(offset).line
}
