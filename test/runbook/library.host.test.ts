import { mkdtemp, mkdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ConfigError, UsageError } from '../../src/domain/errors.ts'
import { findRunbook, loadLibrary } from '../../src/runbook/library.ts'

let home = ''

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'medic-runbooks-'))
  await mkdir(join(home, 'shipped'))
  await mkdir(join(home, 'team'))
})

afterEach(() => rm(home, { recursive: true }))

const write = (path: string, id: string, title = 'T', slash = '') =>
  writeFile(
    join(home, path),
    `---\nid: ${id}\ntitle: ${title}\ndescription: x\n${slash === '' ? '' : `slash: ${slash}\n`}---\n\n\`\`\`sh {name=a}\nls\n\`\`\`\n`,
  )

const load = () => loadLibrary([join(home, 'shipped'), join(home, 'team')], new Set())

describe('a library', () => {
  it('lets a team replace a shipped runbook and add its own', async () => {
    await write('shipped/oom.md', 'oom', 'shipped')
    await write('team/oom.md', 'oom', 'ours')
    await write('team/mail.md', 'mail')
    await writeFile(join(home, 'team/README.md'), 'about these files')
    const library = await load()
    expect(library.problems).toEqual([])
    expect(library.runbooks.map((one) => [one.id, one.title])).toEqual([
      ['mail', 'T'],
      ['oom', 'ours'],
    ])
    expect(findRunbook(library, 'mail').id).toBe('mail')
  })

  it('keeps the good ones when a file is bad, and says all that is wrong', async () => {
    await write('shipped/good.md', 'good', 'T', '/go')
    await write('team/twice.md', 'twice', 'T', '/go')
    await writeFile(join(home, 'team/bad.md'), 'no front matter')
    await write('team/Bad Name.md', 'x')
    await writeFile(join(home, 'secret.md'), 'outside')
    await symlink(join(home, 'secret.md'), join(home, 'team/link.md'))
    await symlink('/dev/zero', join(home, 'team/zero.md'))
    await symlink('nowhere', join(home, 'team/gone.md'))
    const library = await load()
    expect(library.runbooks.map((one) => one.id)).toEqual(['good', 'twice'])
    const said = library.problems.map((problem) => `${problem.path.split('/').at(-1)}: ${problem.message}`).join('\n')
    expect(said).toContain('bad.md: front matter is missing')
    expect(said).toContain('Bad Name.md: bad file name')
    expect(said).toContain('link.md: a link that leaves the folder')
    expect(said).toContain('zero.md: a link that leaves the folder')
    expect(said).toContain('gone.md: a link that leads nowhere')
    expect(said).toContain('slash command /go belongs to runbook "good"')
  })

  it('finds nothing by a path', async () => {
    await write('shipped/good.md', 'good')
    const library = await load()
    for (const name of ['../good', 'good.md', 'shipped/good', '__proto__', '']) {
      expect(() => findRunbook(library, name)).toThrow(UsageError)
    }
  })

  it('says which folder is missing', async () => {
    await expect(loadLibrary([join(home, 'none')], new Set())).rejects.toThrow(ConfigError)
  })
})
