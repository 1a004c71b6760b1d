import { mkdtempSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { spawn } from 'node:child_process'
import { FakeWorkspace } from './fakeWorkspace.ts'

/** `npm run demo [PORT]`: a Slack-like page in the browser, the real bot, and a recorded kill. No account, no server. */
const port = Number(process.argv[2] ?? 0)
const workspace = await new FakeWorkspace({ port, usergroups: { S0ONCALL: ['U0ANNA', 'U0BEN'] } }).start()
const folder = mkdtempSync(join(tmpdir(), 'medic-demo-'))
writeFileSync(
  join(folder, 'medic.yaml'),
  `hosts:
  web01: {replay: demo, groups: [web], site: frankfurt}
  web02: {replay: demo, groups: [web], site: oregon}
policy:
  - {allow: [read]}
  - {allow: [change, approve], usergroups: [S0ONCALL]}
`,
)
const bot = spawn(process.execPath, [join(import.meta.dirname, '..', '..', '..', 'src', 'cli', 'main.ts'), 'serve'], {
  cwd: folder,
  stdio: ['ignore', 'ignore', 'inherit'],
  env: {
    ...process.env,
    MEDIC_HOME: join(folder, 'state'),
    MEDIC_CONFIG: join(folder, 'medic.yaml'),
    SLACK_BOT_TOKEN: workspace.tokens.bot,
    SLACK_APP_TOKEN: workspace.tokens.app,
    SLACK_API_URL: workspace.apiUrl,
  },
})

const stop = async (code: number): Promise<void> => {
  if (bot.exitCode === null && bot.signalCode === null) {
    const ended = new Promise((resolve) => bot.once('exit', resolve))
    bot.kill('SIGTERM')
    await ended
  }
  await workspace.stop()
  await rm(folder, { recursive: true, force: true })
  process.exit(code)
}

bot.once('exit', (code) => void stop(code ?? 1))
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stop(0))

await workspace.waitForSockets(1, { withinMs: 30_000 })
process.stdout.write(`open ${workspace.pageUrl} and type /oom-triage demo  (Ctrl-C ends it)\n`)
