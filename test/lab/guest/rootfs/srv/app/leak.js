'use strict'
// Outside the V8 heap. The fill matters: Buffer.alloc(n) alone is calloc, its pages stay untouched and RSS does not grow.
const TICKS_PER_SECOND = 4

exports.leakBuffers = (mbPerSecond) => {
  const kept = []
  const bytes = Math.round((mbPerSecond * 1024 * 1024) / TICKS_PER_SECOND)
  setInterval(() => kept.push(Buffer.alloc(bytes, 'x')), 1000 / TICKS_PER_SECOND)
}
