import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { cleanScreen, isTerminalSession, readScreen, screenText } from '../../src/runbook/screen.ts'

const raw = readFileSync(join(import.meta.dirname, 'samples', 'htop-120x40.raw'), 'utf8')
const rendered = readFileSync(join(import.meta.dirname, 'samples', 'htop-120x40.txt'), 'utf8')
const SIZE = { columns: 120, rows: 40 }

describe('a real htop', () => {
  it('shows the last picture exactly as a terminal does', async () => {
    const { title, screen } = await readScreen(raw, SIZE)
    expect(title).toBe('')
    expect(screenText(title, screen).trimEnd()).toBe(rendered.trimEnd())
  })

  it('keeps the colours of its bars', async () => {
    const { screen } = await readScreen(raw, SIZE)
    const bar = screen.cells[3]!.filter((cell) => cell.text === '|')
    expect(bar.length).toBeGreaterThan(10)
    expect(new Set(bar.map((cell) => cell.foreground)).size).toBeGreaterThan(1)
  })

  it('reads the picture before it is wiped by leaving', async () => {
    const session = `htop, sorted by memory\r\n${raw}\u001B[40;1H\u001B[?1049l\r\u001B[?1l`
    const { title, screen } = await readScreen(session, SIZE)
    expect(title).toBe('htop, sorted by memory')
    expect(screen.rows.join('\n')).toContain('/usr/bin/node /srv/app/worker.js')
  })

  it('loses the colours of a row that held a secret, and only of that', async () => {
    const { screen } = await readScreen(raw, SIZE)
    const clean = cleanScreen(screen, (text) => text.replace('worker.js', '[REDACTED]'))
    expect(JSON.stringify(clean)).not.toContain('worker.js')
    expect(clean.cells[3]).toEqual(screen.cells[3])
  })
})

describe('hostile sessions', () => {
  it.each([
    ['nothing', ''],
    ['plain text', 'hello\n'],
    ['an endless repetition', '\u001B[?1049hx\u001B[999999999b'],
    ['a repetition in small pieces', 'x\u001B[9999b'.repeat(30_000)],
    ['more digits than any number has', `x\u001B[${'9'.repeat(400)}b`],
    ['several counts', 'x\u001B[999999999;999999999b\u001B[0999999999;b'],
    ['far moves and wide scrolls', '\u001B[99999;99999H\u001B[99999S\u001B[99999T\u001B[99999X'],
    ['a title that asks for an answer', '\u001B]0;evil\u0007\u001B[c\u001B[6n'],
    ['half an escape', '\u001B['],
    ['a megabyte of rubbish', '\u001B[31m\u0000\uFFFD'.repeat(200_000)],
  ])('%s gives a screen of the size asked for', async (_, session) => {
    const { screen } = await readScreen(session, SIZE)
    expect(screen.rows.length).toBeLessThanOrEqual(40)
    for (const row of screen.rows) expect(row.length).toBeLessThanOrEqual(120)
    expect(screenText('', screen)).not.toContain('\u001B')
  })

  it('knows a session from plain lines', () => {
    expect(isTerminalSession(raw)).toBe(true)
    expect(isTerminalSession('top - 15:03:57\n')).toBe(false)
  })
})
