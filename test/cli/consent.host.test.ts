// needs: script
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { quote } from '../../src/transports/frame.ts'

/** Changing a host from a terminal: whoever is there sees the exact text and says yes, or nothing happens. */
let folder: string
let flag: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'medic-consent-'))
  flag = join(folder, 'flag')
  writeFileSync(
    join(folder, 'set-flag.md'),
    `---
id: set-flag
title: Set a flag
description: Writes a file.
parameters:
  number:
    type: integer
    description: What to write
    default: 1
---

# Set a flag

\`\`\`sh {name=set risk=change undo="rm -f ${flag}"}
echo "$NUMBER" > ${flag}
\`\`\`
`,
  )
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

interface Ended {
  readonly code: number | null
  readonly text: string
}

const main = join(import.meta.dirname, '../../src/cli/main.ts')
const environment = (): NodeJS.ProcessEnv => ({
  PATH: process.env['PATH'],
  NO_COLOR: '1',
  HOME: folder,
  MEDIC_HOME: folder,
  MEDIC_RUNBOOKS: folder,
})

const run = async (file: string, args: readonly string[], typed: string | null): Promise<Ended> =>
  new Promise((resolve) => {
    const child = spawn(file, args, { cwd: folder, env: environment() })
    let text = ''
    let isTyped = false
    const hear = (chunk: Buffer): void => {
      text += chunk.toString()
      if (typed === null || isTyped || !text.includes('to go on: ')) return
      isTyped = true
      child.stdin.write(typed)
    }
    child.stdout.on('data', hear)
    child.stderr.on('data', hear)
    child.on('close', (code) => resolve({ code, text }))
    if (typed === null) child.stdin.end()
  })

const medic = async (...words: readonly string[]): Promise<Ended> => run(process.execPath, [main, ...words], null)

const medicOnTerminal = async (typed: string, ...words: readonly string[]): Promise<Ended> =>
  run('script', ['-qefc', [process.execPath, main, ...words].map((word) => quote(word)).join(' '), '/dev/null'], typed)

/** What the audit holds of changes that began; it can only be appended to, so that it is read from the file. */
const begun = (): readonly unknown[] => {
  const file = readdirSync(folder).find((name) => name.endsWith('.db')) ?? ''
  using database = new DatabaseSync(join(folder, file), { readOnly: true })
  const rows = database.prepare('select body from audit order by number').all()
  return rows.map(({ body }) => JSON.parse(String(body)) as { verb: string }).filter(({ verb }) => verb === 'begin')
}

describe('a runbook that changes the host, from a terminal', () => {
  it('shows the exact text and is carried out when the name of the host is typed, and that is on record', async () => {
    const { code, text } = await medicOnTerminal('localhost\r', 'runbook', 'run', 'set-flag', 'localhost', 'number=7')
    expect(text).toContain('set-flag changes localhost:')
    expect(text).toContain(`echo "$NUMBER" > ${flag}`)
    expect(text).toContain(`undone by: rm -f ${flag}`)
    expect(text).toContain('number = "7"')
    expect({ code, flag: existsSync(flag) }, text).toEqual({ code: 0, flag: true })
    expect(begun()).toMatchObject([
      {
        actor: expect.stringMatching(/\(terminal\)$/),
        subject: 'set-flag localhost',
        detail: { approved: 'typed the name of the host' },
      },
    ])
  })

  it.each([['yes\r'], ['\r'], ['\x03'], ['\x04']])('does nothing when %j is typed instead', async (typed) => {
    const { code, text } = await medicOnTerminal(typed, 'runbook', 'run', 'set-flag', 'localhost')
    expect({ code, flag: existsSync(flag) }, text).toEqual({ code: 2, flag: false })
    expect(begun()).toEqual([])
  })

  it('does nothing where nobody can be asked, unless it was approved in the command', async () => {
    const refused = await medic('runbook', 'run', 'set-flag', 'localhost')
    expect(refused).toMatchObject({ code: 64, text: expect.stringContaining('add --approve') })
    expect(existsSync(flag)).toBe(false)
    const { code, text } = await medic('runbook', 'run', 'set-flag', 'localhost', '--approve')
    expect({ code, flag: existsSync(flag) }, text).toEqual({ code: 0, flag: true })
    expect(begun()).toMatchObject([{ detail: { approved: '--approve' } }])
  })

  it('is named with its mistake when it cannot be used', async () => {
    writeFileSync(join(folder, 'broken.md'), '---\nid: broken\ntitle: Broken\n---\n')
    const { code, text } = await medic('runbook', 'run', 'broken', 'localhost')
    expect({ code, text }).toEqual({ code: 64, text: expect.stringMatching(/broken\.md:2: .*description/) })
  })

  it('is refused when the run itself would choose what to change', async () => {
    writeFileSync(
      join(folder, 'restart-all.md'),
      `---
id: restart-all
title: Restart
description: Restarts whatever is suspected.
---

# Restart

\`\`\`sh {name=look}
true
\`\`\`

## Suspects

\`\`\`sh {name=restart each=suspects risk=change undo="systemctl stop \\"$UNIT\\""}
touch ${flag}
\`\`\`
`,
    )
    const { code, text } = await medic('runbook', 'run', 'restart-all', 'localhost', '--approve')
    expect({ code, flag: existsSync(flag) }, text).toEqual({ code: 2, flag: false })
    expect(text).toContain('nobody can approve beforehand')
  })

  it('is never carried out on many hosts at once', async () => {
    const { code, text } = await medic('runbook', 'run', 'set-flag', '--hosts', 'localhost', '--approve')
    expect({ code, flag: existsSync(flag) }, text).toEqual({ code: 64, flag: false })
    expect(text).toContain('one host at a time')
  })
})
