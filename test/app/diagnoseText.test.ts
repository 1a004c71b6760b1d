import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createTextReading, diagnoseText, diagnoseTexts } from '../../src/app/diagnoseText.ts'
import { KeptText } from '../../src/app/keptText.ts'
import { clean, createCleaning } from '../../src/redaction/clean.ts'

const KILL =
  'Nov 23 15:20:00 web kernel: Out of memory: Killed process 144 (hög→) total-vm:900kB, anon-rss:800kB, file-rss:0kB, shmem-rss:0kB, UID:33 pgtables:980kB oom_score_adj:0\r\n'
const filler = 'Nov 23 15:20:01 web app[7]: GET /café → 200\n'
const suppressed = 'Nov 23 15:20:02 web kernel: oom: 3 callbacks suppressed\n'
const secret = 'Nov 23 15:20:03 web app[7]: password=hunter2hunter2\n'
const failed = "Nov 23 15:20:04 web systemd[1]: a.service: Failed with result 'oom-kill'.\n"

const streamed = (text: string, pieceLength: number) => {
  const reading = createTextReading({ source: 'a.log', number: 1, nowMs: 1 }, createCleaning())
  for (let at = 0; at < text.length; at += pieceLength) reading.push(text.slice(at, at + pieceLength))
  return diagnoseTexts([reading.finish()])
}

describe('a text diagnosed in pieces', () => {
  it.each([
    ['long', [filler.repeat(9000), KILL, suppressed, secret, filler.repeat(20_000), failed, suppressed, KILL]],
    ['long and quoted-printable at its end', [filler.repeat(30_000), `gfp_mask=3D0x100=\n`, KILL]],
    ['long without a last line feed', [filler.repeat(30_000), KILL.trimEnd()]],
    ['long and silent', [filler.repeat(30_000)]],
    ['long and blank', [' \n'.repeat(900_000)]],
    ['short', [KILL, suppressed]],
    ['empty', []],
  ])('says of a %s text what is said of the whole', (_, parts) => {
    const text = parts.join('')
    const whole = diagnoseText(text, 'a.log', clean, 1)
    const pieces = streamed(text, 65_521)
    expect(pieces.diagnosis).toEqual(whole.diagnosis)
    expect(pieces.evidence[0]?.reading).toEqual(whole.evidence[0]?.reading)
    expect(pieces.evidence[0]?.redactions).toBe(whole.evidence[0]?.redactions)
    expect(pieces.evidence[0]?.result.stdout === whole.evidence[0]?.result.stdout).toBe(true)
    for (const line of [0, 1, 2, 9001, 9003, 9004, 29_004, 30_001, 30_002, 999_999]) {
      expect(pieces.facts.cite('E1', line)).toEqual(whole.facts.cite('E1', line))
    }
  })
})

describe('a kept text', () => {
  it('gives every line back, in whatever stretches of whole lines it came', () => {
    const line = fc.string({ unit: 'grapheme', maxLength: 12 }).map((one) => one.toWellFormed().replaceAll('\n', ''))
    fc.assert(
      fc.property(fc.array(fc.array(line)), fc.string({ maxLength: 5 }), (stretches, rest) => {
        const texts = [...stretches.map((lines) => lines.map((one) => `${one}\n`).join('')), rest.replaceAll('\n', '')]
        const kept = new KeptText()
        for (const text of texts) kept.push(text)
        const whole = texts.join('')
        const lines = whole.split('\n')
        expect(kept.whole()).toBe(whole)
        const visited: string[] = []
        kept.forEachLine((one) => visited.push(one))
        expect(visited).toEqual(lines.at(-1) === '' ? lines.slice(0, -1) : lines)
        for (const [at, one] of lines.entries()) expect(kept.line(at + 1)).toBe(one.replace(/\r$/, ''))
      }),
    )
  })
})
