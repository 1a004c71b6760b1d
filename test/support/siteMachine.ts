import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '..', '..')
const BUNDLE = join(ROOT, 'test', 'cases', 'demo', 'bundle.json.gz')

export interface MedicProcess {
  readonly child: ChildProcess
  /** Resolves when standard output or error has said this. */
  said(text: string | RegExp): Promise<void>
  output(): string
  errors(): string
  ended: Promise<number | null>
}

/** Machines that share a database: each process has its folder, all know the same recorded hosts. */
export const createMachines = (url: string, hosts: Readonly<Record<string, string>>, settings = '') => {
  const folder = mkdtempSync(join(tmpdir(), 'medic-sites-'))
  const lines = Object.entries(hosts).map(([name, site]) =>
    site === '' ? `  ${name}: {replay: ${BUNDLE}}` : `  ${name}: {replay: ${BUNDLE}, site: ${site}}`,
  )
  const yaml = lines.length === 0 ? '' : `hosts:\n${lines.join('\n')}\n`
  writeFileSync(join(folder, 'medic.yaml'), `${yaml}${settings}`)
  const children = new Set<ChildProcess>()
  const medicWith = (environment: Readonly<Record<string, string>>, ...words: string[]): MedicProcess => {
    const home = join(folder, `home-${children.size}`)
    mkdirSync(home)
    const child = spawn(process.execPath, [join(ROOT, 'src', 'cli', 'main.ts'), ...words], {
      cwd: home,
      env: {
        PATH: process.env['PATH'] ?? '',
        HOME: home,
        MEDIC_HOME: home,
        MEDIC_CONFIG: join(folder, 'medic.yaml'),
        DATABASE_URL: url,
        ...environment,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    children.add(child)
    return watched(child)
  }
  return {
    folder,
    medicWith,
    medic: (...words: string[]): MedicProcess => medicWith({}, ...words),
    [Symbol.dispose]() {
      for (const child of children) child.kill('SIGKILL')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const watched = (child: ChildProcess): MedicProcess => {
  let output = ''
  let errors = ''
  const waiting = new Set<() => void>()
  const look = (): void => {
    for (const check of waiting) check()
  }
  child.stdout?.on('data', (chunk: Buffer) => {
    output += chunk.toString()
    look()
  })
  child.stderr?.on('data', (chunk: Buffer) => {
    errors += chunk.toString()
    look()
  })
  const ended = once(child, 'close').then(() => child.exitCode)
  return {
    child,
    ended,
    output: () => output,
    errors: () => errors,
    said: (text) =>
      new Promise((resolve, reject) => {
        const check = (): void => {
          const all = output + errors
          if (typeof text === 'string' ? !all.includes(text) : !text.test(all)) return
          waiting.delete(check)
          resolve()
        }
        waiting.add(check)
        check()
        void ended.then(() => reject(new Error(`it ended before it said ${String(text)}:\n${output}\n${errors}`)))
      }),
  }
}
