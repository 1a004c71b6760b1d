import { describe, expect, it } from 'vitest'
import { systemctlCatParser } from '../../src/parsers/systemctlCat.ts'
import { askedLimit, parseSize, writtenLimits } from '../../src/parsers/unitFileLimits.ts'

describe('sizes as systemd reads them', () => {
  it.each([
    ['200M', 209_715_200],
    ['1.5G', 1_610_612_736],
    ['1G 512M', 1_610_612_736],
    ['4096', 4096],
    ['10B', 10],
    ['150MB', null],
    ['3G # soft', null],
    ['150m', null],
    ['512M 1G', null],
    ['-1', null],
    ['M', null],
    ['9'.repeat(61), null],
  ])('%s is %s', (text, bytes) => {
    expect(parseSize(text)).toBe(bytes)
  })
})

const limitsOf = (...files: string[]) => writtenLimits(systemctlCatParser.parse(files.join('\n')))

describe('what the files ask for', () => {
  it('is the last valid value; an invalid one leaves the earlier in force', () => {
    const limits = limitsOf('# /etc/systemd/system/a.service\n[Service]\nMemoryMax=1G\nMemoryMax=2GB\n')
    expect(askedLimit(limits, 'MemoryMax')?.text).toBe('1G')
  })

  it('is nothing after an empty value', () => {
    const limits = limitsOf('# /etc/systemd/system/a.service\n[Service]\nMemoryMax=1G\nMemoryMax=\n')
    expect(askedLimit(limits, 'MemoryMax')).toBeNull()
  })

  it('counts in the section of the unit type alone', () => {
    const limits = limitsOf('# /etc/systemd/system/app.slice\n[Service]\nMemoryMax=1G\n[Slice]\nMemoryMax=2G\n')
    expect(limits.map((limit) => limit.isRightSection)).toEqual([false, true])
    expect(askedLimit(limits, 'MemoryMax')?.text).toBe('2G')
  })
})
