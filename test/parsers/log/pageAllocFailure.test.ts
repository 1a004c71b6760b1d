import { describe, expect, it } from 'vitest'
import { eventsOf, logParser } from '../../../src/parsers/log/log.ts'

const failuresIn = (text: string) => {
  const parsed = logParser.parse(text)
  return eventsOf(parsed, 'page-alloc-failure')
}

describe('allocations that failed without a kill', () => {
  it.each([
    ['vmalloc: allocation failure: 20480 bytes', 20_480, null],
    ['emerge: vmalloc: allocation failure, allocated 8192 of 20480 bytes, mode:0x7080c0(GFP_KERNEL)', 20_480, 'emerge'],
    ['modprobe: vmalloc error: size 20480, page order 0, failed to allocate pages', 20_480, 'modprobe'],
  ])('reads %s', (text, sizeBytes, comm) => {
    expect(failuresIn(`[   12.713120] ${text}`)).toMatchObject([{ what: 'vmalloc', sizeBytes, comm }])
  })

  it.each([
    'cma: cma_alloc: alloc failed, req-size: 256 pages, ret: -12',
    'cma: cma_alloc: linux,cma: alloc failed, req-size: 256 pages, ret: -12',
    'cma: __cma_alloc_frozen: reserved: alloc failed, req-size: 256 pages, ret: -12',
    'cma: alloc failed, req-size: 256 pages, ret: -12',
  ])('reads %s', (text) => {
    expect(failuresIn(`[   12.713120] ${text}`)).toMatchObject([{ what: 'cma' }])
  })

  it('takes a page failure and the complaint of the slab about it for one', () => {
    const text = [
      '[   12.713120] swapper/2: page allocation failure: order:0, mode:0x20',
      '[   12.713121] SLUB: Unable to allocate memory on node -1 (gfp=0x20)',
      '[   12.713122]   cache: kmalloc-4096, object size: 4096, buffer size: 4096, default order: 3, min order: 0',
    ].join('\n')
    expect(failuresIn(text)).toMatchObject([{ what: 'page', comm: 'swapper/2', repeats: 1 }])
  })

  it('keeps a slab failure of another moment', () => {
    const text = [
      '[   12.713120] swapper/2: page allocation failure: order:0, mode:0x20',
      '[   52.713121] SLUB: Unable to allocate memory on node -1 (gfp=0x20)',
      '[   52.713122]   cache: kmalloc-4096, object size: 4096, buffer size: 4096, default order: 3, min order: 0',
    ].join('\n')
    expect(failuresIn(text)).toMatchObject([
      { what: 'page', comm: 'swapper/2' },
      { what: 'slub', cacheName: 'kmalloc-4096' },
    ])
  })

  it('gives an area its asker, who is named on the next line up to 4.9', () => {
    const text = [
      'vmalloc: allocation failure, allocated 4097114112 of 17179934720 bytes',
      'swapper/0: page allocation failure: order:0, mode:0x2080020(GFP_ATOMIC)',
    ].join('\n')
    expect(failuresIn(text)).toMatchObject([{ what: 'vmalloc', sizeBytes: 17_179_934_720, comm: 'swapper/0' }])
  })

  it('says nothing of an order that was cut', () => {
    expect(failuresIn('[   12.713120] hog: page allocation failure: order:1')).toMatchObject([
      { comm: 'hog', order: null, gfpMask: null },
    ])
  })
})

describe('waiting for pages', () => {
  it('folds all stalls into one that tells of the longest', () => {
    const stall = (stamp: string, ms: number): string =>
      `[${stamp}] a.out: page allocation stalls for ${ms}ms, order:0, mode:0x24280ca(GFP_HIGHUSER_MOVABLE|__GFP_ZERO)`
    const parsed = logParser.parse([stall('   12.713120', 10_014), stall('  312.713120', 300_003)].join('\n'))
    expect(eventsOf(parsed, 'allocation-stall')).toMatchObject([{ comm: 'a.out', longestMs: 300_003, repeats: 2 }])
  })
})
