import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startSshd, type Sshd } from '../support/sshd.ts'
import { hostLine } from './slowHost.ts'

/**
 * A real host, and a runbook that changes one line of a settings file on it. Its look and its change wait at a gate when
 * asked to; every step leaves a line. A second runbook changes something else at once.
 */
export class ChangingHost {
  readonly #sshd: Sshd
  readonly folder: string
  readonly runbooks: string

  private constructor(sshd: Sshd) {
    this.#sshd = sshd
    this.folder = mkdtempSync(join(tmpdir(), 'medic-changing-'))
    this.runbooks = join(this.folder, 'runbooks')
    mkdirSync(this.runbooks)
    mkdirSync(join(this.folder, 'app.conf.d'))
    writeFileSync(this.settings, 'limit=1\n')
    this.writeRunbook()
    writeFileSync(join(this.runbooks, 'other-change.md'), this.#otherRunbook())
  }

  static async start(): Promise<ChangingHost> {
    return new ChangingHost(await startSshd())
  }

  line(name: string): string {
    return hostLine(name, this.#sshd, ', groups: [web]')
  }

  /** The file that the change is about. */
  get settings(): string {
    return join(this.folder, 'app.conf')
  }

  get content(): string {
    return readFileSync(this.settings, 'utf8')
  }

  /** Another file that the runbook declares by a glob. */
  dropIn(name: string, text: string): void {
    writeFileSync(join(this.folder, 'app.conf.d', name), text)
  }

  shut(gate: 'look' | 'change'): void {
    writeFileSync(join(this.folder, `${gate}-shut`), '')
  }

  open(gate: 'look' | 'change'): void {
    rmSync(join(this.folder, `${gate}-shut`), { force: true })
  }

  /** The steps that were begun, in order. */
  get begun(): readonly string[] {
    const path = join(this.folder, 'steps')
    return existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : []
  }

  writeRunbook(limit = 2): void {
    writeFileSync(join(this.runbooks, 'set-limit.md'), this.#runbook(limit))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.open('look')
    this.open('change')
    await this.#sshd[Symbol.asyncDispose]()
    rmSync(this.folder, { recursive: true, force: true })
  }

  #step(gate: string): string {
    const { folder } = this
    return `echo ${gate} >> ${folder}/steps; while [ -e ${folder}/${gate}-shut ]; do sleep 0.05; done`
  }

  #runbook(limit: number): string {
    const { folder, settings } = this
    return `---
id: set-limit
title: Set the limit
description: Sets the limit of the app.
---

# Set the limit

## Look

\`\`\`sh {name=look timeout=60s}
${this.#step('look')}; cat ${settings}
\`\`\`

## Change

\`\`\`sh {name=set timeout=60s risk=change undo="echo limit=1 > ${settings}" touches="${settings} ${folder}/app.conf.d/*.conf"}
${this.#step('change')}; echo limit=${limit} > ${settings}; echo changed >> ${folder}/steps
\`\`\`
`
  }

  #otherRunbook(): string {
    return `---
id: other-change
title: Other change
description: Changes something else.
---

# Other change

\`\`\`sh {name=other risk=change undo="nothing to undo"}
echo other >> ${this.folder}/steps
\`\`\`
`
  }
}
