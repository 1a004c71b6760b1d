import { describe, expect, it } from 'vitest'
import { clean, createCleaner } from '../../src/redaction/clean.ts'
import { CANARIES } from './canaries.ts'

describe('no canary survives', () => {
  it.each(CANARIES)('in $text', ({ text, secret, keeps }) => {
    const cleaned = clean(text)
    expect(cleaned.text).not.toContain(secret)
    expect(cleaned.redactions).toBeGreaterThan(0)
    if (keeps !== undefined) expect(cleaned.text).toContain(keeps)
    expect(cleaned.text.split('\n')).toHaveLength(text.split('\n').length)
    expect(clean(cleaned.text).text).toBe(cleaned.text)
  })

  // Values on a line of their own, and files with a fixed form of line, are told by that form.
  const oneLine = CANARIES.filter(({ text }) => !/\n|^\s*Environment=|^\S+:(?:\d+|\*):|^requirepass/.test(text))

  it.each(oneLine)('behind a log prefix and before more words: $text', ({ text, secret }) => {
    expect(clean(`Nov 12 09:15:02 web01 app[412]: ${text} trailing words`).text).not.toContain(secret)
  })

  it('across a border between pieces of a very long line', () => {
    for (const padding of [65_480, 65_500, 65_520, 65_530, 65_536]) {
      expect(clean(`${'x '.repeat(padding / 2)}password=${'Canary7Qx9'.repeat(4)} end`).text).not.toContain('Canary')
    }
  })
})

describe('what diagnosis reads stays', () => {
  it.each([
    'oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=/system.slice/token-worker.service,task_memcg=/system.slice/token-worker.service,task=api-key-svc,pid=412,uid=33',
    'Memory cgroup out of memory: Killed process 412 (pass-worker) total-vm:3000kB, anon-rss:2000kB, file-rss:0kB',
    'token-refresh.service: A process of this unit has been killed by the OOM killer.',
    'systemd-ask-password-console.path: Deactivated successfully.',
    'node --max-old-space-size=512 /srv/token-server.js --port=3000',
    'MemoryMax=3221225472',
    'TasksMax=9475',
    'the key to this is patience; no token was found, no password given',
    'Accepted publickey for root from 192.0.2.7 port 22 ssh2',
    'Failed password for root from 192.0.2.7 port 22 ssh2',
    'passenger_max_pool_size: 6',
    'max_tokens=4096',
    'KeyringMode=private',
    'bypass=12345678',
    'primary_key: user_id',
    "SyntaxError: Unexpected token '}' in JSON at position 12",
    'pm.max_children = 5',
    'https://example.com:8080/path@version',
    '12:memory:/system.slice/queue_worker.service',
    'fe80:1:2:3:4:5:6:7',
    'tls_key_file: /etc/ssl/private/site.key',
  ])('%s', (line) => {
    expect(clean(line).text).toBe(line)
  })
})

describe('a secret that is known', () => {
  const secret = 'correct+horse/battery"staple'
  const cleaner = createCleaner([secret, 'known'])
  it.each([1, 2, 3, 4, 5, 6].map((length) => 'u'.repeat(length)))('is found in base64 behind the user %s', (user) => {
    const encoded = btoa(`${user}:${secret}`)
    expect(cleaner(`sent ${encoded} on`).text).not.toContain(encoded.slice(8, -4))
  })

  it('masks once, also when it is a word of the mask', () => {
    const once = cleaner(`sent ${secret} on`).text
    expect(cleaner(once).text).toBe(once)
  })
})
