import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { exportBundle, importBundle } from '../../src/app/bundle.ts'
import { hashOf } from '../../src/app/hash.ts'
import type { Bundle } from '../../src/domain/run.ts'
import { FakeWorkspace } from '../support/slack/fakeWorkspace.ts'
import { BotHome } from './botProcess.ts'

const DEMO = join(import.meta.dirname, '..', 'cases', 'demo', 'bundle.json.gz')
const LINES = 1_000

/** What a log may hold to be more than text in Slack, a terminal or a page. Carla never acts here. */
const PAYLOADS = [
  '<!channel> <!here> <!everyone>',
  '<@U0CARLA> <!subteam^S0EVIL>',
  '<https://evil.example/a|sign in> https://evil.example/b',
  '&lt;!channel&gt; &amp;lt;@U0CARLA&gt;',
  ':fire: :rotating_light: :skull:',
  '*evilbold* _evilslant_ ~evilgone~',
  '`evilcode` ```evilfence```',
  '\u202egnp.evil\u202c \u2066evil\u2069 \u200bevil\ufeff',
  '\u0007\u0000\u001b[31mevil\u001b[0m\u009b2J',
  '@channel @here @everyone #general',
  '> evilquote',
  '<!-- auto:evil 0 --> <script>evil()</script>',
  '<!date^0^{date}|evil>',
]

const payload = (index: number): string => PAYLOADS[index % PAYLOADS.length] ?? ''

/** A journal as journalctl prints it: hostile messages, hostile process names, units, and one line of a megabyte. */
const journalLine = (index: number): string => {
  const at = `2026-11-25T10:0${Math.floor(index / 250)}:${String(Math.floor(index / 5) % 50).padStart(2, '0')}.${String(index % 5)}00000+0000`
  const evil = payload(index)
  const name = evil.slice(0, 15)
  const messages = [
    `kernel: Out of memory: Killed process ${1_000 + index} (${name}) total-vm:9000kB, anon-rss:8000kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:10kB oom_score_adj:0`,
    `kernel: oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=/system.slice/${evil}.service,task_memcg=/system.slice/${evil}.service,task=${name},pid=${1_000 + index},uid=0`,
    `systemd[1]: ${evil}.service: A process of this unit has been killed by the OOM killer.`,
    `${name}[${index}]: ${evil}`,
    `kernel: ${evil}`,
  ]
  return `${at} web01 ${messages[index % messages.length]}`
}

/** The recorded kill with a hostile journal, and the names of its own victim replaced by hostile ones. */
const hostileBundle = (): Buffer => {
  const demo = importBundle(readFileSync(DEMO), DEMO)
  const lines = Array.from({ length: LINES }, (_, index) => journalLine(index)).join('\n')
  const main = demo.evidence.find((item) => item.parser === 'log' && item.result.stdout.includes('Killed process'))
  const evidence = demo.evidence.map((item) => {
    if (item !== main) return item
    const own = item.result.stdout
      .replaceAll('(MainThread)', '(<@U0CARLA>:fire)')
      .replaceAll('MainThread', '*evil*<!here>')
    const stdout = `${lines}\n${own}\n2026-11-25T10:04:45.000000+0000 web01 evil[1]: ${'<!channel>\u202e'.repeat(90_000)}\n`
    return { ...item, result: { ...item.result, stdout } }
  })
  const bundle: Bundle = { ...demo, evidence, evidenceHash: hashOf(evidence) }
  return exportBundle(bundle, true)
}

/** Every string below, with the object it stands in. */
const stringsIn = (value: unknown, inside: object = {}): readonly (readonly [string, object])[] => {
  if (typeof value === 'string') return [[value, inside]]
  if (typeof value !== 'object' || value === null) return []
  return Object.values(value).flatMap((each) => stringsIn(each, Array.isArray(value) ? inside : value))
}

/** Only these are ours: the person who asked, a moment, a link to a message of our own. */
const OURS =
  /<@U0ANNA>|<!date\^\d+\^\{date_short_pretty\} \{time_secs\}\|[-\d: ]+ UTC>|<http:\/\/127\.0\.0\.1:[^|>]+\|[^|<>]+>/g

const expectInert = (content: unknown, where: string): void => {
  for (const [text, inside] of stringsIn(content)) {
    // eslint-disable-next-line no-control-regex
    expect(text, where).not.toMatch(
      /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/,
    )
    const { type } = inside as { type?: unknown }
    expect(['link', 'user', 'usergroup', 'broadcast', 'emoji', 'channel', 'markdown'], where).not.toContain(type)
    if (type === 'mrkdwn') expectPlainWords(text, where)
    if (type === 'plain_text' && text.includes(':fire')) expect(inside, where).toMatchObject({ emoji: false })
  }
}

/** In mrkdwn nothing of a host does anything: no mention, no link, and formatting only inside code, where it is none. */
const expectPlainWords = (text: string, where: string): void => {
  const rest = text.replaceAll(OURS, '')
  expect(rest, where).not.toMatch(/[<>]/)
  expect(rest.replaceAll(/`[^`\n]*`/g, ''), where).not.toMatch(/:fire:|\*evil|_evil|~evil|```/)
}

describe('a host whose log wants to be more than text', () => {
  it(
    'stays inert in every message, answer, form, file and Home tab of a whole incident',
    { timeout: 120_000 },
    async () => {
      const folder = mkdtempSync(join(tmpdir(), 'medic-hostile-'))
      const path = join(folder, 'evil.json.gz')
      writeFileSync(path, hostileBundle())
      try {
        await using workspace = await new FakeWorkspace().start()
        await using home = new BotHome({
          hosts: `  evil: {replay: ${path}}`,
          settings: 'policy:\n  - {allow: [read, change, approve]}',
        })
        const bot = await home.start(workspace)
        workspace.slash('/oom-triage evil')
        await workspace.waitForContent({ thread: null, having: /evil: done/, withinMs: 40_000 })
        const card = await workspace.waitForMessage({ having: /Postmortem draft/, withinMs: 20_000 })
        const { file: draft } = await workspace.waitForFile({ named: /\.md$/, withinMs: 20_000 })
        const verdict = workspace.thread('ops', card.thread_ts ?? '')[1]!
        workspace.click(verdict, 'run_raw')
        const { file: raw } = await workspace.waitForFile({ named: /^run-.*\.txt$/, withinMs: 20_000 })
        workspace.click(card, 'postmortem_edit')
        const modal = await workspace.waitForModal({ as: 'anna' })
        const first = (modal.body['blocks'] as { type: string; block_id: string }[]).find(
          ({ type }) => type === 'input',
        )
        await workspace.submit(modal, { [first!.block_id]: PAYLOADS.join(' ') }).settled
        await workspace.waitForUpdate({ ts: card.ts, having: /version 2/ })
        workspace.slash('/oom-triage status')
        await workspace.waitForEphemeral({ having: /evil/ })
        workspace.slash(`/oom-triage ${PAYLOADS[0]}`)
        await workspace.waitForEphemeral({ having: /unexpected word/ })
        workspace.openHome()
        await workspace.waitForHome({ having: /oom-triage on evil/ })

        for (const call of workspace.calls) {
          const { metadata: _ours, ...args } = call.args
          expectInert(args, call.method)
          if (typeof args['text'] === 'string' && call.method.startsWith('chat.'))
            expectPlainWords(args['text'], call.method)
        }
        expectInert(
          [...workspace.state.ephemerals.values()].map(({ text, blocks }) => ({ text, blocks })),
          'an answer',
        )
        for (const { name, bytes } of [draft, raw]) expectInert(bytes?.toString('utf8'), name)
        expect(
          workspace.calls
            .filter(({ outcome }) => outcome !== 'ok' && outcome !== null)
            .map(({ method, outcome }) => [method, outcome]),
        ).toEqual([])
        // Nothing was kept away from people: it is all there, letter by letter.
        expect(JSON.stringify(verdict.blocks)).toMatch(/evil|<!here>|U0CARLA/)
        expect(raw.bytes?.toString('utf8')).toMatch(/<!channel>/)
        expect(bot.output).not.toMatch(/"level":[56]0/)
        expect(workspace.bugs).toEqual([])
      } finally {
        rmSync(folder, { recursive: true, force: true })
      }
    },
  )
})
