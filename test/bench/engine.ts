import type { Host } from '../../src/domain/host.ts'
import type { Command } from '../../src/domain/step.ts'
import { sshTransport } from '../../src/transports/ssh.ts'
import type { Place } from './peers.ts'
import { WORK } from './work.ts'

// Medic's transport at work, driven by messages so that its start is not part of the measure.

const hostAt = (place: Place): Host => ({
  name: 'bench',
  transport: 'ssh',
  ssh: {
    address: '127.0.0.1',
    port: place.port,
    user: place.user,
    identityFiles: [place.keyFile],
    hostKey: place.hostKey,
    hostKeyAlias: null,
    knownHostsFiles: [],
    acceptNewKey: false,
    jumps: [],
  },
  replay: null,
  sudo: false,
  site: null,
  groups: [],
  tags: {},
})

const commands: readonly Command[] = WORK.map((script, index) => ({
  step: `step-${index}`,
  subject: null,
  script,
  env: {},
  timeoutMs: 15_000,
  limit: { bytes: 2_000_000, keep: 'head' },
  channel: 'shared',
  sudo: false,
  pty: null,
}))

const collect = async (place: Place): Promise<void> => {
  const signal = AbortSignal.timeout(60_000)
  await using connection = await sshTransport.connect(hostAt(place), signal)
  let answers = 0
  for await (const result of connection.run(commands, signal)) {
    if (result.outcome !== 'exited') throw new Error(`${result.step}: ${result.outcome}`)
    answers += 1
  }
  if (answers !== WORK.length) throw new Error(`${answers} answers to ${WORK.length} steps`)
}

process.on('message', (place: Place) => {
  collect(place).then(
    () => process.send?.({ error: null }),
    (error: unknown) => process.send?.({ error: String(error) }),
  )
})
