import { describe, expect, it } from 'vitest'
import { logParser } from '../../../src/parsers/log/log.ts'

const LAST_WORDS = [
  ['v8-heap', 'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory'],
  ['jvm-oom', 'java.lang.OutOfMemoryError: Java heap space'],
  ['go-oom', 'fatal error: runtime: out of memory'],
  ['rust-alloc', 'memory allocation of 1048576 bytes failed'],
  ['cpp-bad-alloc', "terminate called after throwing an instance of 'std::bad_alloc'"],
  ['enomem', 'bash: fork: Cannot allocate memory'],
  [
    'php-limit',
    'PHP Fatal error:  Allowed memory size of 1 bytes exhausted (tried to allocate 2 bytes) in /a.php on line 1',
  ],
] as const

const CARRIERS: readonly (readonly [string, (text: string) => string])[] = [
  ['bare', (text) => text],
  ['a syslog file', (text) => `Nov 12 09:15:02 web01 app[7]: ${text}`],
  ['journalctl short-iso', (text) => `2026-11-12T09:15:02+0000 web01 app[7]: ${text}`],
  [
    'journalctl json',
    (text) =>
      JSON.stringify({ MESSAGE: text, SYSLOG_IDENTIFIER: 'app', _PID: '7', __REALTIME_TIMESTAMP: '1763905960513000' }),
  ],
  [
    "docker's json file",
    (text) => JSON.stringify({ log: `${text}\n`, stream: 'stderr', time: '2026-11-12T09:15:02.713Z' }),
  ],
  ['CRI', (text) => `2026-11-12T09:15:02.713120000Z stderr F ${text}`],
  ['compose', (text) => `worker-1  | ${text}`],
  ['pm2 logs', (text) => `0|api      | ${text}`],
  ['mail quoting', (text) => `> ${text}`],
  ['CRLF', (text) => `${text}\r`],
]

describe.each(CARRIERS)('last words carried by %s', (_, carry) => {
  it.each(LAST_WORDS)('are still %s', (type, text) => {
    const events = logParser.parse(`${carry('started')}\n${carry(text)}\n`).events
    expect(events.map((event) => event.type)).toContain(type)
  })
})
