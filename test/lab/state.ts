/**
 * Where the lab keeps things, and how others find the running one.
 *
 * `<cache>/current.json` exists while the machine started by `npm run lab` runs. `<cache>` is `$MEDIC_LAB_CACHE`, or
 * `~/.cache/medic-lab`. Its shape, all paths absolute:
 *
 *     {
 *       "host": "127.0.0.1",
 *       "port": 40123,
 *       "user": "root",
 *       "keyFile": "/home/me/.cache/medic-lab/1f2e…/key",
 *       "hostKey": "ssh-ed25519 AAAA…",
 *       "knownHostsFile": "/home/me/.cache/medic-lab/run/current/known_hosts",
 *       "pid": 4711,
 *       "startedAt": "2026-11-24T20:15:03.120Z",
 *       "scenario": "worker-oom"
 *     }
 *
 * `pid` is qemu's; the file may outlive it after a crash, so look whether the process is alive. `scenario` is the last
 * one that was broken, null after a plain start. Beside `root`, the key also opens `ops` (no groups) and `dora` (sudo).
 */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'

export interface LabState {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly keyFile: string
  readonly hostKey: string
  readonly knownHostsFile: string
  readonly pid: number
  readonly startedAt: string
  readonly scenario: string | null
}

/** The folder of images and running machines; never inside the repository. */
export const cacheDir = (): string => {
  const chosen = process.env['MEDIC_LAB_CACHE']
  return chosen === undefined || chosen === '' ? join(homedir(), '.cache', 'medic-lab') : resolve(chosen)
}

/** The file by which Medic's inventory finds the reserved host `lab`. */
export const stateFile = (): string => join(cacheDir(), 'current.json')

/** The running lab, or null when none was started or its qemu is gone. */
export const readLabState = (): LabState | null => {
  if (!existsSync(stateFile())) return null
  const state = JSON.parse(readFileSync(stateFile(), 'utf8')) as LabState
  return isQemu(state.pid) ? state : null
}

/** Replaces the state file in one step, so that a reader never sees half of it. */
export const writeLabState = (state: LabState): void => {
  mkdirSync(cacheDir(), { recursive: true })
  const draft = `${stateFile()}.${process.pid}`
  writeFileSync(draft, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 })
  renameSync(draft, stateFile())
}

/** Forgets the running lab. */
export const clearLabState = (): void => rmSync(stateFile(), { force: true })

/** Whether that process is a qemu: pids are reused, and nobody wants to stop a stranger's process. */
export const isQemu = (pid: number): boolean => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')[0]?.includes('qemu-system') === true
  } catch {
    return false
  }
}
