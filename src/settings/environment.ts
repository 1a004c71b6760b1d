import { existsSync, readFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { ConfigError } from '../domain/errors.ts'
import { port } from './port.ts'

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

export interface SlackSettings {
  readonly botToken: string | null
  readonly appToken: string | null
  readonly signingSecret: string | null
  readonly apiUrl: string
  readonly port: number
}

/** Where health routes are served. */
export interface HealthAddress {
  readonly host: string
  readonly port: number
}

/** What systemd's LoadCredential and a container's secrets hand over: a file only this process may read. */
export const credentialsPath = (environment: NodeJS.ProcessEnv): string | null =>
  environment['CREDENTIALS_DIRECTORY'] ? join(environment['CREDENTIALS_DIRECTORY'], 'medic.env') : null

/** A file like `.env`. Node's own reader would write into process.env, which child processes inherit. */
export const readDotEnv = (path: string | null): Record<string, string> => {
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

/** Our own tokens never belong in an output; the cleaner wants at least six characters. */
export const ownSecrets = (env: NodeJS.ProcessEnv): string[] =>
  [
    env['SLACK_BOT_TOKEN'],
    env['SLACK_APP_TOKEN'],
    env['SLACK_SIGNING_SECRET'],
    ...databasePasswords(env['DATABASE_URL'] ?? ''),
  ].filter((secret): secret is string => secret !== undefined && secret.length >= 6)

export const databaseUrl = (url: string): string | null => {
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
export const userName = (env: NodeJS.ProcessEnv): string => {
  try {
    return userInfo().username
  } catch {
    return env['USER'] || `uid-${process.getuid?.() ?? 'unknown'}`
  }
}

export const healthAddress = (text: string): HealthAddress | null => {
  if (text === '') return null
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^\s:[\]]+)):(\d{1,5})$/.exec(text)
  const given = port.safeParse(match?.[3] ?? '')
  if (match === null || !given.success)
    throw new ConfigError(`MEDIC_HEALTH: expected an address such as 127.0.0.1:9464, got "${text.slice(0, 80)}"`)
  return { host: match[1] ?? match[2] ?? '', port: given.data }
}

export const slackSettings = (env: NodeJS.ProcessEnv): SlackSettings => {
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
