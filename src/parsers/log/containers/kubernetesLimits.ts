/** `kubectl describe` states the limit some lines below the kill. */
export interface LimitsBlock {
  /** Which event it belongs to. */
  readonly at: number
  /** The next line is one of the limits. */
  readonly isOpen: boolean
}

/** Still within the block, or null behind it. */
export const limitsAfter = (text: string, block: LimitsBlock): LimitsBlock | null => {
  if (/^\s{0,40}Limits:\s{0,10}$/.test(text)) return { ...block, isOpen: true }
  const stays = block.isOpen
    ? /^\s{1,60}[a-z][\w./-]{0,60}:\s{1,40}\S{1,40}\s{0,10}$/
    : /^\s{0,60}(?:Reason|Message|Exit Code|Started|Finished|Ready|Restart Count):/
  return stays.test(text) ? block : null
}

const KUBERNETES_UNITS: Readonly<Record<string, number>> = {
  '': 1,
  k: 1000,
  M: 1e6,
  G: 1e9,
  Ki: 1024,
  Mi: 1024 ** 2,
  Gi: 1024 ** 3,
}

/** Bytes of a `memory:` line, null for any other. */
export const memoryLimitOf = (text: string): number | null => {
  const match = /^\s{1,60}memory:\s{1,40}(\d{1,12})(k|M|G|Ki|Mi|Gi)?\s{0,10}$/.exec(text)
  const unit = KUBERNETES_UNITS[match?.[2] ?? '']
  return match === null || unit === undefined ? null : Number(match[1]) * unit
}
