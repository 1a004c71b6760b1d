import { slackManifest } from '../slack/manifest.ts'
import { UsageError } from '../domain/errors.ts'
import { createMedic } from '../wire.ts'

/** Prints the manifest on standard output, and what to do with it on standard error. */
export const printSlackManifest = async (options: {
  readonly allScopes?: boolean
  readonly url?: string
}): Promise<number> => {
  const { url } = options
  if (url !== undefined && URL.parse(url)?.protocol !== 'https:') {
    throw new UsageError(`--url: expected https://…/slack/events, got "${url.slice(0, 200)}"`)
  }
  await using medic = await createMedic({})
  const { runbooks } = await medic.library()
  const manifest = slackManifest({ runbooks, requestUrl: url ?? null, allScopes: options.allScopes === true })
  process.stdout.write(`${JSON.stringify(manifest, null, 2)}\n`)
  process.stderr.write(
    [
      '',
      'next:',
      '  1. api.slack.com/apps, Create New App, From a manifest: paste the above',
      '  2. Install to Workspace; copy the Bot User OAuth Token (xoxb-…) into .env as SLACK_BOT_TOKEN',
      url === undefined
        ? '  3. Basic Information, App-Level Tokens: one with connections:write (xapp-…) becomes SLACK_APP_TOKEN'
        : '  3. Basic Information: the Signing Secret becomes SLACK_SIGNING_SECRET',
      '  4. medic doctor tries all of it; npm start runs the bot; /invite @medic in a channel',
      '',
    ].join('\n'),
  )
  return 0
}
