import { median } from '../../src/domain/median.ts'

export interface BenchOptions {
  readonly hosts: readonly number[]
  readonly delays: readonly number[]
  readonly rounds: number
  /** Most hosts for clients that cost seconds a host. */
  readonly slow: number
  /** Most hosts that are looked at from far away: the proxy that plays the distance costs time itself. */
  readonly far: number
  readonly check: boolean
}

const usage = (problem: string): never => {
  process.stderr.write(
    `bench: ${problem}\nbench [--hosts 1,20] [--delay 0,50] [--rounds 1] [--slow 20] [--far 1] [--check]\n`,
  )
  process.exit(64)
}

/** Reads what was asked for; ends the process with a line when it makes no sense. */
export const readOptions = (words: readonly string[]): BenchOptions => {
  const check = words.includes('--check')
  const given = new Map<string, readonly number[]>()
  const left = words.filter((word) => word !== '--check')
  for (let at = 0; at < left.length; at += 2) {
    const [flag = '', text = ''] = left.slice(at, at + 2)
    if (!['--hosts', '--delay', '--rounds', '--slow', '--far'].includes(flag)) usage(`unknown option ${flag}`)
    const numbers = text.split(',').map(Number)
    const least = flag === '--delay' || flag === '--slow' || flag === '--far' ? 0 : 1
    if (text === '' || numbers.some((number) => !Number.isInteger(number) || number < least || number > 10_000))
      usage(`${flag}: expected whole numbers from ${least}, such as 1,20, got '${text}'`)
    given.set(flag, numbers)
  }
  return {
    hosts: given.get('--hosts') ?? (check ? [1, 20, 200] : [1, 20]),
    // Round trips are told by the difference to a near host.
    delays: [...new Set([0, ...(given.get('--delay') ?? [50])])],
    rounds: given.get('--rounds')?.[0] ?? 1,
    slow: given.get('--slow')?.[0] ?? 20,
    far: given.get('--far')?.[0] ?? 1,
    check,
  }
}

/** Not a number where nothing was measured. */
export const medianOf = (numbers: readonly number[]): number => median(numbers) ?? Number.NaN
