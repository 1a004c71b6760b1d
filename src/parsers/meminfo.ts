import { parseCount } from './limitValue.ts'
import { ParseError } from '../domain/errors.ts'
import type { Parser } from './parser.ts'

// /proc/meminfo
//
// MemTotal:         481040 kB
// MemFree:          269212 kB
// MemAvailable:     381992 kB
// HugePages_Total:       0

/** The host's memory. `null`: this kernel does not print it. */
export interface MeminfoFacts {
  readonly totalBytes: number
  readonly freeBytes: number | null
  /** Since kernel 3.14. */
  readonly availableBytes: number | null
  readonly buffersBytes: number | null
  readonly cachedBytes: number | null
  readonly swapTotalBytes: number | null
  readonly swapFreeBytes: number | null
  readonly anonBytes: number | null
  readonly shmemBytes: number | null
  readonly activeFileBytes: number | null
  readonly inactiveFileBytes: number | null
  readonly unevictableBytes: number | null
  readonly mlockedBytes: number | null
  readonly dirtyBytes: number | null
  readonly writebackBytes: number | null
  readonly slabReclaimableBytes: number | null
  readonly slabUnreclaimableBytes: number | null
  readonly kernelStackBytes: number | null
  readonly pageTablesBytes: number | null
  readonly percpuBytes: number | null
  readonly vmallocUsedBytes: number | null
  readonly commitLimitBytes: number | null
  readonly committedBytes: number | null
  readonly hugePagesTotalCount: number | null
  readonly hugePagesFreeCount: number | null
  readonly hugePageSizeBytes: number | null
  readonly hugetlbBytes: number | null
  /** Since kernel 7.x. */
  readonly balloonBytes: number | null
}

export const meminfoParser: Parser<MeminfoFacts> = {
  id: 'meminfo',
  parse: (output) => {
    const fields = new Map<string, string>()
    for (const line of output.split('\n')) {
      const match = /^([A-Za-z_()0-9]{1,40}):\s{0,40}(\d{1,20})(?: kB)?\r?$/.exec(line)
      if (match !== null) fields.set(match[1] ?? '', match[2] ?? '')
    }
    const kib = (name: string): number | null => {
      const value = parseCount(fields.get(name))
      return value === null ? null : value * 1024
    }
    const totalBytes = kib('MemTotal')
    if (totalBytes === null) throw new ParseError('meminfo', 1, 'no "MemTotal:" with a number')
    return {
      totalBytes,
      freeBytes: kib('MemFree'),
      availableBytes: kib('MemAvailable'),
      buffersBytes: kib('Buffers'),
      cachedBytes: kib('Cached'),
      swapTotalBytes: kib('SwapTotal'),
      swapFreeBytes: kib('SwapFree'),
      anonBytes: kib('AnonPages'),
      shmemBytes: kib('Shmem'),
      activeFileBytes: kib('Active(file)'),
      inactiveFileBytes: kib('Inactive(file)'),
      unevictableBytes: kib('Unevictable'),
      mlockedBytes: kib('Mlocked'),
      dirtyBytes: kib('Dirty'),
      writebackBytes: kib('Writeback'),
      slabReclaimableBytes: kib('SReclaimable'),
      slabUnreclaimableBytes: kib('SUnreclaim'),
      kernelStackBytes: kib('KernelStack'),
      pageTablesBytes: kib('PageTables'),
      percpuBytes: kib('Percpu'),
      vmallocUsedBytes: kib('VmallocUsed'),
      commitLimitBytes: kib('CommitLimit'),
      committedBytes: kib('Committed_AS'),
      hugePagesTotalCount: parseCount(fields.get('HugePages_Total')),
      hugePagesFreeCount: parseCount(fields.get('HugePages_Free')),
      hugePageSizeBytes: kib('Hugepagesize'),
      hugetlbBytes: kib('Hugetlb'),
      balloonBytes: kib('Balloon'),
    }
  },
}
