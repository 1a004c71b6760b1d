import { ApiRefusal } from './apiArguments.ts'
import type { MethodWorld } from './apiMethod.ts'
import { contentOf } from './chatMethods.ts'
import type { JsonObject } from './records.ts'
import { RESPONSE_URL_LIFE_MS, RESPONSE_URL_USES } from './workspaceState.ts'

interface Place {
  readonly channel: string
  readonly user: string
  readonly threadTs: string | null
}

/** Shows the content of an acknowledgement or of `respond()`: ephemeral unless it says in_channel. */
export const showResponse = (world: MethodWorld, place: Place, body: JsonObject): void => {
  const { text, blocks } = contentOf(world, body)
  const thread = typeof body['thread_ts'] === 'string' ? body['thread_ts'] : place.threadTs
  const shared = {
    ts: world.state.ts(),
    channel: place.channel,
    text,
    ...(blocks === null ? {} : { blocks }),
    ...(thread === null ? {} : { thread_ts: thread }),
  }
  if (body['response_type'] === 'in_channel') {
    world.state.addMessage({
      ...shared,
      type: 'message',
      user: world.state.botUserId,
      bot_id: world.state.botId,
      edits: 0,
    })
    return
  }
  world.state.addEphemeral({ ...shared, user: place.user, from: 'app' })
}

const changeOriginal = (
  world: MethodWorld,
  place: Place & { ts: string; isEphemeral: boolean },
  body: JsonObject,
): void => {
  const { state } = world
  const isDeletion = body['delete_original'] === true || body['delete_original'] === 'true'
  if (isDeletion) {
    if (place.isEphemeral) state.deleteEphemeral(place.ts)
    else state.deleteMessage(place.channel, place.ts)
    return
  }
  const { text, blocks } = contentOf(world, body)
  if (place.isEphemeral) {
    const old = state.ephemerals.get(place.ts)
    if (old === undefined) throw new ApiRefusal('message_not_found')
    state.addEphemeral({ ...old, text, ...(blocks === null ? {} : { blocks }) })
    return
  }
  const message = state.findMessage(place.channel, place.ts)
  if (message === undefined) throw new ApiRefusal('message_not_found')
  message.text = text
  if (blocks !== null) message.blocks = blocks
  message.edits++
  state.changeMessage(message)
}

/** Answers `POST /response/ID`: status and body. */
export const useResponseUrl = (
  world: MethodWorld,
  id: string,
  body: JsonObject,
): { status: number; body: JsonObject } => {
  const { state } = world
  const url = state.responseUrls.get(id)
  if (url === undefined || url.uses >= RESPONSE_URL_USES || state.now() - url.bornAtMs > RESPONSE_URL_LIFE_MS) {
    return {
      status: 404,
      body: { ok: false, error: url === undefined || url.uses < RESPONSE_URL_USES ? 'expired_url' : 'used_url' },
    }
  }
  url.uses++
  const wantsOriginal = ['replace_original', 'delete_original'].some(
    (key) => body[key] === true || body[key] === 'true',
  )
  try {
    if (wantsOriginal && url.original !== null) changeOriginal(world, { ...url, ...url.original }, body)
    else showResponse(world, url, body)
    return { status: 200, body: { ok: true } }
  } catch (error) {
    if (error instanceof ApiRefusal) return { status: 400, body: { ok: false, error: error.code, ...error.details } }
    throw error
  }
}
