import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { clean, countSecrets, createCleaner } from '../../src/redaction/clean.ts'

const CANARY = 'c4n4ry-S3cretValue9'

/** Every place in which a secret was seen to stand, with `@` for the secret itself. */
const PLACES = [
  'password=@',
  'PASSWORD=@',
  'Password: @',
  'passwd=@',
  'db_pwd=@',
  'MYSQL_PWD=@',
  'PGPASSWORD=@',
  'export API_TOKEN=@',
  'secret: @',
  'client_secret=@',
  'SECRET_KEY_BASE=@',
  'apiKey: "@"',
  "api_key => '@'",
  'accessKey=@',
  'private-key: @',
  'credential=@',
  'db.credentials=@',
  '{"password":"@"}',
  '{"token": "@", "id": 3}',
  '{\\"secret\\":\\"@\\"}',
  "{'passwd': '@'}",
  'passphrase := @',
  '<password>@</password>',
  '<ns:apiToken>@</ns:apiToken>',
  'app --password @ --verbose',
  'app --password=@',
  'app --db-password "@"',
  'app -password @',
  'app --api-key @',
  'app --auth-token @',
  'java -Dspring.datasource.password=@ -jar x',
  'mysql -u root -p@ shop',
  'mysqldump -h db -u x -p@ shop',
  'sshpass -p @ ssh host',
  'sshpass -p@ ssh host',
  'redis-cli -h h -a @ ping',
  'docker login -u bob -p @ registry',
  'curl -u bob:@ http://x/',
  'curl -sS --user bob:@ http://x/',
  'ldapsearch -x -D cn=a -w @ -b dc=b',
  'openssl rsa -passin pass:@ -in k.pem',
  'postgres://bob:@@db:5432/shop',
  'redis://:@@cache:6379/0',
  'amqp://guest:@@mq/vhost',
  'mongodb+srv://a:@@c.net/x',
  'https://bob:@@git/x.git',
  'Authorization: Bearer @',
  'authorization: Basic @',
  '"Authorization": "Token @"',
  'Proxy-Authorization: @',
  'Cookie: session=@; a=b',
  'Set-Cookie: sid=@; Path=/',
  'X-Api-Key: @',
  'x-auth-token: @',
  'X-Hub-Signature: @',
  'sent Bearer @ to upstream',
  'GET /x?access_token=@&a=1',
  'GET /x?api_key=@',
  'https://b.blob/x?sv=1&sig=@',
  'https://s3/x?X-Amz-Signature=@&y',
  'https://s3/x?X-Amz-Security-Token=@',
  'Environment=APP_SECRET=@',
  'Environment="DSN=@" NODE_ENV=production',
  "Environment='A=@'",
  'Environment=FOO=@ BAR=1',
  'db.example.com:5432:shop:bob:@',
  '*:*:*:bob:@',
  'machine ftp.example.com login bob password @',
  'DefaultEndpointsProtocol=https;AccountName=a;AccountKey=@',
  'password:\n  @',
  'api_key: |\n  @',
]

/** Tokens that their own form gives away. */
const TOKENS = [
  'AKIAIOSFODNN7EXAMPLE',
  'ASIAIOSFODNN7EXAMPLE',
  `ghp_${'a1B2'.repeat(9)}`,
  `github_pat_${'a1B2'.repeat(9)}`,
  `glpat-${'a1B2c'.repeat(4)}`,
  `npm_${'a1B2'.repeat(9)}`,
  `pypi-${'AgEIcHlwaS5vcmc'.repeat(2)}`,
  `dckr_pat_${'a1B2'.repeat(7)}`,
  `sk_live_${'a1B2'.repeat(6)}`,
  `whsec_${'a1B2'.repeat(8)}`,
  `SG.${'a1B2'.repeat(5)}.${'a1B2'.repeat(10)}`,
  `AIza${'a1B2'.repeat(8)}abc`,
  `ya29.${'a1B2'.repeat(10)}`,
  `dop_v1_${'a1b2'.repeat(16)}`,
  `hvs.${'a1B2'.repeat(8)}`,
  `AGE-SECRET-KEY-1${'A1B2'.repeat(12)}`,
  `xoxb-123456789012-${'a1B2'.repeat(6)}`,
  `xapp-1-A0-${'a1B2'.repeat(10)}`,
  'https://hooks.slack.com/services/T000/B000/XXXXXXXXXXXX',
  `eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.${'a1B2'.repeat(8)}`,
]

describe('clean removes secrets', () => {
  it.each(PLACES)('in %j', (place) => {
    const result = clean(place.replace('@', CANARY))
    expect(result.text).not.toContain(CANARY)
    expect(result.redactions).toBeGreaterThan(0)
  })

  it.each(TOKENS)('of the form %s', (token) => {
    expect(clean(`worker said ${token} and went on`).text).not.toContain(token.slice(-16))
  })

  it('whole private keys, line by line, also behind log prefixes, escaped, or cut off', () => {
    const key = [
      '-----BEGIN OPENSSH PRIVATE KEY-----',
      `b3BlbnNzaC1rZXk${CANARY.replaceAll('-', '')}`,
      'QyNTUxOQ==',
      '-----END OPENSSH PRIVATE KEY-----',
    ]
    const prefixed = key.map((line) => `Nov 12 09:15:02 host app[1]: ${line}`)
    for (const text of [key.join('\n'), prefixed.join('\n'), key.join('\\n'), key.slice(0, 2).join('\n')]) {
      const result = clean(`before\n${text}\nstill here`)
      expect(result.text).not.toContain('b3BlbnNzaC1rZXk')
      expect(result.text.split('\n')).toHaveLength(`before\n${text}\nstill here`.split('\n').length)
      expect(result.text).toContain('still here')
    }
  })

  it('known secrets in every form', () => {
    const secret = 'pa"ss/w@rd 42'
    const cleaner = createCleaner([secret])
    for (const form of [
      secret,
      encodeURIComponent(secret),
      JSON.stringify(secret),
      Buffer.from(secret).toString('base64'),
    ]) {
      expect(cleaner(`x ${form} y`).text).toContain('[redacted:known]')
    }
  })
})

describe('clean keeps what a diagnosis needs', () => {
  it.each([
    'oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=/system.slice/secret.service,task_memcg=/system.slice/secret.service,task=token_srv,pid=12,uid=0',
    'token-refresh.service: Main process exited, code=killed, status=9/KILL',
    "/etc/systemd/system/a.service:12: Unknown key 'MemoryMax' in section [Unit], ignoring.",
    "Invalid memory limit '3G # <-- Set a soft maximum limit', ignoring: Invalid argument",
    'Environment=NODE_OPTIONS=--max-old-space-size=1056',
    'KeyringMode=private',
    'Speculation_Store_Bypass:\tnot vulnerable',
    'TasksMax=536',
    'PASSED: 12 tests passed: 12',
  ])('%s', (line) => {
    expect(clean(line).text).toBe(line)
  })

  it.each(readdirSync(join(import.meta.dirname, 'samples')))('the whole of %s but for hashes named as keys', (name) => {
    const text = readFileSync(join(import.meta.dirname, 'samples', name), 'utf8')
    const changed = clean(text)
      .text.split('\n')
      .filter((line, index) => line !== text.split('\n')[index])
    expect(changed.filter((line) => !line.includes('kernel key:'))).toEqual([])
  })
})

describe('clean makes text inert', () => {
  it('drops escapes and controls, and shows hidden marks', () => {
    expect(clean('a\x1b[31mred\x1b[0m\x1b]0;title\x07b\x00\rc\u202ed\t\n').text).toBe('aredbc<U+202E>d\t\n')
  })

  it('takes a name and its mask on the next line for no value', () => {
    const once = clean('password=\npassword=hunter2hunter2\npassword:\npassword=#"#)').text
    expect(once).not.toContain('hunter2')
    expect(clean(once).text).toBe(once)
  })

  it('keeps the number of lines, holds no control character, and changes nothing the second time', () => {
    const piece = fc.oneof(
      fc.string(),
      fc.constantFrom(
        '\n',
        '\x1b]0;',
        '\x1b[',
        'password=',
        '"',
        '-----BEGIN PRIVATE KEY-----',
        'Bearer ',
        '://a:',
        '@',
      ),
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const text = pieces.join('')
        const once = clean(text).text
        expect(once.split('\n')).toHaveLength(text.split('\n').length)
        expect(once).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f]/)
        expect(clean(once).text).toBe(once)
        expect(countSecrets(once)).toBe(0)
      }),
      { numRuns: 500 },
    )
  })

  it.each(['a_a_a_', '=', '"', 'pass', 'key=', '://:', ' -p ', '\\"', 'eyJ.', 'password:"', '<password>', 'Bearer '])(
    'takes time in proportion to a hostile megabyte of %j',
    (seed) => {
      const small = seed.repeat(100_000 / seed.length)
      const time = (text: string): number => {
        const start = performance.now()
        clean(text)
        return performance.now() - start
      }
      time(small)
      // Ten times the text may cost forty times as much on a busy machine, but never a hundred, which squares would.
      expect(time(small.repeat(10))).toBeLessThan(Math.max(1_500, time(small) * 60))
    },
  )
})
