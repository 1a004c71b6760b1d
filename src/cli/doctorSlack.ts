import { WebClient, type WebClientOptions } from '@slack/web-api'
import type { SlackSettings } from '../settings/environment.ts'
import type { PolicyRule } from '../settings/medicYaml.ts'
import { explained } from '../slack/app.ts'
import { boltLogger } from '../slack/boltLogger.ts'
import { SCOPES } from '../slack/manifest.ts'
import { ExpectedError } from '../domain/errors.ts'
import type { Check } from './check.ts'

const QUIET = { info: () => {}, warn: () => {}, error: () => {} }
const LIMIT_MS = 10_000

/** Tokens, scopes, socket, and the channels and user groups that the policy names. */
export const slackChecks = async (
  settings: SlackSettings,
  policy: readonly PolicyRule[] | null,
): Promise<readonly Check[]> => {
  const { botToken, appToken, signingSecret } = settings
  if (botToken === null && appToken === null && signingSecret === null) {
    return [{ what: 'slack', status: 'ok', detail: 'not set up; the terminal needs none of it', mend: null }]
  }
  const checks: Check[] = []
  if (botToken === null) {
    checks.push({
      what: 'slack bot token',
      status: 'fail',
      detail: 'SLACK_BOT_TOKEN is missing',
      mend: '"OAuth & Permissions" of your app shows it (xoxb-…)',
    })
  } else checks.push(...(await botChecks(settings, botToken, policy)))
  checks.push(await socketCheck(settings))
  return checks
}

const optionsFor = (settings: SlackSettings): WebClientOptions => ({
  slackApiUrl: settings.apiUrl,
  timeout: LIMIT_MS,
  retryConfig: { retries: 1 },
  rejectRateLimitedCalls: true,
  logger: boltLogger(QUIET),
})

const botChecks = async (
  settings: SlackSettings,
  token: string,
  policy: readonly PolicyRule[] | null,
): Promise<readonly Check[]> => {
  const client = new WebClient(token, optionsFor(settings))
  try {
    const who = await client.auth.test()
    const granted = who.response_metadata?.scopes ?? []
    return [
      {
        what: 'slack bot token',
        status: 'ok',
        detail: `${who.user ?? 'bot'} in ${who.team ?? 'workspace'}`,
        mend: null,
      },
      ...scopeChecks(granted),
      ...(await policyChecks(client, policy)),
    ]
  } catch (error) {
    return [failed('slack bot token', error)]
  }
}

const scopeChecks = (granted: readonly string[]): readonly Check[] => {
  // Not every Slack-compatible server says what it granted.
  if (granted.length === 0)
    return [{ what: 'slack scopes', status: 'warn', detail: 'the server does not say which are granted', mend: null }]
  const missing = Object.entries(SCOPES).filter(([name]) => !granted.includes(name))
  const checks = missing.map(([name, scope]): Check => ({
    what: `slack scope ${name}`,
    status: scope.need === 'always' ? 'fail' : scope.need === 'base' ? 'warn' : 'ok',
    detail: `${scope.need === 'extra' ? 'not asked for' : 'missing'}; it is for ${scope.for}`,
    mend: scope.need === 'extra' ? null : 'add it under "OAuth & Permissions", then install the app again',
  }))
  const count = Object.keys(SCOPES).length - missing.length
  return [
    { what: 'slack scopes', status: 'ok', detail: `${count} of ${Object.keys(SCOPES).length} granted`, mend: null },
    ...checks,
  ]
}

const policyChecks = async (client: WebClient, policy: readonly PolicyRule[] | null): Promise<readonly Check[]> => {
  if (policy === null) {
    return [{ what: 'policy', status: 'ok', detail: 'none: everyone reads, nobody changes', mend: null }]
  }
  const checks: Check[] = []
  for (const usergroup of new Set(policy.flatMap((rule) => rule.usergroups ?? []))) {
    try {
      const { users = [] } = await client.usergroups.users.list({ usergroup })
      checks.push({
        what: `user group ${usergroup}`,
        status: users.length > 0 ? 'ok' : 'warn',
        detail: `${users.length} members`,
        mend: null,
      })
    } catch (error) {
      checks.push({ ...failed(`user group ${usergroup}`, error), mend: 'check its id, and the scope usergroups:read' })
    }
  }
  for (const channel of new Set(policy.flatMap((rule) => rule.channels ?? [])))
    checks.push(await channelCheck(client, channel))
  return checks
}

const channelCheck = async (client: WebClient, channel: string): Promise<Check> => {
  try {
    const { channel: found } = await client.conversations.info({ channel })
    const isMember = found?.is_member === true
    return {
      what: `channel ${channel}`,
      status: isMember ? 'ok' : 'warn',
      detail: `#${found?.name ?? channel}${isMember ? '' : ', but the bot is not in it'}`,
      mend: isMember ? null : 'type /invite @medic there',
    }
  } catch (error) {
    const code = (error as { data?: { error?: unknown } }).data?.error
    if (code === 'missing_scope') {
      return {
        what: `channel ${channel}`,
        status: 'ok',
        detail: 'not looked up: the scope channels:read is not granted',
        mend: null,
      }
    }
    return {
      ...failed(`channel ${channel}`, error),
      mend: 'copy the id from "View channel details", and invite the bot',
    }
  }
}

/** Asking for a socket address proves the app token; nothing is connected, so a running bot is not disturbed. */
const socketCheck = async (settings: SlackSettings): Promise<Check> => {
  if (settings.appToken === null) {
    return settings.signingSecret === null
      ? {
          what: 'slack app token',
          status: 'fail',
          detail: 'neither SLACK_APP_TOKEN nor SLACK_SIGNING_SECRET is set',
          mend: '"Basic Information", App-Level Tokens: one with connections:write',
        }
      : {
          what: 'slack http',
          status: 'ok',
          detail: `signing secret is set; port ${settings.port}, path /slack/events`,
          mend: null,
        }
  }
  try {
    const answer = await new WebClient(settings.appToken, optionsFor(settings)).apps.connections.open()
    const address = typeof answer.url === 'string' ? URL.parse(answer.url) : null
    return {
      what: 'slack socket',
      status: 'ok',
      detail: address === null ? 'opened' : `an address on ${address.host} was given`,
      mend: null,
    }
  } catch (error) {
    const check = failed('slack socket', error)
    return { ...check, mend: check.mend ?? 'switch Socket Mode on, and give the app-level token connections:write' }
  }
}

const failed = (what: string, error: unknown): Check => {
  const told = explained(error)
  return {
    what,
    status: 'fail',
    detail: told instanceof Error ? told.message : String(told),
    mend: told instanceof ExpectedError ? told.hint : 'is SLACK_API_URL reachable from here?',
  }
}
