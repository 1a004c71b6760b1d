import { afterEach, describe, expect, it } from 'vitest'
import { OtherSlack, signed } from '../support/otherSlack.ts'
import type { Quirk } from '../support/otherSlack.ts'
import { freePort } from '../support/sshd.ts'
import { BotHome } from './botProcess.ts'

const unknown = { ok: false, error: 'unknown_method' }
const error = (code: string) => ({ ok: false, error: code })
const blocksOf = (args: Readonly<Record<string, string>>): string => args['blocks'] ?? ''

const QUIRKS: Readonly<Record<string, Quirk>> = {
  'answers with little': () => undefined,
  'has no files': (method) => (method.startsWith('files.') ? unknown : undefined),
  'has no files, and says so with a page': (method) =>
    method.startsWith('files.') ? { status: 404, body: '<html>Not Found</html>' } : undefined,
  'breaks at files': (method) => (method.startsWith('files.') ? { status: 500, body: 'oops' } : undefined),
  'knows no tables': (method, args) =>
    method.startsWith('chat.') && blocksOf(args).includes('"type":"table"') ? error('invalid_blocks') : undefined,
  'knows no rich text': (method, args) =>
    method.startsWith('chat.') && /"type":"(?:rich_text|table|markdown)"/.test(blocksOf(args))
      ? error('invalid_blocks')
      : undefined,
  'knows no blocks at all': (method, args) =>
    method.startsWith('chat.') && blocksOf(args).length > 2 ? error('invalid_blocks') : undefined,
  'takes no edits': (method) => (method === 'chat.update' ? error('cant_update_message') : undefined),
  'knows no edits': (method) => (method === 'chat.update' ? { status: 404, body: '' } : undefined),
  'knows no metadata': (method, args) =>
    method === 'chat.postMessage' && args['metadata'] !== undefined ? error('invalid_arg_name') : undefined,
  'has no history': (method) => (method.startsWith('conversations.') ? error('missing_scope') : undefined),
  'has no history and loses an answer': (method, _args, nth) => {
    if (method.startsWith('conversations.')) return { status: 404, body: '' }
    return method === 'chat.postMessage' && nth === 2 ? { status: 500, body: '' } : undefined
  },
  'takes a file and loses it': (method) =>
    method === 'files.completeUploadExternal' ? error('internal_error') : undefined,
  'says nothing about who we are': (method) => (method === 'auth.test' ? { ok: true } : undefined),
  'repeats nothing of a message but its time': (method, _args, nth) =>
    method === 'chat.postMessage' ? { ok: true, ts: `17956${nth}` } : undefined,
  'asks to wait': (method, _args, nth) =>
    method === 'chat.postMessage' && nth <= 2 ? { status: 429, body: '', headers: { 'retry-after': '1' } } : undefined,
  'stumbles when the socket opens': (method, _args, nth) =>
    method === 'apps.connections.open' && nth <= 2 ? { status: 503, body: 'later' } : undefined,
  'limits the opening of sockets': (method, _args, nth) =>
    method === 'apps.connections.open' && nth === 1
      ? { status: 429, body: '', headers: { 'retry-after': '1' } }
      : undefined,
}

describe('a server like Slack that', () => {
  const open: AsyncDisposable[] = []
  afterEach(async () => {
    for (const one of open.splice(0).toReversed()) await one[Symbol.asyncDispose]()
  })

  const start = async (quirk: Quirk) => {
    const server = await OtherSlack.start(quirk)
    const home = new BotHome()
    open.push(server, home)
    const bot = await home.startAt({ apiUrl: server.apiUrl })
    return { server, bot }
  }

  it.each(Object.entries(QUIRKS))('%s gets verdict and postmortem', { timeout: 90_000 }, async (_name, quirk) => {
    const { server, bot } = await start(quirk)
    server.type('/oom-triage demo')
    await server.waitFor(/Killed process \d+/)
    await server.waitFor(/Postmortem: queue_worker\.service on demo/i, 45_000)
    expect(server.said.some(({ method }) => method === 'ack')).toBe(true)
    server.type('/oom-triage help')
    await server.waitFor(/takes the first look/)
    expect(bot.child.exitCode).toBeNull()
    expect(await bot.stop()).toBe(0)
  })

  it('calls over HTTP is believed with a fresh signature alone', { timeout: 60_000 }, async () => {
    const port = await freePort()
    const server = await OtherSlack.start()
    const home = new BotHome({ httpPort: port })
    open.push(server, home)
    await home.startAt({ apiUrl: server.apiUrl })
    const nowSeconds = Math.floor(Date.now() / 1000)
    const call = async (body: string, secret: string, atSeconds: number, type?: string) => {
      const headers = { ...signed(secret, body, atSeconds), ...(type === undefined ? {} : { 'content-type': type }) }
      const response = await fetch(`http://127.0.0.1:${port}/slack/events`, { method: 'POST', headers, body })
      return { status: response.status, text: await response.text() }
    }
    const challenge = JSON.stringify({ type: 'url_verification', challenge: 'c0ffee' })
    expect(await call(challenge, 'other', nowSeconds, 'application/json')).toMatchObject({
      status: 200,
      text: expect.stringContaining('c0ffee') as string,
    })
    expect((await call('ssl_check=1&token=x', 'other', nowSeconds)).status).toBe(200)
    const command = new URLSearchParams({
      command: '/oom-triage',
      text: 'demo',
      user_id: 'U0ANNA000',
      channel_id: 'C0OPS0000',
      team_id: 'T0TEAM000',
      response_url: `${server.apiUrl}response`,
      trigger_id: 'trigger-1',
    }).toString()
    expect((await call(command, 'wrong', nowSeconds)).status).toBe(401)
    expect((await call(command, 'other', nowSeconds - 600)).status).toBe(401)
    expect(server.said.filter(({ method }) => method === 'chat.postMessage')).toEqual([])
    expect((await call(command, 'other', nowSeconds)).status).toBe(200)
    await server.waitFor(/Killed process \d+/)
  })

  it('moves the connection gets the next command answered all the same', { timeout: 60_000 }, async () => {
    const { server } = await start(() => undefined)
    server.disconnect('warning')
    server.disconnect('refresh_requested')
    const opened = () => server.said.filter(({ method }) => method === 'apps.connections.open').length
    await expect.poll(opened, { timeout: 20_000 }).toBeGreaterThan(1)
    await expect
      .poll(
        () => {
          server.type('/oom-triage help')
          return server.read()
        },
        { timeout: 20_000, interval: 500 },
      )
      .toMatch(/takes the first look/)
  })
})
