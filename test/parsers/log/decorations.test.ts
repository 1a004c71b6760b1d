import { describe, expect, it } from 'vitest'
import type { LogLine } from '../../../src/parsers/log/lines/line.ts'
import { readLines } from '../../../src/parsers/log/lines/reader.ts'

const linesOf = (text: string): LogLine[] => {
  const lines: LogLine[] = []
  readLines(text, (line) => lines.push(line))
  return lines
}

const WORDS = 'Out of memory: Killed process 83 (hog) total-vm:66612kB'

describe('what people set around a log line', () => {
  it.each([
    ['a comment sign', `# [Mon Jun  3 02:15:22 2024] ${WORDS}`],
    ['a list number', `  6. <3>[12346.100000] ${WORDS}`],
    ['a bullet before a decisive line', `* ${WORDS}`],
    ['the name that grep prints', `/var/log/syslog.1:Nov 12 09:15:02 host kernel: ${WORDS}`],
    ['name and number', `messages:4711:Nov 12 09:15:02 host kernel: ${WORDS}`],
    ['the number alone', `4711:[   12.713120] ${WORDS}`],
    ['the tags of a page', `<pre><code>[   12.713120] ${WORDS}</code></pre>`],
    ['a bar of a table', `| [   12.713120] ${WORDS} |`],
    ['a program without a stamp', `kernel: ${WORDS}`],
    ['a host and a program without a stamp', `web-1 kernel: ${WORDS}`],
    ['two stamps', `[Mon Jun 09 14:30:05] [1234567.890123] ${WORDS}`],
    ['a facility and a stamp in brackets', `kern:     err: [2024-08-22T17:52:26.358481011Z]: ${WORDS}`],
    ['a boot number in the stamp', `[2-3219.1870] ${WORDS}`],
    ['a processor behind the stamp', `[  123.456789@2] ${WORDS}`],
    ['who speaks, as one vendor prints it', `[   11.616321]  [2:   Binder:711_1:  740] ${WORDS}`],
    ['who speaks, as another does', `[   11.616321] -(1)[71:kswapd0]${WORDS}`],
  ])('%s is taken off', (_, text) => {
    expect(linesOf(text).map((line) => line.text)).toEqual([WORDS])
  })

  it.each([
    ['a comment in source code', `# ${WORDS}`],
    ['words in front', `we saw that ${WORDS}`],
    ["a program's own bracket", `[2026-11-12 09:15:02] production.ERROR: ${WORDS}`],
    ['a difference of two numbers', `12-34 ${WORDS}`],
  ])('%s stays', (_, text) => {
    expect(linesOf(text).map((line) => line.text)).toEqual([text])
  })
})

describe('lines that a copy has glued together', () => {
  it('are taken apart at the next stamp', () => {
    const text = `Nov 12 09:15:02 h kernel: [   12.713120] Mem-Info:Nov 12 09:15:02 h kernel: [   12.713121] ${WORDS}`
    const lines = linesOf(text)
    expect(lines.map((line) => [line.text, line.source])).toEqual([
      ['Mem-Info:', 'kernel'],
      [WORDS, 'kernel'],
    ])
  })

  it('are taken apart at a decisive sentence', () => {
    const text =
      '[   12.713120] Killed process 7 (a)Out of memory: Kill process 9 (b) score 7 or a childKilled process 9 (b)'
    expect(linesOf(text).map((line) => line.text)).toEqual([
      'Killed process 7 (a)',
      'Out of memory: Kill process 9 (b) score 7 or a child',
      'Killed process 9 (b)',
    ])
  })

  it('stay one where a stamp only stands twice', () => {
    const text = `[   12.713120] [   12.713121] ${WORDS}`
    expect(linesOf(text).map((line) => line.text)).toEqual([WORDS])
  })
})
