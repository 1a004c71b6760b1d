import { afterEach, describe, expect, it } from 'vitest'
import { App, HTTPReceiver, SocketModeReceiver, type BlockAction, type LogLevel } from '@slack/bolt'
import { WebClient } from '@slack/web-api'
import { liveParts } from '../support/slack/liveParts.ts'
import { startFakeWorkspace, type FakeWorkspace, type FakeWorkspaceOptions } from '../support/slack/fakeWorkspace.ts'

const silent = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  setLevel: () => {},
  getLevel: () => 'error' as LogLevel,
  setName: () => {},
}

const closers: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

const workspaceWith = async (options: FakeWorkspaceOptions = {}): Promise<FakeWorkspace> => {
  const workspace = await startFakeWorkspace(options)
  closers.push(() => workspace.stop())
  return workspace
}

const clientOf = (workspace: FakeWorkspace, retries = 0, timeout = 0): WebClient =>
  new WebClient(workspace.tokens.bot, {
    slackApiUrl: workspace.apiUrl,
    logger: silent,
    timeout,
    retryConfig: { retries, minTimeout: 1, maxTimeout: 5 },
  })

/** The error code and messages of a refused call. */
const refused = async (call: Promise<unknown>): Promise<{ error: string; messages: string[] }> => {
  try {
    await call
  } catch (error) {
    const { data } = error as { data?: { error: string; response_metadata?: { messages?: string[] } } }
    if (data === undefined) throw error
    return { error: data.error, messages: data.response_metadata?.messages ?? [] }
  }
  throw new Error('the call was not refused')
}

type BoltApp = App

/** A small app that uses every kind of listener. */
const listen = (app: BoltApp): void => {
  app.command('/oom-triage', async ({ ack, command, client, respond }) => {
    if (command.text === 'help') return ack('usage: /oom-triage SERVER')
    if (command.text === 'forget') return
    await ack()
    if (command.text === 'respond') {
      await respond('only you see this')
      return
    }
    const head = await client.chat.postMessage({
      channel: command.channel_id,
      text: `triage of ${command.text}`,
      blocks: [
        { type: 'section', text: { type: 'plain_text', text: `triage of ${command.text}` } },
        {
          type: 'actions',
          block_id: 'acts',
          elements: [
            { type: 'button', action_id: 'cancel', text: { type: 'plain_text', text: 'Cancel' }, value: 'run-1' },
            {
              type: 'overflow',
              action_id: 'more',
              options: [{ text: { type: 'plain_text', text: 'Run again' }, value: 'again' }],
            },
          ],
        },
      ],
      metadata: { event_type: 'medic_delivery', event_payload: { id: 'd-1' } },
    })
    await client.chat.postMessage({ channel: command.channel_id, thread_ts: head.ts!, text: 'verdict' })
  })
  app.action<BlockAction>('cancel', async ({ ack, body, client, respond }) => {
    await ack()
    await client.chat.update({
      channel: body.channel!.id,
      ts: body.message!['ts'],
      text: `cancelled by ${body.user.name}`,
      blocks: [],
    })
    await respond({ text: 'done', response_type: 'ephemeral' })
  })
  app.action<BlockAction>('more', async ({ ack, body, client }) => {
    await ack()
    await client.views.open({
      trigger_id: body.trigger_id,
      view: {
        type: 'modal',
        callback_id: 'postmortem',
        title: { type: 'plain_text', text: 'Postmortem' },
        submit: { type: 'plain_text', text: 'Save' },
        private_metadata: 'run-1',
        blocks: [
          {
            type: 'input',
            block_id: 'title',
            label: { type: 'plain_text', text: 'Title' },
            element: { type: 'plain_text_input', action_id: 'title_text' },
          },
        ],
      },
    })
  })
  app.view('postmortem', async ({ ack, view, body, client }) => {
    const title = view.state.values['title']?.['title_text']?.value ?? ''
    if (title === 'bad') return ack({ response_action: 'errors', errors: { title: 'too short' } })
    await ack()
    await client.views.publish({
      user_id: body.user.id,
      view: {
        type: 'home',
        blocks: [{ type: 'header', text: { type: 'plain_text', text: `saved ${title} for ${view.private_metadata}` } }],
      },
    })
  })
  app.options('host', async ({ ack, options }) => {
    await ack({ options: [{ text: { type: 'plain_text', text: `${options.value}1` }, value: `${options.value}1` }] })
  })
  app.shortcut('triage_from_message', async ({ ack, shortcut, client }) => {
    await ack()
    if (shortcut.type === 'message_action') {
      await client.chat.postMessage({
        channel: shortcut.channel.id,
        thread_ts: shortcut.message_ts,
        text: `seen: ${shortcut.message.text}`,
      })
    }
  })
  app.event('app_mention', async ({ event, client }) => {
    await client.chat.postMessage({
      channel: event.channel,
      thread_ts: event.thread_ts ?? event.ts,
      text: `you said ${event.text.length}`,
    })
  })
  app.event('app_home_opened', async ({ event, client }) => {
    await client.views.publish({
      user_id: event.user,
      view: {
        type: 'home',
        blocks: [
          {
            type: 'input',
            block_id: 'start',
            dispatch_action: true,
            label: { type: 'plain_text', text: 'Start a run' },
            element: { type: 'external_select', action_id: 'host', min_query_length: 0 },
          },
        ],
      },
    })
  })
}

type Retries = { retryNum: number | undefined; eventId: string }

const socketApp = async (workspace: FakeWorkspace, seen: Retries[] = []): Promise<BoltApp> => {
  const receiver = new SocketModeReceiver({
    appToken: workspace.tokens.app,
    logger: silent,
    clientPingTimeout: 1_000,
    installerOptions: { clientOptions: { slackApiUrl: workspace.apiUrl, retryConfig: { retries: 3, minTimeout: 1 } } },
  })
  const app = new App({
    receiver,
    token: workspace.tokens.bot,
    deferInitialization: true,
    convoStore: false,
    logger: silent,
    clientOptions: { slackApiUrl: workspace.apiUrl, retryConfig: { retries: 2, minTimeout: 1, maxTimeout: 5 } },
  })
  app.use(async ({ next, context, body }) => {
    seen.push({ retryNum: context.retryNum, eventId: String((body as { event_id?: string }).event_id) })
    await next()
  })
  listen(app)
  await app.init()
  await app.start()
  closers.push(async () => {
    const gone = new Promise<void>((resolve) => receiver.client.once('disconnected', () => resolve()))
    await app.stop()
    await gone
  })
  return app
}

const httpApp = async (workspace: FakeWorkspace): Promise<BoltApp> => {
  const receiver = new HTTPReceiver({
    signingSecret: workspace.signingSecret,
    logger: silent,
    processBeforeResponse: false,
  })
  const app = new App({
    receiver,
    token: workspace.tokens.bot,
    deferInitialization: true,
    convoStore: false,
    logger: silent,
    clientOptions: { slackApiUrl: workspace.apiUrl, retryConfig: { retries: 2, minTimeout: 1, maxTimeout: 5 } },
  })
  listen(app)
  await app.init()
  const server = (await app.start(0)) as { address(): { port: number } }
  workspace.useHttp(`http://127.0.0.1:${server.address().port}/slack/events`)
  closers.push(() => app.stop())
  return app
}

describe.each([
  ['Socket Mode', socketApp],
  ['HTTP', httpApp],
] as const)('an unmodified Bolt app over %s', (_name, startApp) => {
  const started = async (options: FakeWorkspaceOptions = {}): Promise<FakeWorkspace> => {
    const workspace = await workspaceWith(options)
    await startApp(workspace)
    return workspace
  }

  it('acknowledges a command and answers in a thread', async () => {
    const workspace = await started()
    const delivery = workspace.slash('/oom-triage  server1', { as: 'ben' })
    const reply = await workspace.waitForMessage({ having: 'verdict' })
    const head = workspace.message('ops', reply.thread_ts!)!
    expect((await delivery.settled)?.payload).toEqual({})
    expect(delivery.ack!.latencyMs).toBeLessThan(1_000)
    expect(head.text).toBe('triage of server1')
    expect(head.metadata).toEqual({ event_type: 'medic_delivery', event_payload: { id: 'd-1' } })
    expect(workspace.dumpThread('ops', head.ts)).toBe(
      'Medic\ntriage of server1\n[Cancel] [⋯ Run again]\n    Medic\n    verdict',
    )
  })

  it('shows the text of an acknowledgement to the one who typed', async () => {
    const workspace = await started()
    workspace.slash('/oom-triage help', { as: 'ben' })
    const answer = await workspace.waitForEphemeral({ as: 'ben' })
    expect(answer).toMatchObject({ text: 'usage: /oom-triage SERVER', from: 'app', channel: 'C0OPS' })
  })

  it('answers through response_url where the bot is not a member', async () => {
    const workspace = await started()
    workspace.slash('/oom-triage respond', { in: 'secret', as: 'ben' })
    expect(await workspace.waitForEphemeral()).toMatchObject({ channel: 'C0SECRET', text: 'only you see this' })
  })

  it('shows a failure when the app forgets to acknowledge', async () => {
    const workspace = await started({ ackTimeoutMs: 80 })
    const delivery = workspace.slash('/oom-triage forget')
    expect(await workspace.waitForEphemeral({ from: 'slackbot' })).toMatchObject({
      text: '/oom-triage failed with the error "operation_timeout"',
    })
    expect(await delivery.settled).toBeNull()
    expect(delivery.failure).toBe('operation_timeout')
  })

  it('clicks, opens a modal, refuses and takes its submission, publishes a home', async () => {
    const workspace = await started()
    workspace.slash('/oom-triage server1')
    await workspace.waitForMessage({ having: 'verdict' })
    const head = workspace.channelMessages()[0]!
    workspace.click(head, 'more', { option: 'Run again', as: 'ben' })
    const modal = await workspace.waitForModal({ as: 'ben' })
    expect(() => workspace.submit(modal)).toThrow('these inputs are empty: title')
    expect((await workspace.submit(modal, { title_text: 'bad' }).settled)?.payload).toMatchObject({
      response_action: 'errors',
    })
    await workspace.submit(modal, { title_text: 'OOM' }).settled
    expect(() => workspace.submit(modal, { title_text: 'OOM' })).toThrow('not open any more')
    const home = await workspace.waitForHome({ as: 'ben' })
    expect(JSON.stringify(home.body)).toContain('saved OOM for run-1')
    workspace.click(head, 'cancel', { as: 'carla' })
    const update = await workspace.waitForUpdate({ ts: head.ts })
    expect(update).toMatchObject({ text: 'cancelled by carla', edits: 1, blocks: [] })
    expect(await workspace.waitForEphemeral({ as: 'carla' })).toMatchObject({ text: 'done' })
    expect(() => workspace.click(head, 'cancel')).toThrow('nothing to click called "cancel"')
    expect(workspace.bugs).toEqual([])
  })

  it('opens the home and offers options of an external select', async () => {
    const workspace = await started()
    workspace.openHome({ as: 'anna' })
    const home = await workspace.waitForHome()
    const options = await workspace.suggest(home, 'host', 'web')
    expect(options).toEqual([{ text: { type: 'plain_text', text: 'web1' }, value: 'web1' }])
  })

  it('hears shortcuts and mentions', async () => {
    const workspace = await started()
    const alert = workspace.post('OOM on server1', { as: 'carla' })
    workspace.shortcut('triage_from_message', alert)
    expect(await workspace.waitForMessage({ thread: alert.ts })).toMatchObject({ text: 'seen: OOM on server1' })
    await workspace.mention('triage server1', { thread: alert.ts }).settled
    expect(await workspace.waitForMessage({ thread: alert.ts, having: 'you said' })).toBeDefined()
  })
})

describe('Socket Mode', () => {
  it('tells the user when no socket is open', async () => {
    const workspace = await workspaceWith()
    const delivery = workspace.slash('/oom-triage server1')
    expect(await delivery.settled).toBeNull()
    expect(delivery).toMatchObject({ failure: 'dispatch_failed', to: null })
  })

  it('refuses a used or invented ticket', async () => {
    const workspace = await workspaceWith()
    const answer = await new WebClient(workspace.tokens.app, {
      slackApiUrl: workspace.apiUrl,
      logger: silent,
    }).apps.connections.open()
    const open = (url: string): Promise<string> =>
      new Promise((resolve) => {
        const socket = new WebSocket(url)
        socket.addEventListener('open', () => {
          resolve('open')
          socket.close()
        })
        socket.addEventListener('error', () => resolve('refused'))
      })
    expect(await open(answer.url!)).toBe('open')
    expect(await open(answer.url!)).toBe('refused')
    expect(await open(answer.url!.replace(/ticket=[^&]+/, 'ticket=made-up'))).toBe('refused')
  })

  it('gives each delivery to one of two instances, in turn', async () => {
    const workspace = await workspaceWith()
    await socketApp(workspace)
    await socketApp(workspace)
    await workspace.waitForSockets(2)
    const deliveries = [workspace.slash('/oom-triage a'), workspace.slash('/oom-triage b')]
    await Promise.all(deliveries.map((delivery) => delivery.settled))
    expect(new Set(deliveries.map((delivery) => delivery.to)).size).toBe(2)
  })

  it('redelivers a command in its envelope and an event with its event id', async () => {
    const workspace = await workspaceWith()
    const seen: Retries[] = []
    await socketApp(workspace, seen)
    const command = workspace.slash('/oom-triage help')
    await command.settled
    const again = workspace.redeliver(command)
    await again.settled
    expect(again.envelopeId).toBe(command.envelopeId)
    const mention = workspace.mention('hello')
    await mention.settled
    await workspace.redeliver(mention).settled
    const events = seen.filter((each) => each.eventId !== 'undefined')
    expect(events.map((each) => each.retryNum)).toEqual([0, 1])
    expect(new Set(events.map((each) => each.eventId)).size).toBe(1)
  })

  it('renews: the client leaves and comes back with a new ticket', async () => {
    const workspace = await workspaceWith()
    await socketApp(workspace)
    const after = workspace.mark()
    expect(workspace.socketMode.disconnect('refresh_requested')).toBe(1)
    await workspace.waitForSockets(0, { after })
    await workspace.waitForSockets(1, { after })
    expect((await workspace.slash('/oom-triage help').settled)?.payload).toEqual({ text: 'usage: /oom-triage SERVER' })
  })
})

describe('the Web API', () => {
  it('checks tokens, methods and scopes', async () => {
    const workspace = await workspaceWith()
    const client = clientOf(workspace)
    expect(await client.auth.test()).toMatchObject({ ok: true, user_id: 'U0MEDICBOT', bot_id: 'B0MEDICFAKE' })
    const with_ = (token: string): WebClient => new WebClient(token, { slackApiUrl: workspace.apiUrl, logger: silent })
    expect(await refused(with_('xoxb-wrong').auth.test())).toMatchObject({ error: 'invalid_auth' })
    expect(await refused(with_('').auth.test())).toMatchObject({ error: 'not_authed' })
    expect(await refused(client.apps.connections.open())).toMatchObject({ error: 'not_allowed_token_type' })
    expect(await refused(client.apiCall('constructor'))).toMatchObject({ error: 'unknown_method' })
    workspace.scopes.delete('files:write')
    expect(await refused(client.files.getUploadURLExternal({ filename: 'a.txt', length: 1 }))).toMatchObject({
      error: 'missing_scope',
    })
    workspace.missingMethods.add('chat.update')
    expect(await refused(client.chat.update({ channel: 'C0OPS', ts: '1', text: 'x' }))).toMatchObject({
      error: 'unknown_method',
    })
  })

  it('posts where the bot may and says why not elsewhere', async () => {
    const workspace = await workspaceWith({ scopes: ['chat:write'] })
    const client = clientOf(workspace)
    expect(await refused(client.chat.postMessage({ channel: 'C0GENERAL', text: 'x' }))).toMatchObject({
      error: 'not_in_channel',
    })
    expect(await refused(client.chat.postMessage({ channel: 'C0SECRET', text: 'x' }))).toMatchObject({
      error: 'channel_not_found',
    })
    expect(await refused(client.chat.postMessage({ channel: 'C0OPS', text: '' }))).toMatchObject({ error: 'no_text' })
    workspace.scopes.add('chat:write.public')
    expect(await client.chat.postMessage({ channel: 'C0GENERAL', text: 'digest' })).toMatchObject({ ok: true })
    expect(await client.chat.postMessage({ channel: 'U0ANNA', text: 'direct' })).toMatchObject({ channel: 'D0ANNA' })
    expect(await refused(client.chat.postMessage({ channel: 'C0OPS', text: 'x', thread_ts: '1.2' }))).toMatchObject({
      error: 'thread_not_found',
    })
  })

  it('keeps delivery ids and shows them to who may read the thread', async () => {
    const workspace = await workspaceWith()
    const client = clientOf(workspace)
    const metadata = { event_type: 'medic_delivery', event_payload: { id: 'd-7' } }
    const root = await client.chat.postMessage({ channel: 'C0OPS', text: '[1] root', metadata })
    await client.chat.postMessage({
      channel: 'C0OPS',
      text: 'reply',
      thread_ts: root.ts!,
      metadata,
      client_msg_id: 'd-8',
    } as never)
    const found = await client.conversations.replies({ channel: 'C0OPS', ts: root.ts!, include_all_metadata: true })
    expect(found.messages?.map((each) => [each.text, each.metadata])).toEqual([
      ['[1] root', metadata],
      ['reply', metadata],
    ])
    expect(found.messages?.[1]).toMatchObject({ client_msg_id: 'd-8' })
    workspace.scopes.delete('channels:history')
    expect(await refused(client.conversations.replies({ channel: 'C0OPS', ts: root.ts! }))).toMatchObject({
      error: 'missing_scope',
    })
  })

  it('edits only its own messages and keeps blocks that an edit does not name', async () => {
    const workspace = await workspaceWith()
    const client = clientOf(workspace)
    const mine = await client.chat.postMessage({ channel: 'C0OPS', text: 'a', blocks: [{ type: 'divider' }] })
    await client.chat.update({ channel: 'C0OPS', ts: mine.ts!, text: 'b' })
    expect(workspace.message('ops', mine.ts!)).toMatchObject({ text: 'b', blocks: [{ type: 'divider' }] })
    await client.chat.update({ channel: 'C0OPS', ts: mine.ts!, text: 'c', blocks: [] })
    expect(workspace.message('ops', mine.ts!)!.blocks).toEqual([])
    const theirs = workspace.post('not yours')
    expect(await refused(client.chat.update({ channel: 'C0OPS', ts: theirs.ts, text: 'x' }))).toMatchObject({
      error: 'cant_update_message',
    })
    expect(await refused(client.chat.update({ channel: 'C0OPS', ts: '9.9', text: 'x' }))).toMatchObject({
      error: 'message_not_found',
    })
    expect(await refused(client.chat.update({ channel: 'C0OPS', ts: mine.ts!, text: 'x'.repeat(4001) }))).toMatchObject(
      { error: 'msg_too_long' },
    )
  })

  it('lets a trigger open one view within three seconds', async () => {
    const workspace = await workspaceWith()
    const client = clientOf(workspace)
    const view = { type: 'modal' as const, title: { type: 'plain_text' as const, text: 'T' }, blocks: [] }
    const trigger = workspace.state.newTrigger('U0ANNA')
    await client.views.open({ trigger_id: trigger, view })
    expect(await refused(client.views.open({ trigger_id: trigger, view }))).toMatchObject({
      error: 'exchanged_trigger_id',
    })
    const late = workspace.state.newTrigger('U0ANNA')
    workspace.advanceClock(3_001)
    expect(await refused(client.views.open({ trigger_id: late, view }))).toMatchObject({ error: 'expired_trigger_id' })
    expect(await refused(client.views.open({ trigger_id: 'invented', view }))).toMatchObject({
      error: 'invalid_trigger_id',
    })
    const long = { ...view, title: { type: 'plain_text' as const, text: 'x'.repeat(25) } }
    expect(await refused(client.views.open({ trigger_id: workspace.state.newTrigger('U0ANNA'), view: long }))).toEqual({
      error: 'invalid_arguments',
      messages: ['[ERROR] must be less than 25 characters [json-pointer:/view/title/text]'],
    })
  })

  it('takes a file in three steps and refuses completion before the bytes', async () => {
    const workspace = await workspaceWith()
    const client = clientOf(workspace)
    const root = await client.chat.postMessage({ channel: 'C0OPS', text: 'root' })
    await client.filesUploadV2({
      channel_id: 'C0OPS',
      thread_ts: root.ts!,
      file: Buffer.from('line one\nline two'),
      filename: 'evidence.txt',
      title: 'Evidence',
    })
    const { file, message } = await workspace.waitForFile({ named: 'evidence.txt' })
    expect(file.bytes?.toString()).toBe('line one\nline two')
    expect(message).toMatchObject({ thread_ts: root.ts, channel: 'C0OPS' })
    const info = await client.files.info({ file: file.id })
    const withToken = await fetch(info.file!.url_private!, {
      headers: { authorization: `Bearer ${workspace.tokens.bot}` },
    })
    expect(await withToken.text()).toBe('line one\nline two')
    expect(await (await fetch(info.file!.url_private!)).text()).toContain('Sign in')
    const early = await client.files.getUploadURLExternal({ filename: 'b.txt', length: 3 })
    expect(await refused(client.files.completeUploadExternal({ files: [{ id: early.file_id! }] }))).toMatchObject({
      error: 'file_not_found',
    })
  })

  it('refuses the sixth use of a response_url and any use after 30 minutes', async () => {
    const workspace = await workspaceWith()
    const url = (): string => String(workspace.slash('/oom-triage x').payload['response_url'])
    const use = async (to: string): Promise<number> =>
      (await fetch(to, { method: 'POST', body: JSON.stringify({ text: 'hi' }) })).status
    const first = url()
    const statuses: number[] = []
    for (let index = 0; index < 6; index++) statuses.push(await use(first))
    expect(statuses).toEqual([200, 200, 200, 200, 200, 404])
    const second = url()
    workspace.advanceClock(30 * 60_000 + 1)
    expect(await use(second)).toBe(404)
  })

  it('limits posting to a channel and says when to come back', async () => {
    const workspace = await workspaceWith({ rateLimits: { posting: { perSecond: 1, burst: 2 } } })
    const client = new WebClient(workspace.tokens.bot, {
      slackApiUrl: workspace.apiUrl,
      logger: silent,
      rejectRateLimitedCalls: true,
    })
    await client.chat.postMessage({ channel: 'C0OPS', text: '1' })
    await client.chat.postMessage({ channel: 'C0OPS', text: '2' })
    await expect(client.chat.postMessage({ channel: 'C0OPS', text: '3' })).rejects.toMatchObject({ retryAfter: 1 })
    workspace.advanceClock(1_000)
    await client.chat.postMessage({ channel: 'C0OPS', text: '4' })
    expect(workspace.calls.map((call) => call.outcome)).toEqual(['ok', 'ok', '429', 'ok'])
  })
})

describe('planned faults', () => {
  it('answers an error, then a status, then acts', async () => {
    const workspace = await workspaceWith()
    const client = clientOf(workspace, 1)
    workspace.faults.plan('chat.postMessage', { error: 'msg_blocks_too_long' })
    expect(await refused(client.chat.postMessage({ channel: 'C0OPS', text: 'a' }))).toMatchObject({
      error: 'msg_blocks_too_long',
    })
    workspace.faults.plan('chat.postMessage', { status: 503 })
    await client.chat.postMessage({ channel: 'C0OPS', text: 'b' })
    expect(workspace.calls.map((call) => call.outcome)).toEqual(['msg_blocks_too_long', '503', 'ok'])
    expect(workspace.faults.left).toBe(0)
  })

  it('doubles a message whose answer was dropped or late, as Slack would', async () => {
    const workspace = await workspaceWith()
    workspace.faults.plan('chat.postMessage', { drop: 'after-acting' })
    await clientOf(workspace, 1).chat.postMessage({ channel: 'C0OPS', text: 'dropped' })
    workspace.faults.plan('chat.postMessage', { answerAfterMs: 300 })
    await clientOf(workspace, 1, 100).chat.postMessage({ channel: 'C0OPS', text: 'late' })
    workspace.faults.plan('chat.postMessage', { drop: 'before-acting' })
    await clientOf(workspace, 1).chat.postMessage({ channel: 'C0OPS', text: 'lost' })
    expect(workspace.channelMessages().map((each) => each.text)).toEqual(['dropped', 'dropped', 'late', 'late', 'lost'])
  })

  it('honours client_msg_id only when told to', async () => {
    const workspace = await workspaceWith({ honoursClientMsgId: true })
    workspace.faults.plan('chat.postMessage', { drop: 'after-acting' })
    await clientOf(workspace, 1).chat.postMessage({ channel: 'C0OPS', text: 'once', client_msg_id: 'd-1' } as never)
    expect(workspace.channelMessages()).toHaveLength(1)
  })

  it('fails uploads and response URLs too', async () => {
    const workspace = await workspaceWith()
    workspace.faults.plan('upload', { status: 500 }, 1)
    const upload = { channel_id: 'C0OPS', file: Buffer.from('x'), filename: 'x.txt' }
    await expect(clientOf(workspace).filesUploadV2(upload)).rejects.toThrow()
    workspace.faults.plan('response_url', { status: 500 })
    const url = String(workspace.slash('/oom-triage x').payload['response_url'])
    expect((await fetch(url, { method: 'POST', body: '{"text":"x"}' })).status).toBe(500)
  })

  it('misses a deadline with a message that says what happened instead', async () => {
    const workspace = await workspaceWith()
    await clientOf(workspace).chat.postMessage({ channel: 'C0OPS', text: 'something else' })
    await expect(workspace.waitForMessage({ having: 'verdict', withinMs: 20 })).rejects.toThrow(
      /no message having verdict within 20 ms; last events: .*something else/,
    )
  })
})

describe('hostile text', () => {
  it('is told apart: alive in mrkdwn and text, inert in rich text', () => {
    const hostile = '<!channel> <@U0ANNA> <https://evil.example|click>'
    expect(liveParts({ text: hostile }).map((part) => part.kind)).toEqual(['broadcast', 'mention', 'link'])
    const rich = {
      type: 'rich_text',
      elements: [{ type: 'rich_text_preformatted', elements: [{ type: 'text', text: hostile }] }],
    }
    expect(
      liveParts({ text: 'log', blocks: [rich, { type: 'section', text: { type: 'plain_text', text: hostile } }] }),
    ).toEqual([])
    expect(
      liveParts({ text: '', blocks: [{ type: 'section', text: { type: 'mrkdwn', text: hostile } }] }),
    ).toHaveLength(3)
    const mention = {
      type: 'rich_text',
      elements: [{ type: 'rich_text_section', elements: [{ type: 'user', user_id: 'U1' }] }],
    }
    expect(liveParts({ text: '', blocks: [mention] })).toHaveLength(1)
  })
})
