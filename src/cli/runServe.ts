import { setTimeout } from 'node:timers/promises'
import { createMedic, type Medic } from '../wire.ts'
import { openHealth } from './health.ts'
import { createLog } from './log.ts'

const USAGE = 64
const BUG = 70
const LINGER_MS = 500
/** How often a database that was away at the start is looked for; our choice. */
const LOOK_FOR_STORE_MS = 5_000

/** `medic serve`: the bot, until a signal. A supervisor starts it again when it ends with an error. */
export const runServe = async (): Promise<number> => {
  await using medic = await createMedic({})
  const { botToken, appToken, signingSecret } = medic.settings.slack
  if (botToken === null || (appToken === null && signingSecret === null)) {
    process.stderr.write(missingText(medic))
    return USAGE
  }
  const [{ createCleaner }, { startBot }] = await Promise.all([
    import('../redaction/clean.ts'),
    import('../slack/bot.ts'),
  ])
  const clean = createCleaner(medic.settings.redact)
  const log = createLog(clean)
  // Known faults of the socket client end in rejections nobody handles: start anew rather than live on half dead.
  process.on('unhandledRejection', (reason) => {
    log.error({ error: reason }, 'unhandled rejection; ending, so that a supervisor starts Medic again')
    process.exit(BUG)
  })
  const signal = untilSignal()
  const start = () =>
    startBot({
      medic,
      botToken,
      log,
      // Loaded when somebody asks: a bot that waits need not hold every reader of logs.
      explain: async (text, source) =>
        (await import('../app/diagnoseText.ts')).diagnoseText(text, source, clean, Date.now()),
    })
  let bot = await start()
  const { health } = medic.settings
  await using _health = health === null ? null : await openHealth(health, () => inTheWay(medic, bot.isReady()))
  process.stdout.write(
    bot.mode === 'socket'
      ? 'medic: connected to Slack (Socket Mode); type /oom-triage demo\n'
      : `medic: waiting for Slack at port ${medic.settings.slack.port}, path /slack/events\n`,
  )
  const stopped = new AbortController()
  const watching = (async () => {
    if (!(await untilStoreOpens(medic, stopped.signal))) return
    // Schedules, approvals and what is remembered all begin with the store.
    log.info({}, 'the database is there now: starting anew with it')
    await bot.stop()
    bot = await start()
  })()
  watching.catch((error: unknown) => {
    log.error({ error }, 'could not start anew; ending, so that a supervisor starts Medic again')
    process.exit(2)
  })
  const name = await signal
  stopped.abort()
  log.info({ signal: name }, 'stopping')
  await watching
  await bot.stop()
  // A connection attempt to a silent host must not keep a stopped bot alive.
  globalThis.setTimeout(() => process.exit(0), LINGER_MS).unref()
  return 0
}

/** True when the store could not be opened at first, and can be now. */
const untilStoreOpens = async (medic: Medic, signal: AbortSignal): Promise<boolean> => {
  let isLate = false
  while (!signal.aborted) {
    try {
      await medic.openStore()
      return isLate
    } catch {
      isLate = true
      await setTimeout(LOOK_FOR_STORE_MS, undefined, { signal, ref: false }).catch(() => {})
    }
  }
  return false
}

const inTheWay = async (medic: Medic, hasSlack: boolean): Promise<string | null> => {
  if (!hasSlack) return 'no connection to Slack'
  const store = await medic.openStore()
  await store.findHolder('health')
  return null
}

const untilSignal = (): Promise<string> =>
  new Promise((resolve) => {
    for (const name of ['SIGINT', 'SIGTERM'] as const) {
      process.once(name, () => {
        resolve(name)
        // A second signal means: now.
        process.once(name, () => process.exit(1))
      })
    }
  })

/** Exactly what is missing, how to get it, and what works without it. */
const missingText = (medic: Medic): string => {
  const { botToken, appToken, signingSecret } = medic.settings.slack
  const lines = ['medic: Slack is not set up yet. Missing:']
  if (botToken === null) lines.push('  SLACK_BOT_TOKEN       xoxb-…, from "OAuth & Permissions" of your app')
  if (appToken === null && signingSecret === null) {
    lines.push(
      '  SLACK_APP_TOKEN       xapp-…, from "Basic Information", scope connections:write (Socket Mode)',
      '                        or SLACK_SIGNING_SECRET, when Slack can reach you over HTTP',
    )
  }
  lines.push(
    '',
    'To set it up:',
    '  npm run medic -- init slack      prints the manifest to create the app from',
    '  put the tokens into .env         .env.example explains each',
    '  npm run medic -- doctor          tries tokens, scopes and the socket',
    '',
    'Without Slack, in this terminal:',
    '  npm run triage                   look at this machine',
    '  npm run triage -- demo           replay a real kill',
    '  npm run triage -- server1        look at another one over SSH',
    '  npm run medic -- diagnose FILE   explain a log',
    '',
  )
  return lines.join('\n')
}
