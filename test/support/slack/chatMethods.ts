import { BLOCK_LIMITS, characterCount } from '../../../src/slack/blockLimits.ts'
import { ApiRefusal, listArgument, neededText, objectArgument, refusalWith, textArgument } from './apiArguments.ts'
import { botMethod, type ApiMethod, type MethodWorld } from './apiMethod.ts'
import type { Channel, JsonObject, Message } from './records.ts'
import { refuseMessageBlocks } from './validateBlocks.ts'

/** Slack gives an id to each block that has none. */
export const withBlockIds = (world: MethodWorld, blocks: readonly JsonObject[]): JsonObject[] =>
  blocks.map((block) => (block['block_id'] === undefined ? { ...block, block_id: world.state.id('b') } : block))

/** The channel a message goes to: a channel id or name, or a person for a direct message. */
export const channelFor = (world: MethodWorld, args: JsonObject, mayBeOutside = false): Channel => {
  const given = neededText(args, 'channel', 'channel_not_found')
  const channel = world.state.people.has(given) ? world.state.directChannel(given) : world.state.findChannel(given)
  if (channel === undefined) throw new ApiRefusal('channel_not_found')
  if (!channel.members.has(world.state.botUserId)) {
    if (channel.kind !== 'public') throw new ApiRefusal('channel_not_found')
    if (!mayBeOutside) throw new ApiRefusal('not_in_channel')
  }
  return channel
}

/** Text, blocks and attachments of a call, checked as Slack checks them. */
export const contentOf = (world: MethodWorld, args: JsonObject): { text: string; blocks: JsonObject[] | null } => {
  const blocks = listArgument(args, 'blocks', 'invalid_blocks_format')
  const text = textArgument(args, 'text')
  const attachments = listArgument(args, 'attachments', 'invalid_attachments')
  if (text === null && (blocks?.length ?? 0) === 0 && (attachments?.length ?? 0) === 0) throw new ApiRefusal('no_text')
  if (blocks !== null) {
    const refusal = refuseMessageBlocks(blocks, world.refusedBlocks)
    if (refusal !== null) throw refusalWith(refusal.error, refusal.messages)
  }
  return { text: text ?? '', blocks: blocks === null ? null : withBlockIds(world, blocks) }
}

const metadataOf = (args: JsonObject): JsonObject | null => {
  const metadata = objectArgument(args, 'metadata', 'invalid_metadata_format')
  if (metadata === null) return null
  const { event_type: eventType, event_payload: payload } = metadata
  if (typeof eventType !== 'string' || eventType === '' || typeof payload !== 'object' || payload === null) {
    throw new ApiRefusal('invalid_metadata_format')
  }
  return metadata
}

/** The root of the thread a message joins, or null. */
export const threadFor = (world: MethodWorld, channel: Channel, args: JsonObject): string | null => {
  const threadTs = textArgument(args, 'thread_ts')
  if (threadTs === null) return null
  const root = world.state.findMessage(channel.id, threadTs)
  if (root === undefined) throw new ApiRefusal('thread_not_found')
  if (root.thread_ts !== undefined && root.thread_ts !== root.ts) throw new ApiRefusal('cannot_reply_to_message')
  return threadTs
}

/** A message as the Web API shows it. */
export const publicMessage = (message: Message): JsonObject => {
  const { channel: _channel, edits: _edits, streaming: _streaming, files, ...rest } = message
  return files === undefined ? { ...rest } : { ...rest, files: files.map((file) => ({ id: file.id, name: file.name })) }
}

const newMessage = (world: MethodWorld, channel: Channel, threadTs: string | null, text: string): Message => ({
  type: 'message',
  ts: world.state.ts(),
  channel: channel.id,
  user: world.state.botUserId,
  bot_id: world.state.botId,
  app_id: world.state.appId,
  text,
  edits: 0,
  ...(threadTs === null ? {} : { thread_ts: threadTs }),
})

const postMessage = (world: MethodWorld, args: JsonObject): JsonObject => {
  const channel = channelFor(world, args, world.scopes.has('chat:write.public'))
  const { text, blocks } = contentOf(world, args)
  const metadata = metadataOf(args)
  const threadTs = threadFor(world, channel, args)
  const clientMsgId = textArgument(args, 'client_msg_id')
  if (world.honoursClientMsgId && clientMsgId !== null) {
    const known = world.state.messagesOf(channel.id).find((each) => each.client_msg_id === clientMsgId)
    if (known !== undefined) return { channel: channel.id, ts: known.ts, message: publicMessage(known) }
  }
  const message = newMessage(
    world,
    channel,
    threadTs,
    Array.from(text).slice(0, BLOCK_LIMITS.message.postedTextLength).join(''),
  )
  if (blocks !== null) message.blocks = blocks
  if (metadata !== null) message.metadata = metadata
  if (clientMsgId !== null) message.client_msg_id = clientMsgId
  world.state.addMessage(message)
  return { channel: channel.id, ts: message.ts, message: publicMessage(message) }
}

/** A message of the bot's own, or Slack's refusal. */
const ownMessage = (world: MethodWorld, args: JsonObject, code: string): Message => {
  const channel = world.state.findChannel(neededText(args, 'channel', 'channel_not_found'))
  if (channel === undefined) throw new ApiRefusal('channel_not_found')
  const message = world.state.findMessage(channel.id, neededText(args, 'ts', 'message_not_found'))
  if (message === undefined) throw new ApiRefusal('message_not_found')
  if (message.user !== world.state.botUserId) throw new ApiRefusal(code)
  return message
}

const update = (world: MethodWorld, args: JsonObject): JsonObject => {
  const message = ownMessage(world, args, 'cant_update_message')
  if (message.streaming === true) throw new ApiRefusal('streaming_state_conflict')
  if (characterCount(textArgument(args, 'text') ?? '') > BLOCK_LIMITS.message.textLength) {
    throw new ApiRefusal('msg_too_long')
  }
  const { text, blocks } = contentOf(world, args)
  const metadata = metadataOf(args)
  message.text = text
  // Blocks that are not given stay, an empty list takes them away: the trap of a text-only edit.
  if (blocks !== null) message.blocks = blocks
  if (metadata !== null) message.metadata = metadata
  message.edited = { user: world.state.botUserId, ts: world.state.ts() }
  message.edits++
  world.state.changeMessage(message)
  return { channel: message.channel, ts: message.ts, text, message: publicMessage(message) }
}

const remove = (world: MethodWorld, args: JsonObject): JsonObject => {
  const message = ownMessage(world, args, 'cant_delete_message')
  world.state.deleteMessage(message.channel, message.ts)
  return { channel: message.channel, ts: message.ts }
}

const postEphemeral = (world: MethodWorld, args: JsonObject): JsonObject => {
  const channel = channelFor(world, args)
  const user = neededText(args, 'user', 'user_not_in_channel')
  if (!channel.members.has(user)) throw new ApiRefusal('user_not_in_channel')
  const { text, blocks } = contentOf(world, args)
  const threadTs = threadFor(world, channel, args)
  const ephemeral = world.state.addEphemeral({
    ts: world.state.ts(),
    channel: channel.id,
    user,
    text,
    from: 'app',
    ...(blocks === null ? {} : { blocks }),
    ...(threadTs === null ? {} : { thread_ts: threadTs }),
  })
  return { message_ts: ephemeral.ts }
}

const getPermalink = (world: MethodWorld, args: JsonObject): JsonObject => {
  const channel = world.state.findChannel(neededText(args, 'channel', 'channel_not_found'))
  if (channel === undefined) throw new ApiRefusal('channel_not_found')
  const message = world.state.findMessage(channel.id, neededText(args, 'message_ts', 'message_not_found'))
  if (message === undefined) throw new ApiRefusal('message_not_found')
  const thread = message.thread_ts === undefined ? '' : `?thread_ts=${message.thread_ts}&cid=${channel.id}`
  return {
    channel: channel.id,
    permalink: `${world.baseUrl}/archives/${channel.id}/p${message.ts.replace('.', '')}${thread}`,
  }
}

const streamed = (world: MethodWorld, args: JsonObject): Message => {
  const message = ownMessage(world, args, 'message_not_owned_by_app')
  if (message.streaming !== true) throw new ApiRefusal('message_not_in_streaming_state')
  return message
}

const appendTo = (message: Message, args: JsonObject): void => {
  const chunks = listArgument(args, 'chunks', 'invalid_chunks')
  const markdown = textArgument(args, 'markdown_text')
  if (chunks !== null && markdown !== null) throw new ApiRefusal('invalid_arguments')
  message.text += markdown ?? ''
  for (const chunk of chunks ?? []) if (typeof chunk['text'] === 'string') message.text += chunk['text']
}

const startStream = (world: MethodWorld, args: JsonObject): JsonObject => {
  const channel = channelFor(world, args)
  const threadTs = threadFor(world, channel, args)
  if (threadTs === null) throw refusalWith('invalid_arguments', ['[ERROR] missing required field: thread_ts'])
  const message = newMessage(world, channel, threadTs, '')
  message.streaming = true
  appendTo(message, args)
  world.state.addMessage(message)
  return { channel: channel.id, ts: message.ts }
}

const appendStream = (world: MethodWorld, args: JsonObject): JsonObject => {
  const message = streamed(world, args)
  appendTo(message, args)
  world.state.changeMessage(message)
  return { channel: message.channel, ts: message.ts }
}

const stopStream = (world: MethodWorld, args: JsonObject): JsonObject => {
  const message = streamed(world, args)
  appendTo(message, args)
  const blocks = listArgument(args, 'blocks', 'invalid_blocks_format')
  if (blocks !== null) message.blocks = contentOf(world, { blocks }).blocks ?? []
  message.streaming = false
  world.state.changeMessage(message)
  return { channel: message.channel, ts: message.ts, message: publicMessage(message) }
}

const CHAT = ['chat:write']

/** Methods of the family `chat.`. */
export const chatMethods: Record<string, ApiMethod> = {
  'chat.postMessage': botMethod(CHAT, postMessage),
  'chat.update': botMethod(CHAT, update),
  'chat.delete': botMethod(CHAT, remove),
  'chat.postEphemeral': botMethod(CHAT, postEphemeral),
  'chat.getPermalink': botMethod([], getPermalink),
  'chat.startStream': botMethod(CHAT, startStream),
  'chat.appendStream': botMethod(CHAT, appendStream),
  'chat.stopStream': botMethod(CHAT, stopStream),
}
