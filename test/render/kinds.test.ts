import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { KINDS } from '../../src/domain/kind.ts'
import { KIND_TEXTS } from '../../src/domain/kindTexts.ts'
import { renderKind, renderKindsPage } from '../../src/render/kinds.ts'
import { lintWording } from '../../src/render/wording.ts'

describe('docs/kinds.md', () => {
  it('is what the texts in the code say (write it with `node test/render/writeKinds.ts`)', () => {
    expect(readFileSync(join(import.meta.dirname, '../../docs/kinds.md'), 'utf8')).toBe(renderKindsPage())
  })
})

describe.each(KINDS)('the text of %s', (kind) => {
  it('explains itself in whole sentences', () => {
    const text = KIND_TEXTS[kind]
    expect(text.title).not.toMatch(/\.$/)
    for (const sentence of [text.meaning, text.decisive, text.lookAlikes, ...text.nextChecks])
      expect(sentence).toMatch(/[.?]$/)
    expect(text.nextChecks.length).toBeGreaterThan(0)
  })

  it('keeps the wording rules and the width', () => {
    expect(lintWording(`${KIND_TEXTS[kind].meaning} ${KIND_TEXTS[kind].lookAlikes}`)).toEqual([])
    for (const line of renderKind(kind, 80).split('\n')) expect(line.length).toBeLessThanOrEqual(80)
  })
})
