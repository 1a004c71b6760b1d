import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { clean, createCleaner, createCleaning } from '../../src/redaction/clean.ts'

const KEY_BODY = 'MIIEpAIBAAKCAQEAx7cHq0d8gQeVbq8Yb2m0X3y5u9x1Zr4w6s8t0v2y4A6C8E0'

const line = fc.oneof(
  fc.constantFrom(
    '-----BEGIN RSA PRIVATE KEY-----',
    '-----END RSA PRIVATE KEY-----',
    `app[1]: ${KEY_BODY}`,
    KEY_BODY,
    'PuTTY-User-Key-File-2: ssh-rsa',
    'Private-MAC: 0123456789abcdef',
    'password:',
    '  hunter2hunter2',
    'name: DB_PASSWORD',
    'value: correct-horse',
    'url=postgres://u:pw12345@db/x',
    'my \u{1f600} \ud83d café → \x1b[31mred\x1b[0m\u202e',
    'known secret: s3cr3tS3cr3t!',
    '',
    'Out of memory: Killed process 1 (node)\r',
  ),
  fc.string({ unit: 'binary', maxLength: 20 }),
)
/** Runs of lines, so that keys are longer than what is looked at around their ends. */
const text = fc
  .array(fc.tuple(line, fc.constantFrom(1, 1, 1, 1, 3, 399, 400, 401)), { maxLength: 14 })
  .map((runs) => runs.flatMap(([one, times]) => Array.from({ length: times }, () => one)).join('\n'))

const streamed = (whole: string, cuts: readonly number[], secrets: readonly string[]) => {
  const cleaning = createCleaning(secrets)
  const places = [...cuts.map((cut) => cut % (whole.length + 1)), whole.length].toSorted((a, b) => a - b)
  let from = 0
  let out = ''
  for (const place of places) {
    out += cleaning.push(whole.slice(from, place))
    from = place
  }
  const last = cleaning.finish()
  return { ...last, text: out + last.text }
}

describe('a text cleaned in pieces', () => {
  it('gives the same bytes and counts as the whole, wherever it is cut', () => {
    fc.assert(
      fc.property(text, fc.array(fc.nat(), { maxLength: 12 }), (whole, cuts) => {
        expect(streamed(whole, cuts, [])).toEqual(clean(whole))
        expect(streamed(whole, cuts, ['s3cr3tS3cr3t!'])).toEqual(createCleaner(['s3cr3tS3cr3t!'])(whole))
      }),
      { numRuns: 150 },
    )
  })

  it('masks a key whose lines come one by one, and one of which only the end was seen', () => {
    const lines = ['x', '-----BEGIN RSA PRIVATE KEY-----', KEY_BODY, KEY_BODY, '-----END RSA PRIVATE KEY-----', 'y']
    for (const whole of [lines.join('\n'), lines.slice(2).join('\n')]) {
      const cuts = Array.from({ length: whole.length }, (_, at) => at)
      expect(streamed(whole, cuts, []).text).not.toContain(KEY_BODY)
      expect(streamed(whole, cuts, [])).toEqual(clean(whole))
    }
  })

  it('gives settled lines before the text is over', () => {
    const cleaning = createCleaning()
    expect(cleaning.push('plain\n'.repeat(1000))).toBe('plain\n'.repeat(600))
    expect(cleaning.finish().text).toBe('plain\n'.repeat(400))
  })
})
