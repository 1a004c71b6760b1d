import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Remedy } from '../../src/domain/remedy.ts'
import { factsFrom, type FactView } from '../../src/parsers/facts.ts'
import { logParser } from '../../src/parsers/log/log.ts'
import { proposeRemedies } from '../../src/remedies/propose.ts'
import { diagnose } from '../../src/rules/diagnose.ts'
import { evidenceOf } from './host.ts'

const SAMPLES = join(import.meta.dirname, '../parsers/log/samples')
const WINDOW = { fromMs: null, toMs: null }

const factsOf = (text: string): FactView => factsFrom([evidenceOf(logParser, null, 'FILE', text)], WINDOW)

const remediesOf = (text: string): readonly Remedy[] => {
  const facts = factsOf(text)
  return proposeRemedies(diagnose(facts), facts).findings.flatMap((finding) => finding.remedies)
}

const read = (name: string): string => readFileSync(join(SAMPLES, name), 'utf8')

describe("a kernel's report without its host", () => {
  it.each([
    // pages RAM - reserved, 15 % of a small host, the table without the culprit and the kernel's own memory.
    ['kernel-6.1-cgroup-v2-global.txt', 213, 80],
    ['kernel-6.12-cgroup-v2-global.txt', 209, 80],
    ['kernel-5.10-cgroup-v1-global.txt', 220, 96],
  ])('%s gives the numbers of a %i MiB host, and no button', (name, total, limit) => {
    const plan = remediesOf(read(name)).find((remedy) => remedy.id === 'memory-max-report')
    expect(plan?.settings.map((setting) => `${setting.key}=${setting.value}`)).toEqual([`MemoryMax=${limit}M`])
    expect(plan?.because).toContain(`host ${total} MiB`)
    expect(plan?.confidence).toBe('low')
    expect(plan?.apply).toEqual([])
    expect(plan?.files).toEqual([])
    expect(plan?.warnings.join(' ')).toContain('run a triage')
  })

  it.each([
    ['the table is missing', (text: string) => text.replace(/^.*\[ *\d+\] +\d+ +\d+ +\d+.*$/gm, '')],
    ['the memory of the host is missing', (text: string) => text.replace(/^.*pages RAM.*$/gm, '')],
  ])('plans nothing when %s', (_, damage) => {
    const text = damage(read('kernel-6.1-cgroup-v2-global.txt'))
    expect(remediesOf(text).filter((remedy) => remedy.settings.length > 0)).toEqual([])
  })

  it('plans nothing when a person asked the kernel to kill', () => {
    expect(remediesOf(read('kernel-6.1-cgroup-v2-sysrq-f.txt')).filter((remedy) => remedy.settings.length > 0)).toEqual(
      [],
    )
  })
})
