import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { MemorySample } from '../../src/domain/sample.ts'
import { blankClaim, type Finding } from '../../src/domain/finding.ts'
import { KINDS } from '../../src/domain/kind.ts'
import { backTest } from '../../src/remedies/backTest.ts'
import { healthyTime } from '../../src/remedies/healthyTime.ts'
import { memoryMaxMaker } from '../../src/remedies/memoryMax.ts'
import { REMEDY_MAKERS } from '../../src/remedies/registry.ts'
import { reserveMib, sizingOf, up64 } from '../../src/remedies/sizing.ts'
import { hostFacts, samplesEvidence, UNIT, type HostInput } from './host.ts'

const MIB = 1024 * 1024

const globalOom = (unit: string, peakMib: number): Finding => ({
  ...blankClaim('global-oom', 'x'),
  role: 'root-cause',
  remedies: [],
  confidence: 'certain',
  unit,
  victims: [{ pid: 1, comm: 'node', unit, anonRssBytes: peakMib * MIB }],
  largestTask: { pid: 1, comm: 'node', rssBytes: peakMib * MIB },
  culprit: { comm: 'node', unit, isVictim: true, why: 'x' },
})

const limitOf = (content: string): number => Number(/^MemoryMax=(\d+)M$/m.exec(content)?.[1] ?? Number.NaN)

const maxOf = (mib: number | null): string => (mib === null ? 'max' : String(mib * MIB))

const aHost = fc.record({
  totalMib: fc.integer({ min: 64, max: 40_000 }),
  availableShare: fc.oneof(fc.double({ min: 0.5, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true })),
  swapMib: fc.constantFrom(0, 512, 4096, 40_000),
  nowMib: fc.oneof(fc.integer({ min: 0, max: 400 }), fc.integer({ min: 0, max: 20_000 })),
  maxMib: fc.oneof(fc.constant(null), fc.constant(null), fc.integer({ min: 16, max: 30_000 })),
  highMib: fc.oneof(fc.constant(null), fc.constant(null), fc.integer({ min: 16, max: 30_000 })),
  heapMib: fc.oneof(fc.constant(null), fc.constant(null), fc.integer({ min: 32, max: 9000 })),
  systemd: fc.oneof(fc.constantFrom(237, 252, 257), fc.constantFrom(null, 219, 236, 252)),
  peakMib: fc.oneof(fc.integer({ min: 1, max: 40_000 }), fc.constant(40_000)),
})

const inputOf = (host: typeof aHost extends fc.Arbitrary<infer T> ? T : never): HostInput => ({
  totalMib: host.totalMib,
  availableMib: Math.floor(host.totalMib * host.availableShare),
  swapMib: host.swapMib,
  nowMib: host.nowMib,
  max: maxOf(host.maxMib),
  high: maxOf(host.highMib),
  systemd: host.systemd,
  unitFile: `[Service]\nExecStart=/usr/bin/node ${host.heapMib === null ? '' : `--max-old-space-size=${host.heapMib} `}x.js\n`,
})

describe('a proposed limit', () => {
  it('breaks no bound of the host, the unit or an operator, whatever they are', () => {
    let proposed = 0
    fc.assert(
      fc.property(aHost, (host) => {
        const remedies = memoryMaxMaker.propose(globalOom(UNIT, host.peakMib), hostFacts(inputOf(host)))
        for (const remedy of remedies) {
          expect(remedy.files.length > 0).toBe(remedy.apply.length > 0)
          if (remedy.files.length === 0) continue
          proposed += 1
          const limit = limitOf(remedy.files[0]!.content)
          const others = Math.max(0, host.totalMib - Math.floor(host.totalMib * host.availableShare) - host.nowMib)
          expect(limit).toBeGreaterThanOrEqual(up64(host.nowMib) + 64)
          expect(limit + others + reserveMib(host.totalMib, 0)).toBeLessThanOrEqual(host.totalMib)
          expect(limit).toBeLessThanOrEqual(host.maxMib ?? Number.POSITIVE_INFINITY)
          expect(limit % (limit < 512 ? 16 : limit > 16_384 ? 256 : 64)).toBe(0)
          if (host.highMib !== null && host.highMib < limit)
            expect(host.swapMib).toBeGreaterThanOrEqual(2 * (limit - host.highMib))
          if (host.heapMib !== null) expect(limit).toBeGreaterThanOrEqual(1.1 * host.heapMib + 112)
          expect(host.systemd).toBeGreaterThanOrEqual(237)
          expect(remedy.checks.every((check) => check.holds)).toBe(true)
        }
      }),
      { numRuns: 1500 },
    )
    // A property about proposals proves nothing when none is ever made.
    expect(proposed).toBeGreaterThan(20)
  })

  it('never would have killed the unit in the time in which it was well', () => {
    let proposed = 0
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 100, max: 1200 }), { minLength: 40, maxLength: 120 }),
        fc.constantFrom(1, 60, 400),
        (noise, spread) => {
          const samples: readonly MemorySample[] = noise.map((size, index) => ({
            atMs: index * 300_000,
            bytes: (500 + (size % spread)) * MIB,
            life: '0',
          }))
          const facts = hostFacts({ nowMib: 500, more: [samplesEvidence(UNIT, samples)] })
          for (const remedy of memoryMaxMaker.propose(globalOom(UNIT, 6000), facts)) {
            if (remedy.files.length === 0) continue
            proposed += 1
            const limit = limitOf(remedy.files[0]!.content) * MIB
            const { growth } = sizingOf(UNIT, facts, null)
            expect(backTest(healthyTime(samples, growth), limit).kills).toEqual([])
            expect(remedy.checks[0]?.detail).toContain(`${samples.length} samples of`)
          }
        },
      ),
      { numRuns: 200 },
    )
    expect(proposed).toBeGreaterThan(20)
  })

  it('of a unit that leaked from 610 to 5900 MiB is the one of the book', () => {
    const hours = (from: number) =>
      Array.from({ length: 156 }, (_, index) => ({
        atMs: from + index * 300_000,
        // Steady for hours, then 420 MiB an hour.
        bytes: (index < 40 ? 610 + (index % 5) : 610 + 35 * (index - 39)) * MIB,
        life: '0',
      }))
    const [remedy] = memoryMaxMaker.propose(
      globalOom(UNIT, 5900),
      hostFacts({ more: [samplesEvidence(UNIT, hours(0))] }),
    )
    const limit = limitOf(remedy!.files[0]!.content)
    expect(limit).toBeGreaterThanOrEqual(732)
    expect(limit).toBeLessThanOrEqual(960)
    expect(remedy!.warnings.join(' ')).toMatch(/this limit would have been reached \d+ times, first /)
  })
})

describe('every file', () => {
  it('has one assignment a line, known sections, and nothing after a value', () => {
    fc.assert(
      fc.property(
        aHost,
        fc.constantFrom(...KINDS),
        fc.constantFrom(UNIT, 'pm2-x.service', 'a@b.service'),
        (host, kind, unit) => {
          const finding = { ...globalOom(unit, host.peakMib), kind }
          const facts = hostFacts({ ...inputOf(host), unit })
          for (const maker of REMEDY_MAKERS.filter((one) => one.answers.includes(kind)))
            for (const remedy of maker.propose(finding, facts))
              for (const file of remedy.files) {
                expect(file.path).toMatch(/^\/etc\/systemd\/system\/[^/]+\.service\.d\/50-medic-[a-z-]+\.conf$/)
                for (const line of file.content.trimEnd().split('\n'))
                  expect(line).toMatch(
                    /^(?:#[\x20-\x5b\x5d-\x7e]*|\[(?:Unit|Service)\]|[A-Z][A-Za-z]+=[A-Za-z0-9][^\s#;\\]*|)$/,
                  )
              }
        },
      ),
      { numRuns: 600 },
    )
  })
})
