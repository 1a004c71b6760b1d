import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startSshd, type Sshd } from '../support/sshd.ts'

/** Line of medic.yaml for a real sshd on the loopback. */
export const hostLine = (name: string, sshd: Sshd, more = ''): string =>
  `  ${name}: {address: 127.0.0.1, port: "${sshd.port}", user: root, identityFile: ${sshd.keyFile}, hostKey: "${sshd.hostKey.split(' ').slice(0, 2).join(' ')}"${more}}`

/** A real host, and a runbook whose second step waits until somebody opens its gate. Every step leaves a line. */
export class SlowHost {
  readonly #sshd: Sshd
  readonly folder: string
  readonly runbooks: string

  private constructor(sshd: Sshd) {
    this.#sshd = sshd
    this.folder = mkdtempSync(join(tmpdir(), 'medic-slow-'))
    this.runbooks = join(this.folder, 'runbooks')
    mkdirSync(this.runbooks)
    writeFileSync(join(this.runbooks, 'slow-look.md'), this.#runbook())
  }

  static async start(): Promise<SlowHost> {
    return new SlowHost(await startSshd())
  }

  line(name: string): string {
    return hostLine(name, this.#sshd)
  }

  /** Lets the step that waits end. */
  open(): void {
    writeFileSync(join(this.folder, 'gate'), '')
  }

  /** The steps that were begun, in order. */
  get begun(): readonly string[] {
    const path = join(this.folder, 'steps')
    return existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : []
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.open()
    await this.#sshd[Symbol.asyncDispose]()
    rmSync(this.folder, { recursive: true, force: true })
  }

  #runbook(): string {
    const { folder } = this
    return `---
id: slow-look
title: Slow look
description: Looks slowly.
slash: /slow-look
---

# Slow look

## First

\`\`\`files {name=kernel}
/proc/sys/kernel/random/boot_id
/proc/meminfo
\`\`\`

\`\`\`sh {name=one}
echo one >> ${folder}/steps
\`\`\`

## Second

\`\`\`sh {name=two timeout=60s}
echo two >> ${folder}/steps; while [ ! -e ${folder}/gate ]; do sleep 0.1; done; echo the gate was opened
\`\`\`

## Third

\`\`\`sh {name=three}
echo three >> ${folder}/steps; dmesg | head -0; echo "Out of memory: Killed process 77 (resumed) total-vm:1kB, anon-rss:1kB, file-rss:0kB"
\`\`\`
`
  }
}
