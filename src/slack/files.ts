import type { Desk } from './desk.ts'
import type { ReadMessage } from './messageText.ts'

const MOST_FILES = 3
/** Larger logs are for `medic diagnose`; this much is read and the rest is said to be cut. */
const LONGEST_FILE_BYTES = 8 * 1024 * 1024
const DOWNLOAD_LIMIT_MS = 20_000

export interface TextFiles {
  readonly texts: readonly string[]
  /** What was cut, for the reader. */
  readonly cut: readonly string[]
  readonly problem: string | null
}

/** Text files on a message. Without the scope `files:read`, or for other kinds of files, the problem says so. */
export const textFiles = async (desk: Desk, message: ReadMessage): Promise<TextFiles> => {
  const files = (Array.isArray(message.files) ? message.files : []) as readonly Readonly<Record<string, unknown>>[]
  const texts: string[] = []
  const cut: string[] = []
  let problem: string | null = null
  for (const file of files.slice(0, MOST_FILES)) {
    const mimetype = typeof file['mimetype'] === 'string' ? file['mimetype'] : ''
    if (!/^text\/|json|xml|octet-stream|^$/.test(mimetype)) {
      problem = 'an attached file is not text, so it was not read'
      continue
    }
    try {
      const { text, isCut } = await download(desk, file['url_private'])
      texts.push(text)
      if (isCut)
        cut.push('the file is longer than 8 MiB: only its beginning was read; `medic diagnose` reads all of it')
    } catch (error) {
      problem = `an attached file could not be read: ${error instanceof Error ? error.message : 'unknown'}`
    }
  }
  return { texts, cut, problem }
}

/** Our token goes to Slack's own addresses only. */
const download = async (desk: Desk, address: unknown): Promise<{ text: string; isCut: boolean }> => {
  const url = typeof address === 'string' ? URL.parse(address) : null
  const own = URL.parse(desk.client.slackApiUrl)
  const isSlack = url?.protocol === 'https:' && (url.hostname === 'slack.com' || url.hostname.endsWith('.slack.com'))
  if (url === null || !(isSlack || url.origin === own?.origin)) throw new Error('it is not kept by Slack')
  const response = await fetch(url, {
    headers: { authorization: `Bearer ${desk.client.token ?? ''}` },
    redirect: 'error',
    signal: AbortSignal.timeout(DOWNLOAD_LIMIT_MS),
  })
  const type = response.headers.get('content-type') ?? ''
  // Without the scope Slack answers with its sign-in page.
  if (!response.ok || type.startsWith('text/html')) throw new Error('the scope files:read is missing')
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of response.body ?? []) {
    const room = LONGEST_FILE_BYTES - bytes
    chunks.push(chunk.length > room ? chunk.subarray(0, room) : chunk)
    bytes += chunk.length
    if (bytes > LONGEST_FILE_BYTES) break
  }
  return { text: Buffer.concat(chunks).toString('utf8'), isCut: bytes > LONGEST_FILE_BYTES }
}
