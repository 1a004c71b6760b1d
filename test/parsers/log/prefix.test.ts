import { describe, expect, it } from 'vitest'
import type { LogLine } from '../../../src/parsers/log/lines/line.ts'
import { readLines } from '../../../src/parsers/log/lines/reader.ts'

const linesOf = (text: string): LogLine[] => {
  const lines: LogLine[] = []
  readLines(text, (line) => lines.push(line))
  return lines
}

const only = (text: string): LogLine => {
  const lines = linesOf(text)
  expect(lines).toHaveLength(1)
  return lines[0]!
}

const WORDS = 'Out of memory: Killed process 83 (hog) total-vm:66612kB'
const AT = Date.parse('2026-11-12T09:15:02.713Z')

describe('prefixes are taken off until none is left', () => {
  it.each([
    ['dmesg', '[   12.713120] ', { source: 'kernel', boot: 12.71312 }],
    ['dmesg with a caller', '[   12.713120][   T71] ', { source: 'kernel', boot: 12.71312, caller: 'T71' }],
    ['dmesg with a CPU', '[   12.713120] [    C1] ', { source: 'kernel', boot: 12.71312, caller: 'C1' }],
    ['dmesg -T', '[Mon Jan 26 01:49:41 2026] ', { source: 'kernel', text: 'Mon Jan 26 01:49:41 2026' }],
    ['dmesg -T in German', '[Mo Mär 26 01:49:41 2026] ', { source: 'kernel', text: 'Mo Mär 26 01:49:41 2026' }],
    ['dmesg -T in Chinese', '[一 1月 26 01:49:41 2026] ', { source: 'kernel', text: '一 1月 26 01:49:41 2026' }],
    ['dmesg -e', '[  +0.000123] ', { source: 'kernel' }],
    ['dmesg -x', 'kern  :warn  : [   12.713120] ', { source: 'kernel', boot: 12.71312 }],
    ['dmesg iso', '2026-11-12T09:15:02,713000+00:00 ', { source: 'kernel', at: AT }],
    ['raw', '<4>[   12.713120] ', { source: 'kernel', boot: 12.71312 }],
    ['kmsg', '4,1234,12713120,-;', { source: 'kernel', boot: 12.71312 }],
    ['kmsg with a caller', '4,1234,12713120,-,caller=T7;', { source: 'kernel', boot: 12.71312, caller: 'T7' }],
    [
      'RFC 3164',
      'Nov 12 09:15:02 web01 kernel: [12.713120] ',
      { source: 'kernel', boot: 12.71312, text: 'Nov 12 09:15:02' },
    ],
    ['RFC 3164 without stamp', 'Nov 12 09:15:02 web01 kernel: ', { source: 'kernel', text: 'Nov 12 09:15:02' }],
    ['RFC 5424', '<4>1 2026-11-12T09:15:02.713+00:00 web01 kernel - - - ', { source: 'kernel', at: AT }],
    [
      'RFC 5424 with data',
      '<4>1 2026-11-12T09:15:02.713Z web01 kernel - - [x@1 a="b ] c"] ',
      { source: 'kernel', at: AT },
    ],
    ['short-precise', 'Nov 12 09:15:02.713120 web01 kernel: ', { source: 'kernel' }],
    ['short-iso of 252', '2026-11-12T09:15:02+0000 web01 kernel: ', { source: 'kernel', at: AT - 713 }],
    ['short-iso of 257', '2026-11-12T10:15:02+01:00 web01 kernel: ', { source: 'kernel', at: AT - 713 }],
    ['short-iso-precise', '2026-11-12T09:15:02.713000+0000 web01 kernel: ', { source: 'kernel', at: AT }],
    ['short-monotonic', '[   12.713120] web01 kernel: ', { source: 'kernel', boot: 12.71312 }],
    ['short-unix', '1794474902.713000 web01 kernel: ', { source: 'kernel', at: AT }],
    ['with-unit', 'Thu 2026-11-12 09:15:02 UTC web01 kernel: ', { source: 'kernel', at: AT - 713 }],
    ['an unknown zone', 'Thu 2026-11-12 09:15:02 CET web01 kernel: ', { source: 'kernel' }],
    ['CRI', '2026-11-12T09:15:02.713000000Z stderr F ', { at: AT }],
    ['kubectl', '[pod/worker-1/app] ', {}],
    ['compose', 'worker-1  | ', {}],
    ['mail', '> > [   12.713120] ', { source: 'kernel', boot: 12.71312, quoted: true }],
    ['HTML', '&gt; [   12.713120] ', { source: 'kernel', boot: 12.71312, quoted: true }],
    ['colours', '\x1b[32m[   12.713120] \x1b[0m\x1b[33m', { source: 'kernel', boot: 12.71312 }],
    ['a code block', '    [   12.713120] ', { source: 'kernel', boot: 12.71312 }],
    ['a pager', '--More--(12%)[   12.713120] ', { source: 'kernel', boot: 12.71312 }],
    ['systemd before journald runs', '[   12.713120] systemd[1]: ', { source: 'systemd', boot: 12.71312 }],
    ['an application', 'Nov 12 09:15:02 web01 app[33]: [12.713120] ', { source: 'app', boot: 12.71312 }],
    ['two collectors', 'Nov 12 09:15:02 web01 fwd[1]: Nov 12 09:15:01 web02 kernel: ', { source: 'fwd', quoted: true }],
    ['nothing', '', {}],
  ] as const)(
    '%s',
    (
      _,
      prefix,
      expected: { source?: string; boot?: number; at?: number; caller?: string; quoted?: boolean; text?: string },
    ) => {
      const line = only(prefix + WORDS)
      expect(line.text).toBe(WORDS)
      expect(line.raw).toContain('Killed process 83')
      expect(line.source).toBe(expected.source ?? null)
      expect(line.time.bootSeconds).toBe(expected.boot ?? null)
      expect(line.time.atMs).toBe(expected.at ?? null)
      expect(line.caller).toBe(expected.caller ?? null)
      expect(line.quoted).toBe(expected.quoted ?? false)
      if (expected.text !== undefined) expect(line.time.atText).toBe(expected.text)
    },
  )

  it('takes a task table row for no stamp', () => {
    const row = '[  41877]  1000 41877   107500    51236   921600        0             0 node'
    expect(only(row).text).toBe(row)
    expect(only(`[   12.713120] ${row}`).text).toBe(row)
  })

  it('takes a log level for no host name', () => {
    expect(only('2026-11-12T09:15:02.123Z ERROR worker: it broke')).toMatchObject({
      source: null,
      text: 'ERROR worker: it broke',
    })
  })
})

describe('structured logs', () => {
  it('reads the journal as JSON, also bytes that are not UTF-8', () => {
    const line = only(
      '{"MESSAGE":[72,105,255],"__REALTIME_TIMESTAMP":"1795446437543226","_TRANSPORT":"kernel","_SOURCE_MONOTONIC_TIMESTAMP":"12713120","UNIT":"a.service","MESSAGE_ID":"ff"}',
    )
    expect(line).toMatchObject({ text: 'Hi\u{fffd}', source: 'kernel', unit: 'a.service', messageId: 'ff' })
    expect(line.time).toEqual({ atMs: 1_795_446_437_543, atText: '2026-11-23T15:07:17.543Z', bootSeconds: 12.71312 })
  })

  it('reads a message of null as an empty one', () => {
    expect(only('{"MESSAGE":null,"__REALTIME_TIMESTAMP":"1795446437543226"}').text).toBe('')
  })

  it('gives the lines of one entry its number', () => {
    const lines = linesOf(
      '{"MESSAGE":"a\\nb","SYSLOG_IDENTIFIER":"app","_PID":"7","__REALTIME_TIMESTAMP":"1795446437543226"}',
    )
    expect(lines.map(({ text, number, source, sourcePid }) => [text, number, source, sourcePid])).toEqual([
      ['a', 1, 'app', 7],
      ['b', 1, 'app', 7],
    ])
  })

  it('reads an export', () => {
    const lines = linesOf(
      '__CURSOR=s\n__REALTIME_TIMESTAMP=1795446437543226\nPRIORITY=4\nMESSAGE=hello\n_TRANSPORT=kernel\n\n__CURSOR=t\nMESSAGE=end\nSYSLOG_IDENTIFIER=x\n',
    )
    expect(lines.map(({ text, number, source }) => [text, number, source])).toEqual([
      ['hello', 4, 'kernel'],
      ['end', 8, 'x'],
    ])
  })

  it('joins what a container runtime cut', () => {
    expect(only('2026-11-12T09:15:02.713Z stderr P half\n2026-11-12T09:15:02.714Z stderr F -whole').text).toBe(
      'half-whole',
    )
    expect(
      only(
        '{"log":"half","stream":"stdout","time":"2026-11-12T09:15:02Z"}\n{"log":"-whole\\n","stream":"stdout","time":"2026-11-12T09:15:02Z"}',
      ).text,
    ).toBe('half-whole')
  })

  it('marks the words of an unnamed JSON logger as quoted', () => {
    expect(only('{"level":50,"msg":"Out of memory: Killed process 1 (x)"}')).toMatchObject({
      quoted: true,
      source: null,
    })
  })
})

describe('damage', () => {
  it('survives CRLF, NUL bytes and a paste of UTF-16', () => {
    const utf16 = `\u{feff}${'[   12.713120] hello'
      .split('')
      .map((character) => `${character}\0`)
      .join('')}\r\0\n\0`
    expect(linesOf(utf16)[0]).toMatchObject({ text: 'hello', source: 'kernel' })
    expect(only('[   12.713120] hello\r\n').text).toBe('hello')
  })

  it('opens #012 and #011 of syslog daemons, without a new number', () => {
    const lines = linesOf('Nov 12 09:15:02 web01 kernel: stats:#012anon 1#012file#0112')
    expect(lines.map(({ text, number }) => [text, number])).toEqual([
      ['stats:', 1],
      ['anon 1', 1],
      ['file\t2', 1],
    ])
  })

  it('gives the indented lines of a journal message its source and time', () => {
    const lines = linesOf('Nov 12 09:15:02 web01 app[2]: first\n                              second')
    expect(lines[1]).toMatchObject({ text: 'second', source: 'app', sourcePid: 2, number: 2 })
    expect(lines[1]?.time.atText).toBe('Nov 12 09:15:02')
  })

  it('undoes quoted-printable only where a kernel line shows it', () => {
    expect(
      only('[   12.9] hog invoked oom-killer: gfp_mask=3D0xcc0(GFP_KER=\nNEL), order=3D0, oom_score_adj=3D0').text,
    ).toBe('hog invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0')
    expect(linesOf('a=\nb')).toHaveLength(2)
  })

  it('joins a wrapped table row by its name, never by numbers', () => {
    const row = '[   12.9] [   1000]    33  1000    50408     1036    94208        0             0 php-fpm:'
    expect(only(`${row}\npool www`).text).toContain('php-fpm: pool www')
    expect(linesOf(`${row}\n1234 5678`)).toHaveLength(2)
  })

  it('cuts a line that never ends', () => {
    const line = only(`[   12.713120] ${'x'.repeat(1_000_000)}`)
    expect(line.text.length).toBeLessThanOrEqual(8192)
    expect(line.raw.length).toBeLessThanOrEqual(8192)
  })

  it('counts no lines in an empty text', () => {
    expect(readLines('', () => {})).toBe(0)
  })
})
