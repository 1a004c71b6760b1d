import type { Threshold } from './digestThresholds.ts'

/** Checkmk's "magic factor": below 20 GB thresholds stay, above they move towards full. */
const NORMAL_BYTES = 20 * 1024 ** 3
const MAGIC = 0.8

/** 80 % of 20 GB leaves 4 GB; 80 % of 4 TB leaves 800 GB, which is no trouble. */
export const relaxed = (threshold: Threshold, sizeBytes: number | null): Threshold => {
  if (sizeBytes === null || sizeBytes <= NORMAL_BYTES) return threshold
  const factor = (sizeBytes / NORMAL_BYTES) ** (MAGIC - 1)
  const move = (percent: number): number => Math.round((100 - (100 - percent) * factor) * 10) / 10
  return {
    ...threshold,
    warn: move(threshold.warn),
    critical: threshold.critical === null ? null : move(threshold.critical),
    clear: move(threshold.clear),
  }
}
