// needs: chromium
import { chromium, type Browser, type Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { startFakeWorkspace, type FakeWorkspace } from './fakeWorkspace.ts'

const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

const HOSTILE =
  '<img src=x onerror="document.title=\'owned\'"><script>document.title="owned"</script> <!channel> `x` \u202e'

let browser: Browser
const workspaces: FakeWorkspace[] = []

beforeAll(async () => {
  browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ARGUMENTS })
})
afterAll(() => browser.close())
afterEach(async () => {
  for (const workspace of workspaces.splice(0)) await workspace.stop()
})

const shown = async (path = ''): Promise<{ workspace: FakeWorkspace; page: Page; errors: string[] }> => {
  const workspace = await startFakeWorkspace()
  workspaces.push(workspace)
  const page = await browser.newPage()
  const errors: string[] = []
  page.on('pageerror', (error) => errors.push(error.message))
  page.on('console', (line) => {
    if (line.type() === 'error') errors.push(line.text())
  })
  await page.goto(workspace.pageUrl + path)
  await page.waitForSelector('#channels button')
  return { workspace, page, errors }
}

const plain = (text: string): { type: 'plain_text'; text: string } => ({ type: 'plain_text', text })
const rich = (text: string): object => ({
  type: 'rich_text',
  elements: [
    { type: 'rich_text_section', elements: [{ type: 'text', text }] },
    { type: 'rich_text_preformatted', elements: [{ type: 'text', text }] },
    { type: 'rich_text_quote', elements: [{ type: 'text', text }] },
  ],
})

/** Every kind of block the bot may send, each holding the same text. */
const everyBlock = (text: string): object[] => [
  { type: 'header', text: plain(text) },
  { type: 'section', text: { type: 'mrkdwn', text }, fields: [plain(text), { type: 'mrkdwn', text }] },
  { type: 'context', elements: [plain(text), { type: 'mrkdwn', text }] },
  rich(text),
  { type: 'table', rows: [[{ type: 'raw_text', text }, rich(text)]] },
  {
    type: 'plan',
    title: text,
    tasks: [{ type: 'task_card', task_id: '1', title: text, status: 'error', output: rich(text) }],
  },
  { type: 'actions', elements: [{ type: 'button', action_id: 'b', text: plain(text.slice(0, 75)) }] },
  {
    type: 'input',
    label: plain(text),
    element: { type: 'plain_text_input', action_id: 'i', placeholder: plain(text) },
  },
  { type: 'markdown', text },
  { type: 'divider' },
]

const postAs = async (workspace: FakeWorkspace, args: object): Promise<{ ok: boolean; ts: string; error?: string }> => {
  const answer = await fetch(`${workspace.apiUrl}chat.postMessage`, {
    method: 'POST',
    headers: { authorization: `Bearer ${workspace.tokens.bot}`, 'content-type': 'application/json' },
    body: JSON.stringify({ channel: 'C0OPS', ...args }),
  })
  return (await answer.json()) as { ok: boolean; ts: string; error?: string }
}

describe('the page', () => {
  it('shows hostile text in every block as text, and runs nothing of it', async () => {
    const { workspace, page, errors } = await shown()
    expect(await postAs(workspace, { text: 'x', blocks: everyBlock(HOSTILE) })).toMatchObject({ ok: true })
    await postAs(workspace, { text: HOSTILE })
    await page.waitForSelector('.message:nth-of-type(2)')
    await expect(page.locator('.b-header').first().textContent()).resolves.toBe(HOSTILE)
    expect(await page.locator('#messages script, #messages img').count()).toBe(0)
    expect(await page.title()).not.toBe('owned')
    expect(await page.locator('.block').count()).toBeGreaterThanOrEqual(everyBlock('x').length)
    expect(errors).toEqual([])
  })

  it('types a command, which shows a failure while no bot is there', async () => {
    const { workspace, page } = await shown()
    await page.fill('#words', '/oom-triage demo')
    await page.press('#words', 'Enter')
    await page.waitForSelector('text=/oom-triage failed with the error "dispatch_failed"')
    expect(workspace.deliveries.all.map((delivery) => delivery.payload['text'])).toEqual(['demo'])
  })

  it('opens a thread by itself, follows edits, and finds it again by its permalink', async () => {
    const { workspace, page, errors } = await shown()
    const head = await postAs(workspace, { text: 'head' })
    await postAs(workspace, { text: 'verdict', thread_ts: head.ts })
    await page.waitForSelector('#replies >> text=verdict')
    await page.waitForSelector('text=1 reply')
    await page.goto(`${workspace.pageUrl}archives/C0OPS/p${head.ts.replace('.', '')}`)
    await page.waitForSelector('#replies >> text=verdict')
    expect(errors).toEqual([])
  })

  it('asks before a click that wants it, and sends the click of the chosen person once', async () => {
    const { workspace, page } = await shown('?as=U0BEN')
    const confirm = {
      title: plain('Cancel?'),
      text: plain('It stops.'),
      confirm: plain('Do it'),
      deny: plain('Keep going'),
    }
    await postAs(workspace, {
      text: 'x',
      blocks: [
        {
          type: 'actions',
          elements: [{ type: 'button', action_id: 'cancel', value: 'r1', text: plain('Cancel'), confirm }],
        },
      ],
    })
    await page.click('[data-action=cancel]')
    await page.click('text=Keep going')
    expect(workspace.deliveries.all).toHaveLength(0)
    await page.click('[data-action=cancel]')
    await page.click('text=Do it')
    await page.waitForSelector('text=The app did not answer')
    expect(
      workspace.deliveries.all.map(({ payload }) => [payload['type'], payload['user'], payload['actions']]),
    ).toEqual([
      [
        'block_actions',
        expect.objectContaining({ id: 'U0BEN' }),
        [expect.objectContaining({ action_id: 'cancel', value: 'r1' })],
      ],
    ])
  })

  it('answers only pages of its own address', async () => {
    const { workspace } = await shown()
    const act = await fetch(`${workspace.pageUrl}page/act`, {
      method: 'POST',
      headers: { origin: 'https://evil.example', 'content-type': 'application/json' },
      body: '{"do":"say","text":"/oom-triage demo","user":"U0ANNA"}',
    })
    expect(act.status).toBe(403)
    expect(workspace.deliveries.all).toHaveLength(0)
  })
})
