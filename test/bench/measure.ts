import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** What one run of a client cost, all its processes together. */
export interface Cost {
  readonly wallMs: number
  readonly cpuMs: number
  readonly peakMiB: number
}

export interface Program {
  readonly words: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

const SAMPLE_MS = 150
const PAGE_BYTES = 4096

/**
 * Runs a client to its end. CPU comes from GNU time, which counts every process that was waited for; memory is looked at
 * from outside, as the sum over the client's session, because some clients are hundreds of processes. Throws when it
 * failed, and stops it when it takes too long.
 */
export const measure = async (
  { words, env = {} }: Program,
  limitMs: number,
): Promise<Cost & { readonly said: string }> => {
  const times = join(tmpdir(), `medic-bench-time-${process.pid}`)
  const startedAt = performance.now()
  const child = spawn('/usr/bin/time', ['-q', '-f', '%U %S', '-o', times, ...words], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  })
  const session = child.pid ?? 0
  let said = ''
  let complaint = ''
  child.stdout.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-1_000)))
  child.stderr.on('data', (chunk: Buffer) => (complaint = (complaint + chunk.toString()).slice(-600)))
  let peak = 0
  const sampler = setInterval(() => (peak = Math.max(peak, residentOf(session))), SAMPLE_MS)
  // Somebody who interrupts the bench wants no hundred clients to go on by themselves.
  const stop = (): void => {
    process.kill(-session, 'SIGKILL')
    process.exit(130)
  }
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
  let isLate = false
  const late = setTimeout(() => {
    isLate = true
    process.kill(-session, 'SIGKILL')
  }, limitMs)
  const [code] = (await once(child, 'close')) as [number | null]
  const wallMs = performance.now() - startedAt
  clearInterval(sampler)
  clearTimeout(late)
  process.off('SIGINT', stop)
  process.off('SIGTERM', stop)
  if (isLate) throw new Error(`not done within ${limitMs / 1000} s`)
  if (code !== 0) throw new Error(`exit ${code}: ${complaint.trim() || said.trim()}`)
  const [user = 0, system = 0] = readFileSync(times, 'utf8').trim().split(' ').map(Number)
  rmSync(times, { force: true })
  return { wallMs, cpuMs: (user + system) * 1000, peakMiB: peak / 2 ** 20, said }
}

const residentOf = (session: number): number => {
  let bytes = 0
  for (const pid of readdirSync('/proc')) {
    if (!/^\d+$/.test(pid)) continue
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      if (Number(fields[3]) === session) bytes += Number(fields[21]) * PAGE_BYTES
    } catch {
      // It has ended meanwhile.
    }
  }
  return bytes
}
