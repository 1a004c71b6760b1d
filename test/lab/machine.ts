import { copyFileSync, constants, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ExpectedError } from '../../src/domain/errors.ts'
import { Guest, type GuestResult } from './guest.ts'
import { ensureImage, readHostKey, type Progress } from './image.ts'
import { Qmp } from './qmp.ts'
import { quitQemu, READY, removeSocket, socketPath, startQemu } from './qemu.ts'
import { readKernelKills, type KernelKill } from './scenarios/observe.ts'
import { findScenario } from './scenarios/registry.ts'
import type { Truth } from './scenarios/scenario.ts'
import { cacheDir, isQemu } from './state.ts'

/** What is kept about a running machine, in its folder. */
interface MachineRecord {
  readonly pid: number
  readonly port: number
  readonly qmpSocket: string
  readonly keyFile: string
  readonly hostKey: string
  readonly startedAt: string
}

export interface BootOptions {
  /** Names the machine's folder; two machines never share one. */
  readonly name: string
  /** Let the machine run on when this process ends. */
  readonly outlive?: boolean
  readonly progress?: Progress
}

export interface BreakOptions {
  /** Called on the healthy machine, before it is broken: some doors are open only then. */
  readonly onHealthy?: () => Promise<void>
}

/** A running machine, and what one can do with it. */
export interface Lab extends AsyncDisposable {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly keyFile: string
  readonly hostKey: string
  readonly knownHostsFile: string
  readonly pid: number
  readonly startedAt: string
  /** Runs a shell command as root. */
  ssh(command: string, options?: { stdin?: string; timeoutMs?: number }): Promise<GuestResult>
  /** Sets the machine back to healthy, breaks it, and returns once that has happened. */
  break(scenario: string, options?: BreakOptions): Promise<{ readonly truth: Truth }>
  /** Sets the machine back to healthy. */
  restore(): Promise<void>
  /** Whom the kernel has killed so far, by the guest's own journal. */
  kills(): Promise<KernelKill[]>
  /** Hangs up and leaves the machine running. */
  detach(): Promise<void>
  stop(): Promise<void>
}

const CONNECT_TIMEOUT_MS = 60_000
const HOST = '127.0.0.1'

/** Starts a machine from the saved state: seconds, once the image exists. */
export const bootLab = async (options: BootOptions): Promise<Lab> => {
  const files = await ensureImage(options.progress)
  const dir = machineDir(options.name)
  const running = readRecord(dir)
  if (running !== null) throw new ExpectedError(`lab: "${options.name}" is running already, pid ${running.pid}`)
  endHalfStarted(dir)
  rmSync(dir, { recursive: true, force: true })
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  const disk = join(dir, 'root.qcow2')
  copyFileSync(files.ready, disk, constants.COPYFILE_FICLONE)
  const qmpSocket = socketPath(dir)
  const machine = {
    dir,
    qmpSocket,
    disk,
    kernel: files.kernel,
    initrd: files.initrd,
    loadReady: true,
    outlive: options.outlive === true,
  }
  const { pid, port } = await startQemu(machine)
  const record: MachineRecord = {
    pid,
    port,
    qmpSocket,
    keyFile: files.key,
    hostKey: readHostKey(files),
    startedAt: new Date().toISOString(),
  }
  writeFileSync(join(dir, 'machine.json'), `${JSON.stringify(record, null, 2)}\n`)
  writeFileSync(join(dir, 'known_hosts'), `[${HOST}]:${port} ${record.hostKey}\n`)
  const lab = createLab(dir, record)
  try {
    await lab.connect()
  } catch (error) {
    await lab.stop()
    throw error
  }
  return lab
}

/** The running machine of that name, or null. */
export const attachLab = async (name: string): Promise<Lab | null> => {
  const dir = machineDir(name)
  const record = readRecord(dir)
  return record === null ? null : createLab(dir, record)
}

/** A start that was cut off leaves a qemu without a record. */
const endHalfStarted = (dir: string): void => {
  const path = join(dir, 'qemu.pid')
  const pid = existsSync(path) ? Number(readFileSync(path, 'utf8')) : 0
  if (pid > 0 && isQemu(pid)) process.kill(pid, 'SIGKILL')
}

const machineDir = (name: string): string => join(cacheDir(), 'run', name)

const readRecord = (dir: string): MachineRecord | null => {
  const path = join(dir, 'machine.json')
  if (!existsSync(path)) return null
  const record = JSON.parse(readFileSync(path, 'utf8')) as MachineRecord
  return isQemu(record.pid) ? record : null
}

const createLab = (dir: string, record: MachineRecord): Lab & { connect(): Promise<void> } => {
  const { port, keyFile, hostKey } = record
  const guest = new Guest({ port, keyFile, hostKey, consoleLog: join(dir, 'console.log') })
  let connected = false

  /** The saved clock stands where the image was built; timers that would now be due are masked in the guest. */
  const connect = async (): Promise<void> => {
    await guest.connect(CONNECT_TIMEOUT_MS)
    connected = true
    await guest.run(`date -u -s @${Date.now() / 1000} >/dev/null`)
  }

  const restore = async (): Promise<void> => {
    guest.hangUp()
    const qmp = await Qmp.open(record.qmpSocket)
    try {
      await qmp.monitor(`loadvm ${READY}`)
      await qmp.execute('cont')
    } finally {
      qmp.close()
    }
    // The console's past belongs to a machine that no longer is; qemu goes on at its own place in the file.
    guest.forgetConsole()
    await connect()
  }

  const stop = async (): Promise<void> => {
    guest.hangUp()
    await quitQemu(record.pid, record.qmpSocket)
    removeSocket(record.qmpSocket, dir)
    rmSync(dir, { recursive: true, force: true })
  }

  return {
    host: HOST,
    port,
    user: 'root',
    keyFile,
    hostKey,
    pid: record.pid,
    startedAt: record.startedAt,
    knownHostsFile: join(dir, 'known_hosts'),
    connect,
    restore,
    stop,
    async ssh(command, options) {
      if (!connected) await connect()
      return guest.exec(command, options)
    },
    async break(id, { onHealthy } = {}) {
      const scenario = findScenario(id)
      await restore()
      await onHealthy?.()
      return { truth: await scenario.run(guest) }
    },
    async kills() {
      if (!connected) await connect()
      return readKernelKills(guest)
    },
    detach: () => guest[Symbol.asyncDispose](),
    [Symbol.asyncDispose]: stop,
  }
}
