import { spawn } from 'node:child_process'
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { ExpectedError } from '../../src/domain/errors.ts'
import { GUEST_MEMORY_MB, KERNEL_ARGUMENTS } from './recipe.ts'
import { Qmp } from './qmp.ts'
import { isQemu } from './state.ts'

/** Name of the saved machine state inside an image: booted, settled, nobody logged in. */
export const READY = 'ready'

export interface QemuOptions {
  /** Where console.log and qemu.log go. */
  readonly dir: string
  /** From socketPath. */
  readonly qmpSocket: string
  readonly disk: string
  readonly kernel: string
  readonly initrd: string
  readonly loadReady: boolean
  /** Whether it runs on when this process ends. */
  readonly outlive: boolean
}

export interface Qemu {
  readonly pid: number
  readonly port: number
}

const QEMU = 'qemu-system-x86_64'

/** qemu binds the forwarded port itself, so a port found free may be taken a moment later. */
const PORT_TRIES = 3
const SOCKET_TIMEOUT_MS = 20_000

/**
 * Starts qemu as a process of its own. Software emulation always: a machine may offer /dev/kvm
 * that starts guests and never runs them. `restrict=on` keeps the guest off every network; only ssh is forwarded.
 */
export const startQemu = async (options: QemuOptions): Promise<Qemu> => {
  for (let attempt = 1; ; attempt += 1) {
    const port = await findFreePort()
    const pid = launch(options, port)
    if (await answers(pid, options.qmpSocket)) return { pid, port }
    const complaint = readFileSync(join(options.dir, 'qemu.log'), 'utf8').trim()
    if (attempt === PORT_TRIES || !complaint.includes('host forwarding')) {
      throw new ExpectedError(`lab: qemu did not start: ${complaint || 'no message'}`)
    }
  }
}

const launch = (options: QemuOptions, port: number): number => {
  const log = openSync(join(options.dir, 'qemu.log'), 'w')
  const command = [QEMU, ...qemuArguments(options, port)]
  // Otherwise the kernel ends it with us, also when we are killed and no handler of ours runs.
  if (!options.outlive) command.unshift('setpriv', '--pdeathsig', 'KILL', '--')
  const child = spawn(command[0] ?? QEMU, command.slice(1), {
    cwd: options.dir,
    detached: true,
    stdio: ['ignore', log, log],
  })
  child.on('error', () => {})
  child.unref()
  closeSync(log)
  return child.pid ?? 0
}

const qemuArguments = (options: QemuOptions, port: number): string[] => [
  '-accel',
  'tcg,thread=multi,tb-size=256',
  '-smp',
  '2',
  '-m',
  String(GUEST_MEMORY_MB),
  '-kernel',
  options.kernel,
  '-initrd',
  options.initrd,
  '-append',
  KERNEL_ARGUMENTS,
  '-drive',
  `file=${options.disk},if=virtio,format=qcow2,cache=unsafe`,
  '-netdev',
  `user,id=n0,restrict=on,hostfwd=tcp:127.0.0.1:${port}-:22`,
  '-device',
  'virtio-net-pci,netdev=n0',
  '-device',
  'virtio-rng-pci',
  '-pidfile',
  'qemu.pid',
  '-display',
  'none',
  '-serial',
  'file:console.log',
  '-monitor',
  'none',
  '-qmp',
  `unix:${options.qmpSocket},server=on,wait=off`,
  ...(options.loadReady ? ['-loadvm', READY] : []),
]

const answers = async (pid: number, qmpSocket: string): Promise<boolean> => {
  const giveUpAt = Date.now() + SOCKET_TIMEOUT_MS
  while (Date.now() < giveUpAt) {
    // Right after the spawn the process may not be qemu yet, so only a vanished one counts as dead.
    if (!existsSync(`/proc/${pid}`)) return false
    try {
      const qmp = await Qmp.open(qmpSocket)
      await qmp.execute('query-status')
      qmp.close()
      return true
    } catch {
      await delay(100)
    }
  }
  return false
}

/** Ends a qemu and waits until it is gone. */
export const quitQemu = async (pid: number, qmpSocket: string): Promise<void> => {
  if (!isQemu(pid)) return
  try {
    const qmp = await Qmp.open(qmpSocket)
    // It may hang up before it answers.
    await qmp.execute('quit').catch(() => {})
    qmp.close()
  } catch {
    process.kill(pid, 'SIGTERM')
  }
  await untilGone(pid, 10_000)
  if (isQemu(pid)) process.kill(pid, 'SIGKILL')
}

/** Waits until a qemu has ended; false when it has not within the limit. */
export const untilGone = async (pid: number, timeoutMs: number): Promise<boolean> => {
  const giveUpAt = Date.now() + timeoutMs
  while (isQemu(pid)) {
    if (Date.now() > giveUpAt) return false
    await delay(100)
  }
  return true
}

/** Room for the control socket: the machine's own folder, unless its path is too long for a socket (108 bytes). */
export const socketPath = (dir: string): string => {
  const path = join(dir, 'qmp')
  return Buffer.byteLength(path) < 100 ? path : join(mkdtempSync(join(tmpdir(), 'medic-lab-')), 'qmp')
}

/** Removes what socketPath may have made outside the machine's folder. */
export const removeSocket = (qmpSocket: string, dir: string): void => {
  rmSync(qmpSocket, { force: true })
  if (dirname(qmpSocket) !== dir) rmSync(dirname(qmpSocket), { recursive: true, force: true })
}

const findFreePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
