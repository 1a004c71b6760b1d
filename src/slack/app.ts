import bolt, { type App as BoltApp, type Receiver } from '@slack/bolt'
import { WebClient, type WebClientOptions } from '@slack/web-api'
import type { SlackSettings } from '../settings/environment.ts'
import { ExpectedError } from '../domain/errors.ts'
import type { Log } from './log.ts'
import { boltLogger } from './boltLogger.ts'

const { App, HTTPReceiver, SocketModeReceiver } = bolt

/** Retries of the client that people wait for: a minute at most, not half an hour (security-reliability.md section 9). */
const LISTENER_RETRIES = { retries: 4, factor: 2, minTimeout: 500, maxTimeout: 8_000, randomize: true }
const SOCKET_RETRIES = { retries: 100, factor: 1.3, maxTimeout: 30_000 }
const CALL_TIMEOUT_MS = 15_000

/** The Bolt app with its receiver, not yet started. */
export interface Connection {
  readonly app: BoltApp
  readonly mode: 'socket' | 'http'
  /** Who we are; known after `open`. */
  readonly identity: { teamId: string; userId: string; botId: string }
  /** Whether commands arrive now: the socket is open, or the port listens. */
  isReady(): boolean
  open(deadlineMs: number): Promise<void>
  /** Resolves when the socket is closed. */
  close(): Promise<void>
}

/**
 * Socket Mode when there is an app token, else HTTP. Receiver and app get option objects of their own: shared ones give
 * every listener the socket's hundred retries (slack.md section 2).
 */
export const connectSlack = (settings: SlackSettings & { readonly botToken: string }, log: Log): Connection => {
  const logger = boltLogger(log)
  const mode = settings.appToken === null ? 'http' : 'socket'
  let isReady = false
  let disconnected = Promise.withResolvers<void>()
  let receiver: Receiver
  if (settings.appToken !== null) {
    const socket = new SocketModeReceiver({
      appToken: settings.appToken,
      logger,
      installerOptions: { clientOptions: { slackApiUrl: settings.apiUrl, retryConfig: SOCKET_RETRIES } },
      customPropertiesExtractor: (args: { envelope_id?: string; type?: string }) => ({
        envelopeId: args.envelope_id,
        envelopeType: args.type,
      }),
    })
    socket.client.on('connected', () => {
      isReady = true
      disconnected = Promise.withResolvers<void>()
      log.info({}, 'connected to Slack')
    })
    for (const event of ['connecting', 'reconnecting', 'disconnecting', 'disconnected'] as const) {
      socket.client.on(event, () => {
        isReady = false
        if (event === 'disconnected') disconnected.resolve()
      })
    }
    receiver = socket
  } else {
    receiver = new HTTPReceiver({
      signingSecret: settings.signingSecret ?? '',
      endpoints: '/slack/events',
      port: settings.port,
      logger,
      customRoutes: [
        { path: '/healthz', method: 'GET', handler: (_request, response) => void response.writeHead(200).end('ok\n') },
        {
          path: '/readyz',
          method: 'GET',
          handler: (_request, response) =>
            void response.writeHead(isReady ? 200 : 503).end(isReady ? 'ready\n' : 'not ready\n'),
        },
      ],
    })
  }
  const app = new App({
    receiver,
    token: settings.botToken,
    deferInitialization: true,
    convoStore: false,
    logger,
    clientOptions: listenerOptions(settings.apiUrl, logger),
  })
  const identity = { teamId: '', userId: '', botId: '' }

  return {
    app,
    mode,
    identity,
    isReady: () => isReady,
    async open(deadlineMs) {
      const opening = (async () => {
        await app.init()
        const who = await app.client.auth.test()
        identity.teamId = who.team_id ?? ''
        identity.userId = who.user_id ?? ''
        identity.botId = who.bot_id ?? ''
        await app.start(settings.port)
        if (mode === 'http') isReady = true
      })()
      await within(opening, deadlineMs, settings.apiUrl)
    },
    async close() {
      const wasReady = isReady
      isReady = false
      await app.stop().catch((error: unknown) => log.warn({ error: String(error) }, 'stopping the connection failed'))
      if (mode === 'socket' && wasReady) await Promise.race([disconnected.promise, sleep(3_000)])
    },
  }
}

/** For messages: no retries and no waiting of its own, the outbox decides. */
export const outboxClient = (settings: SlackSettings & { readonly botToken: string }, log: Log): WebClient =>
  new WebClient(settings.botToken, {
    slackApiUrl: settings.apiUrl,
    timeout: CALL_TIMEOUT_MS,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    maxRequestConcurrency: 6,
    logger: boltLogger(log),
  })

const listenerOptions = (apiUrl: string, logger: ReturnType<typeof boltLogger>): WebClientOptions => ({
  slackApiUrl: apiUrl,
  timeout: CALL_TIMEOUT_MS,
  retryConfig: LISTENER_RETRIES,
  logger,
})

const within = async (opening: Promise<void>, deadlineMs: number, apiUrl: string): Promise<void> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () =>
        reject(
          new ExpectedError(`slack: no connection within ${Math.round(deadlineMs / 1000)} s`, {
            hint: `is ${apiUrl} reachable from here? \`medic doctor\` tries each part`,
          }),
        ),
      deadlineMs,
    )
  })
  opening.catch(() => {})
  try {
    await Promise.race([opening, late])
  } catch (error) {
    throw explained(error)
  } finally {
    clearTimeout(timer)
  }
}

const HINTS: Readonly<Record<string, string>> = {
  invalid_auth: 'the token is wrong: copy it anew from api.slack.com/apps',
  not_authed: 'the token is missing',
  token_revoked: 'the token was revoked: install the app again and copy the new one',
  account_inactive: 'the app or its workspace was switched off',
  missing_scope: 'install the app again with the scopes of slack-manifest.json',
  not_allowed_token_type: 'SLACK_BOT_TOKEN begins with xoxb-, SLACK_APP_TOKEN with xapp-',
}

/** Turns what the clients throw into a line and a hint. */
export const explained = (error: unknown): unknown => {
  const code = (error as { data?: { error?: unknown } } | null)?.data?.error
  if (typeof code !== 'string') return error
  return new ExpectedError(`slack: refused with "${code}"`, {
    hint: HINTS[code] ?? '`medic doctor` tries each part',
    cause: error,
  })
}

const sleep = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms).unref()
  })
