import { describe, expect, it } from 'vitest'
import { cgroupValueParser } from '../../src/parsers/cgroupValue.ts'
import { meminfoParser } from '../../src/parsers/meminfo.ts'
import { factsOf } from '../rules/sampleEvidence.ts'

const facts = factsOf([
  { step: 'text', parser: null, stdout: 'one\r\ntwo\n\nfour' },
  { step: 'f', subject: 'a.service', command: '/sys/fs/cgroup/a.slice/memory.max', stdout: '1\n' },
  { step: 'f', subject: 'a.service', command: '/sys/fs/cgroup/a.slice/memory.max', stdout: '2\n' },
  { step: 'f', command: '/sys/fs/cgroup/b.slice/memory.max', stdout: 'nonsense' },
])

describe('the view of all facts', () => {
  it.each([
    [1, 'one'],
    [2, 'two'],
    [3, ''],
    [4, 'four'],
    [5, ''],
    [0, ''],
    [-1, ''],
  ])('cites line %i as it stands', (line, text) => {
    expect(facts.cite('E1', line)).toEqual({ evidence: 'E1', line, text })
  })

  it('cites nothing of evidence that does not exist', () => {
    expect(facts.cite('E99', 1).text).toBe('')
  })

  it('gives the latest reading of a subject, and only what was parsed', () => {
    expect(facts.latest(cgroupValueParser, 'a.service')?.facts.value).toBe(2)
    expect(facts.latest(cgroupValueParser, null)).toBeUndefined()
    expect(facts.all(cgroupValueParser)).toHaveLength(2)
    expect(facts.all(meminfoParser)).toEqual([])
  })
})
