// needs: chromium
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium, type Browser, type Locator, type Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'

// `npm run demo` as a person uses it: the real command, a real browser, and nothing but what can be seen on the page.
// MEDIC_SCREENSHOTS=FOLDER keeps pictures of every stop, for whoever changes how messages look.

const DEMO = join(import.meta.dirname, 'demo.ts')
const WIDE = { width: 1440, height: 1000 }
const NARROW = { width: 420, height: 860 }
const ARGUMENTS = ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking']
const PATIENCE_MS = 15_000

/** Keeps every state of the channel and the thread that was on the page, a frame at a time. */
const WATCHER = `
  const seen = []
  const textsIn = (id) => [...document.querySelectorAll('#' + id + ' > article')].map((node) => node.innerText)
  const look = () => {
    if (document.querySelector('#messages') !== null) {
      const now = JSON.stringify({ channel: textsIn('messages'), replies: textsIn('replies').slice(1) })
      if (now !== seen.at(-1)) seen.push(now)
    }
    requestAnimationFrame(look)
  }
  requestAnimationFrame(look)
  window.seenStates = () => seen.map((state) => JSON.parse(state))
`

interface Seen {
  readonly channel: readonly string[]
  readonly replies: readonly string[]
}

let browser: Browser
let pictures: string
const demos: ChildProcess[] = []
const kept = process.env['MEDIC_SCREENSHOTS']

beforeAll(async () => {
  browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ARGUMENTS })
  pictures = kept ?? mkdtempSync(join(tmpdir(), 'medic-pictures-'))
  mkdirSync(pictures, { recursive: true })
})
afterEach(async () => {
  for (const demo of demos.splice(0)) {
    if (demo.exitCode !== null) continue
    const ended = new Promise((resolve) => demo.once('exit', resolve))
    demo.kill('SIGTERM')
    await ended
  }
})
afterAll(async () => {
  await browser.close()
  if (kept === undefined) rmSync(pictures, { recursive: true, force: true })
})

/** A person in front of the page of a demo that was just started. */
class Visitor {
  readonly page: Page
  readonly complaints: string[] = []
  readonly #name: string
  #pictures = 0

  private constructor(page: Page, name: string) {
    this.page = page
    this.#name = name
    page.setDefaultTimeout(PATIENCE_MS)
    page.on('pageerror', (error) => this.complaints.push(error.message))
    page.on('console', (line) => {
      if (line.type() === 'error' || line.type() === 'warning') this.complaints.push(line.text())
    })
  }

  static async of(name: string, viewport: { readonly width: number; readonly height: number }): Promise<Visitor> {
    const visitor = new Visitor(await browser.newPage({ viewport }), name)
    await visitor.page.addInitScript(WATCHER)
    await visitor.page.goto(await startDemo())
    await visitor.page.waitForSelector('#channels button')
    return visitor
  }

  async say(words: string): Promise<void> {
    await this.page.fill('#words', words)
    await this.page.press('#words', 'Enter')
  }

  press(name: string, within = '#replies'): Promise<void> {
    return this.page.locator(within).getByRole('button', { name, exact: true }).last().click()
  }

  /** Waits until it can be seen. */
  async see(words: string | RegExp, within: string): Promise<Locator> {
    const found = this.page.locator(within).getByText(words).last()
    await found.waitFor({ state: 'visible' })
    return found
  }

  /** The messages of a pane from above to below. */
  texts(pane: 'messages' | 'replies'): Promise<readonly string[]> {
    return this.page.locator(`#${pane} > article`).allInnerTexts()
  }

  history(): Promise<readonly Seen[]> {
    return this.page.evaluate('seenStates()')
  }

  async picture(what: string): Promise<void> {
    this.#pictures += 1
    await this.page.screenshot({ path: join(pictures, `${this.#name}-${this.#pictures}-${what}.png`) })
  }
}

const startDemo = (): Promise<string> => {
  const demo = spawn(process.execPath, [DEMO, '0'], { stdio: ['ignore', 'pipe', 'pipe'] })
  demos.push(demo)
  let said = ''
  return new Promise((resolve, reject) => {
    demo.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()))
    demo.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString()
      const address = /^open (\S+)/m.exec(said)?.[1]
      if (address !== undefined) resolve(address)
    })
    demo.once('exit', (code) => reject(new Error(`the demo ended with ${String(code)}: ${said}`)))
  })
}

const REPLIES = [/killed at its memory limit/, /Proposed change/, /Postmortem draft, version 1/, /inc-\S+\.md · /]

const expectReplies = (texts: readonly string[], wanted: readonly RegExp[]): void => {
  expect(texts.slice(1)).toHaveLength(wanted.length)
  for (const [index, pattern] of wanted.entries()) expect(texts[index + 1]).toMatch(pattern)
}

describe('npm run demo, in a wide window', () => {
  it('is a whole incident: command, verdict, draft, edit, evidence, and the Home tab', async () => {
    const visitor = await Visitor.of('wide', WIDE)
    const { page } = visitor
    await visitor.picture('empty')
    await visitor.say('/oom-triage demo')
    await visitor.see('Out of memory, first look: demo', '#messages')
    await visitor.see(/\.md · /, '#replies')
    await visitor.see(/done: memcg-oom, queue_worker\.service/, '#messages')
    await visitor.picture('verdict')

    // One message from the first to the last state, and the verdict before the draft at every moment.
    const history = await visitor.history()
    const heads = history.filter(({ channel }) => channel.length > 0)
    expect(new Set(heads.map(({ channel }) => channel.length))).toEqual(new Set([1]))
    expect(heads[0]?.channel[0]).toMatch(/waiting for its turn|connecting|looking/)
    expect(heads.at(-1)?.channel[0]).toMatch(/done: memcg-oom[\s\S]*4 replies/)
    for (const { replies } of history.filter((state) => state.replies.length > 0)) {
      expect(replies[0]).toMatch(REPLIES[0]!)
    }
    expectReplies(await visitor.texts('replies'), REPLIES)
    expect(await page.locator('#messages [data-action=run_cancel]').count()).toBe(0)
    // Opened by itself, the thread shows the verdict and not its end.
    await expectInSight(page, page.locator('#replies .b-header').first())

    await visitor.press('Edit')
    await visitor.see(/^Severity: which\?/, '[role=dialog]')
    await visitor.picture('modal')
    await visitor.press('Save', '[role=dialog]')
    await page.locator('[role=dialog]').waitFor({ state: 'detached' })
    await visitor.press('Edit')
    await page.locator('[role=dialog] textarea').first().fill('SEV2, agreed by two')
    await visitor.press('Save', '[role=dialog]')
    await visitor.see(/Postmortem draft, version 2/, '#replies')
    await visitor.see(/@anna \(edited\)/, '#replies')
    const states = await visitor.history()
    expect(states.filter(({ replies }) => /version 1[\s\S]*edited\)/.test(replies[2] ?? ''))).toEqual([])
    expect(await page.locator('[role=dialog]').count()).toBe(0)

    await visitor.press('Download')
    await page.locator('#replies .file').nth(1).waitFor()
    expect(await openedText(page, page.locator('#replies .file a').nth(1))).toContain('SEV2, agreed by two')
    await visitor.press('Regenerate')
    await visitor.see(/@anna \(regenerated\)/, '#replies')
    await visitor.press('Raw evidence')
    const raw = await visitor.see(/^Raw evidence of run-/, '#replies')
    await expectInSight(page, raw)
    await visitor.picture('evidence')
    expect(await openedText(page, page.locator('#replies .file a').last())).toMatch(/^=== E1 /m)
    expectReplies(await visitor.texts('replies'), [
      REPLIES[0]!,
      REPLIES[1]!,
      /Postmortem draft, version 2/,
      REPLIES[3]!,
      REPLIES[3]!,
      /Raw evidence of run-/,
    ])

    await page.getByRole('button', { name: 'Close thread' }).click()
    await visitor.say('/oom-triage help')
    await visitor.see('/oom-triage HOST [UNIT] [--since 2h] [--dry-run]', '#messages')
    await visitor.say('/oom-triage list')
    await visitor.see('web02 (oregon, web) · a recorded run', '#messages')
    await visitor.say('/oom-triage status')
    await visitor.see(/oom-triage on demo done: memcg-oom/, '#messages')
    await visitor.say('/oom-triage web1')
    await visitor.see('unknown host "web1"', '#messages')
    await visitor.see(/did you mean web01, web02\? list shows the hosts/, '#messages')
    await visitor.picture('answers')
    expect(await page.locator('#messages > .ephemeral').count()).toBe(4)
    await page.getByRole('button', { name: 'Ben Okafor' }).click()
    await page.locator('#messages > .ephemeral').first().waitFor({ state: 'detached' })
    expect(await visitor.texts('messages')).toHaveLength(1)

    await page.locator('#apps').getByRole('button', { name: 'Medic' }).click()
    await visitor.see('Nothing waits for approval.', '#messages')
    await visitor.see(/oom-triage on demo done: memcg-oom.*@anna/, '#messages')
    await page.locator('#messages [data-action=home_host]').click()
    await page.locator('#popover').getByText('web02').click()
    await page
      .locator('#messages')
      .getByText(/oom-triage on web02/)
      .waitFor()
    await expect
      .poll(
        async () => {
          await visitor.press('Refresh', '#messages')
          return page.locator('#messages').innerText()
        },
        { timeout: PATIENCE_MS, interval: 500 },
      )
      .toMatch(/oom-triage on web02 done: memcg-oom.*@ben/)
    await visitor.picture('home')
    expect(visitor.complaints).toEqual([])
  })
})

describe('npm run demo, in a narrow window', () => {
  it('shows the channel, then the thread, each over the whole width', async () => {
    const visitor = await Visitor.of('narrow', NARROW)
    const { page } = visitor
    await visitor.say('/oom-triage demo')
    await visitor.see(/\.md · /, '#replies')
    await visitor.see(/done: memcg-oom/, '#replies')
    await visitor.picture('thread')
    await expectInSight(page, page.locator('#replies .b-header').first())
    expect((await page.locator('#thread').boundingBox())?.width).toBe(NARROW.width)
    await expectNothingCutOff(page, '#replies')
    await visitor.press('Edit')
    await visitor.see(/^Severity: which\?/, '[role=dialog]')
    await expectNothingCutOff(page, '[role=dialog]')
    await visitor.press('Cancel', '[role=dialog]')
    await page.getByRole('button', { name: 'Close thread' }).click()
    await visitor.say('/oom-triage web1')
    await visitor.see('unknown host "web1"', '#messages')
    await visitor.picture('channel')
    await expectInSight(page, page.locator('#words'))
    expect((await page.locator('#messages').boundingBox())?.width).toBe(NARROW.width)
    await expectNothingCutOff(page, '#messages')
    await page.locator('#apps').getByRole('button', { name: 'Medic' }).click()
    await visitor.see(/oom-triage on demo/, '#messages')
    await visitor.picture('home')
    await expectNothingCutOff(page, '#messages')
    expect(visitor.complaints).toEqual([])
  })
})

/** Follows a link to a file, as a click opens it beside the page. */
const openedText = async (page: Page, link: Locator): Promise<string> => {
  const [opened] = await Promise.all([page.context().waitForEvent('page'), link.click()])
  await opened.waitForLoadState()
  const text = await opened.locator('body').innerText()
  await opened.close()
  return text
}

const expectInSight = async (page: Page, what: Locator): Promise<void> => {
  const box = await what.boundingBox()
  const { height = 0 } = page.viewportSize() ?? {}
  expect(box).not.toBeNull()
  expect(box!.y).toBeGreaterThanOrEqual(0)
  expect(box!.y + box!.height).toBeLessThanOrEqual(height)
}

/** Words that leave their pane sideways; a table may be scrolled within its own frame. */
const expectNothingCutOff = async (page: Page, pane: string): Promise<void> => {
  const wide = await page.evaluate(`(() => {
    const pane = document.querySelector('${pane}')
    return [pane, ...pane.querySelectorAll('*')]
      .filter((node) => node.closest('.scroll, svg') === null && getComputedStyle(node).display !== 'inline')
      .filter((node) => node.scrollWidth > node.clientWidth + 1)
      .map((node) => node.className + ': ' + node.innerText.slice(0, 60))
  })()`)
  expect(wide).toEqual([])
}
