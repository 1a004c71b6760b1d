import { once } from 'node:events'
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { startSshd } from '../support/sshd.ts'
import { farPlace } from './farPlace.ts'
import { peers } from './peers.ts'
import type { Contender, Place } from './peers.ts'

// How Medic's way of collecting compares with its peers, side by side on one loopback sshd: wall time near by, and
// round trips, told by how the wall time grows with the distance. Ratios, because machines are noisy.
//
//   npm run bench                    3 rounds
//   npm run bench -- --rounds 9

const ROUND_TRIP_MS = 50

const rounds = (): number => {
  const at = process.argv.indexOf('--rounds')
  const text = at === -1 ? '3' : process.argv[at + 1]
  if (text === undefined || !/^[1-9]\d?$/.test(text)) {
    process.stderr.write('bench: --rounds: expected a number from 1 to 99\n')
    process.exit(64)
  }
  return Number(text)
}

/** Medic in a process of its own that is started already: what is timed is connecting, collecting and closing. */
const engine = (): Contender & { readonly stop: () => void } => {
  const child = fork(fileURLToPath(new URL('engine.ts', import.meta.url)), {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  return {
    name: 'Medic, engine only',
    run: async (place) => {
      child.send(place)
      const [answer] = (await once(child, 'message')) as [{ readonly error: string | null }]
      if (answer.error !== null) throw new Error(answer.error)
    },
    stop: () => child.kill(),
  }
}

const median = (numbers: readonly number[]): number => {
  const sorted = numbers.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2
}

const timed = async (contender: Contender, place: Place): Promise<number> => {
  const start = performance.now()
  await contender.run(place)
  return performance.now() - start
}

const main = async (): Promise<void> => {
  const medic = engine()
  const { found, missing } = peers()
  if (missing.length > 0) process.stdout.write(`not installed, left out: ${missing.join(', ')}\n`)
  await using sshd = await startSshd({ config: ['MaxStartups 100', 'MaxSessions 20'] })
  await using far = await farPlace(sshd.port, ROUND_TRIP_MS)
  const near: Place = {
    port: sshd.port,
    user: 'root',
    keyFile: sshd.keyFile,
    hostKey: sshd.hostKey,
    folder: sshd.folder,
  }
  const away: Place = { ...near, port: far.port }
  const contenders = [medic, ...found]
  const times = new Map(contenders.map((contender) => [contender, { near: [] as number[], away: [] as number[] }]))
  await medic.run(near)
  for (let round = 1; round <= rounds(); round += 1) {
    for (const contender of contenders) {
      times.get(contender)?.near.push(await timed(contender, near))
      times.get(contender)?.away.push(await timed(contender, away))
    }
    process.stderr.write(`round ${round} of ${rounds()}\n`)
  }
  medic.stop()
  const own = median(times.get(medic)?.near ?? [])
  process.stdout.write(
    `\n${'client'.padEnd(34)}${'near ms'.padStart(9)}${'Medic is'.padStart(14)}${'round trips'.padStart(13)}\n`,
  )
  for (const contender of contenders) {
    const measured = times.get(contender)
    const nearMs = median(measured?.near ?? [])
    const trips = (median(measured?.away ?? []) - nearMs) / ROUND_TRIP_MS
    const ratio = contender === medic ? '' : `${(own / nearMs).toFixed(2)} x`
    process.stdout.write(
      `${contender.name.padEnd(34)}${nearMs.toFixed(0).padStart(9)}${ratio.padStart(14)}${trips.toFixed(1).padStart(13)}\n`,
    )
  }
}

await main()
