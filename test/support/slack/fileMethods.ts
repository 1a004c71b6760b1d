import { BLOCK_LIMITS, characterCount } from '../../../src/slack/blockLimits.ts'
import { ApiRefusal, listArgument, neededText, refusalWith, textArgument } from './apiArguments.ts'
import { botMethod, type ApiMethod, type MethodWorld } from './apiMethod.ts'
import { channelFor, contentOf, threadFor } from './chatMethods.ts'
import type { JsonObject, StoredFile } from './records.ts'

const MIMETYPES: Record<string, string> = {
  txt: 'text/plain',
  log: 'text/plain',
  md: 'text/markdown',
  json: 'application/json',
  png: 'image/png',
  jpg: 'image/jpeg',
  gif: 'image/gif',
  svg: 'image/svg+xml',
}

/** The type Slack would guess from a file's name. */
export const mimetypeOf = (name: string): string =>
  MIMETYPES[name.split('.').at(-1)?.toLowerCase() ?? ''] ?? 'application/octet-stream'

/** A file as Slack shows it to the app. */
export const publicFile = (world: Pick<MethodWorld, 'baseUrl'>, file: StoredFile): JsonObject => ({
  id: file.id,
  name: file.name,
  title: file.title,
  mimetype: file.mimetype,
  filetype: file.name.split('.').at(-1) ?? '',
  size: file.bytes?.length ?? 0,
  user: file.user,
  mode: file.mimetype.startsWith('text/') ? 'snippet' : 'hosted',
  url_private: `${world.baseUrl}/files-pri/${file.id}/${encodeURIComponent(file.name)}`,
  url_private_download: `${world.baseUrl}/files-pri/${file.id}/download/${encodeURIComponent(file.name)}`,
  permalink: `${world.baseUrl}/files/${file.id}`,
  ...(file.altText === null ? {} : { alt_txt: file.altText }),
  shares: {
    public: Object.fromEntries(file.shares.map(({ channel, ...share }) => [channel, [share]])),
  },
})

const getUploadUrl = (world: MethodWorld, args: JsonObject): JsonObject => {
  const name = neededText(args, 'filename')
  const length = Number(neededText(args, 'length'))
  if (!Number.isInteger(length) || length <= 0) {
    throw refusalWith('invalid_arguments', ['[ERROR] must be more than 0 [json-pointer:/length]'])
  }
  const altText = textArgument(args, 'alt_text') ?? textArgument(args, 'alt_txt')
  if (characterCount(altText ?? '') > BLOCK_LIMITS.image.uploadAltTextLength) {
    throw refusalWith('invalid_arguments', [
      `[ERROR] must be less than ${BLOCK_LIMITS.image.uploadAltTextLength + 1} characters [json-pointer:/alt_text]`,
    ])
  }
  const file: StoredFile = {
    id: world.state.id('F'),
    name,
    title: name,
    altText,
    declaredBytes: length,
    mimetype: mimetypeOf(name),
    bytes: null,
    completed: false,
    shares: [],
    user: world.state.botUserId,
  }
  world.state.files.set(file.id, file)
  return { upload_url: `${world.baseUrl}/upload/v1/${file.id}`, file_id: file.id }
}

const arrivedFile = (world: MethodWorld, given: JsonObject): StoredFile => {
  const file = world.state.files.get(String(given['id']))
  if (file === undefined || file.bytes === null) throw new ApiRefusal('file_not_found')
  if (file.bytes.length !== file.declaredBytes) {
    throw refusalWith('invalid_arguments', [
      `[ERROR] ${file.declaredBytes} bytes were announced and ${file.bytes.length} arrived [json-pointer:/files]`,
    ])
  }
  return file
}

const completeUpload = (world: MethodWorld, args: JsonObject): JsonObject => {
  const given = listArgument(args, 'files', 'invalid_arguments') ?? []
  if (given.length === 0) throw refusalWith('invalid_arguments', ['[ERROR] missing required field: files'])
  const files = given.map((each) => arrivedFile(world, each))
  const channelId = textArgument(args, 'channel_id')
  const channel = channelId === null ? null : channelFor(world, { channel: channelId })
  const threadTs = channel === null ? null : threadFor(world, channel, args)
  const comment = textArgument(args, 'initial_comment')
  const blocks = listArgument(args, 'blocks', 'invalid_blocks_format')
  const content = blocks === null || comment !== null ? null : contentOf(world, { blocks })
  for (const [index, file] of files.entries()) {
    const title = given[index]?.['title']
    if (typeof title === 'string' && title !== '') file.title = title
    file.completed = true
  }
  if (channel !== null) {
    const ts = world.state.ts()
    for (const file of files) {
      file.shares.push({ channel: channel.id, ts, ...(threadTs === null ? {} : { thread_ts: threadTs }) })
    }
    world.state.addMessage({
      type: 'message',
      subtype: 'file_share',
      ts,
      channel: channel.id,
      user: world.state.botUserId,
      bot_id: world.state.botId,
      text: comment ?? '',
      files,
      edits: 0,
      ...(content?.blocks == null ? {} : { blocks: content.blocks }),
      ...(threadTs === null ? {} : { thread_ts: threadTs }),
    })
  }
  return { files: files.map((file) => publicFile(world, file)) }
}

const info = (world: MethodWorld, args: JsonObject): JsonObject => {
  const file = world.state.files.get(neededText(args, 'file', 'file_not_found'))
  if (file === undefined || !file.completed) throw new ApiRefusal('file_not_found')
  return { file: publicFile(world, file) }
}

/** Methods of the family `files.`. */
export const fileMethods: Record<string, ApiMethod> = {
  'files.getUploadURLExternal': botMethod(['files:write'], getUploadUrl),
  'files.completeUploadExternal': botMethod(['files:write'], completeUpload),
  'files.info': botMethod(['files:read'], info),
}
