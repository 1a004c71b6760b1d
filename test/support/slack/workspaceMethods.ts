import { ApiRefusal, neededText, objectArgument, refusalWith, textArgument } from './apiArguments.ts'
import { botMethod, type ApiMethod, type MethodWorld } from './apiMethod.ts'
import { channelFor, publicMessage } from './chatMethods.ts'
import { asText, type Channel, type JsonObject, type Message } from './records.ts'
import { validateBlocks, problemMessages, validateView } from './validateBlocks.ts'

const knownChannel = (world: MethodWorld, args: JsonObject): Channel => {
  const channel = world.state.findChannel(neededText(args, 'channel', 'channel_not_found'))
  if (channel === undefined) throw new ApiRefusal('channel_not_found')
  // A private channel the bot is not in does not exist for it.
  if (channel.kind === 'private' && !channel.members.has(world.state.botUserId))
    throw new ApiRefusal('channel_not_found')
  return channel
}

const publicChannel = (world: MethodWorld, channel: Channel): JsonObject => ({
  id: channel.id,
  name: channel.name,
  is_channel: channel.kind === 'public',
  is_private: channel.kind === 'private',
  is_im: channel.kind === 'im',
  is_member: channel.members.has(world.state.botUserId),
  is_archived: false,
  num_members: channel.members.size,
})

const history = (world: MethodWorld, args: JsonObject, choose: (message: Message) => boolean): JsonObject => {
  const limit = Number(textArgument(args, 'limit') ?? '100')
  const offset = Number(textArgument(args, 'cursor') ?? '0')
  const withMetadata = textArgument(args, 'include_all_metadata') === 'true'
  const chosen = world.state.messagesOf(knownChannel(world, args).id).filter(choose)
  const page = chosen.slice(offset, offset + limit).map((message) => {
    const { metadata, ...shown } = publicMessage(message)
    return withMetadata && metadata !== undefined ? { ...shown, metadata } : shown
  })
  const hasMore = chosen.length > offset + limit
  return {
    messages: page,
    has_more: hasMore,
    response_metadata: { next_cursor: hasMore ? String(offset + limit) : '' },
  }
}

/** Reading needs the scope of the kind of channel. */
const needHistoryScope = (world: MethodWorld, channel: Channel): void => {
  const needed = { public: 'channels:history', private: 'groups:history', im: 'im:history' }[channel.kind]
  if (!world.scopes.has(needed)) {
    throw new ApiRefusal('missing_scope', { needed, provided: [...world.scopes].join(',') })
  }
  if (!channel.members.has(world.state.botUserId)) throw new ApiRefusal('not_in_channel')
}

const replies = (world: MethodWorld, args: JsonObject): JsonObject => {
  const channel = knownChannel(world, args)
  needHistoryScope(world, channel)
  const ts = neededText(args, 'ts', 'thread_not_found')
  if (world.state.findMessage(channel.id, ts) === undefined) throw new ApiRefusal('thread_not_found')
  return history(world, args, (message) => message.ts === ts || message.thread_ts === ts)
}

const channelHistory = (world: MethodWorld, args: JsonObject): JsonObject => {
  const channel = knownChannel(world, args)
  needHistoryScope(world, channel)
  const answer = history(world, args, (message) => message.thread_ts === undefined || message.thread_ts === message.ts)
  return { ...answer, messages: (answer['messages'] as JsonObject[]).reverse() }
}

const conversations: Record<string, ApiMethod> = {
  'conversations.info': botMethod(['channels:read', 'groups:read'], (world, args) => ({
    channel: publicChannel(world, knownChannel(world, args)),
  })),
  'conversations.members': botMethod(['channels:read', 'groups:read'], (world, args) => ({
    members: [...knownChannel(world, args).members],
    response_metadata: { next_cursor: '' },
  })),
  'conversations.list': botMethod(['channels:read', 'groups:read'], (world) => ({
    channels: [...world.state.channels.values()]
      .filter((each) => each.kind === 'public' || (each.kind === 'private' && each.members.has(world.state.botUserId)))
      .map((each) => publicChannel(world, each)),
    response_metadata: { next_cursor: '' },
  })),
  'conversations.open': botMethod(['im:write'], (world, args) => {
    const user = neededText(args, 'users', 'users_list_not_supplied')
    if (!world.state.people.has(user)) throw new ApiRefusal('user_not_found')
    return { channel: { id: world.state.directChannel(user).id } }
  }),
  'conversations.replies': botMethod([], replies),
  'conversations.history': botMethod([], channelHistory),
}

const setStatus = (world: MethodWorld, args: JsonObject): JsonObject => {
  const channel = channelFor(world, { channel: textArgument(args, 'channel_id') })
  const threadTs = neededText(args, 'thread_ts')
  const status = textArgument(args, 'status') ?? ''
  world.state.statuses.set(`${channel.id} ${threadTs}`, status)
  world.state.journal.add({ kind: 'status', channel: channel.id, thread_ts: threadTs, text: status })
  return {}
}

const markdownOf = (args: JsonObject): string => {
  const content = objectArgument(args, 'document_content', 'invalid_arguments')
  return content === null ? '' : asText(content['markdown'])
}

const createCanvas = (world: MethodWorld, args: JsonObject): JsonObject => {
  // A free workspace has channel canvases only.
  if (textArgument(args, 'channel_id') === null) throw new ApiRefusal('free_teams_cannot_create_non_tabbed_canvases')
  const markdown = markdownOf(args)
  if (Buffer.byteLength(markdown) > 1024 * 1024) throw new ApiRefusal('canvas_creation_failed')
  const id = world.state.id('F')
  world.state.canvases.set(id, { title: textArgument(args, 'title') ?? '', markdown })
  return { canvas_id: id }
}

const editCanvas = (world: MethodWorld, args: JsonObject): JsonObject => {
  const canvas = world.state.canvases.get(neededText(args, 'canvas_id', 'canvas_not_found'))
  if (canvas === undefined) throw new ApiRefusal('canvas_not_found')
  for (const change of (args['changes'] ?? []) as JsonObject[]) {
    const markdown = markdownOf(change)
    canvas.markdown = change['operation'] === 'insert_at_end' ? canvas.markdown + markdown : markdown
  }
  return {}
}

const addReaction = (world: MethodWorld, args: JsonObject): JsonObject => {
  const channel = channelFor(world, args)
  const ts = neededText(args, 'timestamp', 'no_item_specified')
  const name = neededText(args, 'name', 'invalid_name')
  if (world.state.findMessage(channel.id, ts) === undefined) throw new ApiRefusal('message_not_found')
  if (world.state.reactions.some((each) => each.channel === channel.id && each.ts === ts && each.name === name)) {
    throw new ApiRefusal('already_reacted')
  }
  world.state.reactions.push({ channel: channel.id, ts, name })
  return {}
}

const userInfo = (world: MethodWorld, args: JsonObject): JsonObject => {
  const person = world.state.people.get(neededText(args, 'user', 'user_not_found'))
  if (person === undefined) throw new ApiRefusal('user_not_found')
  return {
    user: {
      id: person.id,
      team_id: person.teamId ?? world.state.teamId,
      name: person.name,
      real_name: person.realName,
      tz: person.tz,
      is_bot: person.isBot ?? false,
      deleted: false,
    },
  }
}

const usergroupUsers = (world: MethodWorld, args: JsonObject): JsonObject => {
  const users = world.state.usergroups.get(neededText(args, 'usergroup', 'no_such_subteam'))
  if (users === undefined) throw new ApiRefusal('no_such_subteam')
  return { users }
}

const validate = (_world: MethodWorld, args: JsonObject): JsonObject => {
  const view = objectArgument(args, 'view', 'invalid_arguments')
  const problems = view === null ? validateBlocks(args['blocks'], 'message') : validateView(view)
  if (problems.length > 0) throw refusalWith('invalid_blocks', problemMessages(problems))
  return {}
}

/** Every method that is not of chat, views or files. */
export const workspaceMethods: Record<string, ApiMethod> = {
  ...conversations,
  'api.test': botMethod([], () => ({})),
  'auth.test': botMethod([], ({ state, baseUrl }) => ({
    url: `${baseUrl}/`,
    team: 'Medic Fake',
    user: 'medic',
    team_id: state.teamId,
    user_id: state.botUserId,
    bot_id: state.botId,
    is_enterprise_install: false,
  })),
  'apps.connections.open': {
    scopes: [],
    token: 'app',
    run: (world) => ({
      url: `${world.baseUrl.replace(/^http/, 'ws')}/link/?ticket=${world.openSocketTicket()}&app_id=${world.state.appId}`,
    }),
  },
  'usergroups.users.list': botMethod(['usergroups:read'], usergroupUsers),
  'users.info': botMethod(['users:read'], userInfo),
  'assistant.threads.setStatus': botMethod(['chat:write', 'assistant:write'], setStatus),
  'canvases.create': botMethod(['canvases:write'], createCanvas),
  'canvases.edit': botMethod(['canvases:write'], editCanvas),
  'reactions.add': botMethod(['reactions:write'], addReaction),
  'blocks.validate': botMethod([], validate),
}
