// needs: root unshare setpriv mount
import { spawn, spawnSync } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { FakeWorkspace } from '../support/slack/fakeWorkspace.ts'
import { freePort } from '../support/sshd.ts'
import { copiesOf, execForm, filesBelow, instructionsOf, isSentTo, productionPackages, stagesOf } from './dockerfile.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const stages = stagesOf(instructionsOf(readFileSync(join(ROOT, 'Dockerfile'), 'utf8')))
const last = stages.at(-1) ?? []
const ignore = readFileSync(join(ROOT, '.dockerignore'), 'utf8')

describe('the Dockerfile', () => {
  it('copies what is there, and what .dockerignore lets through', () => {
    for (const { from, sources } of stages.flatMap(copiesOf)) {
      if (from !== null) continue
      for (const source of sources) {
        expect(existsSync(join(ROOT, source)), source).toBe(true)
        for (const file of filesBelow(ROOT, source)) expect(isSentTo(ignore, file), file).toBe(true)
      }
    }
  })

  it.each([
    '.env',
    'medic.yaml',
    '.git/config',
    'medic.env',
    'secrets/id_ed25519',
    'node_modules/pg/package.json',
    'id_ed25519',
  ])('never gets to see %s', (path) => expect(isSentTo(ignore, path)).toBe(false))

  it('takes each stage from one image, runs as a user that is not root, and knows when it is well', () => {
    expect(stages.map(([from]) => from?.rest)).toEqual(['${NODE_IMAGE} AS packages', '${NODE_IMAGE}'])
    expect(last.filter(({ name }) => name === 'USER').map(({ rest }) => rest)).toEqual(['10001:10001'])
    expect(last.map(({ name }) => name)).toContain('HEALTHCHECK')
    expect(last.map(({ name }) => name)).not.toContain('ADD')
  })
})

/** What the last stage holds below /opt/medic, in a folder; its packages are those of the lock file. */
const assemble = (app: string): void => {
  for (const { from, sources, target } of copiesOf(last)) {
    if (from !== null) continue
    for (const source of sources) {
      // Docker copies what a folder holds, and a file into a target that ends with a stroke.
      const isFolder = filesBelow(ROOT, source).length > 1
      const to =
        isFolder || !target.endsWith('/') ? join(app, target) : join(app, target, source.split('/').at(-1) ?? '')
      mkdirSync(dirname(to), { recursive: true })
      cpSync(join(ROOT, source), to, { recursive: true })
    }
  }
  for (const path of productionPackages(ROOT)) {
    const inner = (source: string): boolean => !source.slice(join(ROOT, path).length).endsWith('/node_modules')
    cpSync(join(ROOT, path), join(app, path), { recursive: true, filter: inner })
  }
}

describe('the tree of the image', () => {
  let folder: string
  let state: string
  const children: ChildProcess[] = []
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'medic-image-'))
    chmodSync(folder, 0o755)
    assemble(join(folder, 'medic'))
    state = join(folder, 'state')
    mkdirSync(state)
    spawnSync('chown', ['10001:10001', state])
    mkdirSync(join(folder, 'bin'))
    cpSync(process.execPath, join(folder, 'bin', 'node'))
    writeFileSync(join(folder, 'medic.yaml'), 'hosts:\n  web01: {replay: demo}\n')
  })
  afterAll(() => {
    for (const child of children) child.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  })

  const environment = (more: Readonly<Record<string, string>>): Record<string, string> => ({
    PATH: `${join(folder, 'bin')}:/usr/bin:/bin`,
    ...Object.fromEntries(
      (last.find(({ name }) => name === 'ENV')?.rest ?? '').split(/\s+/).map((pair) => {
        const [name = '', value = ''] = pair.split('=')
        return [name, value.replace('/var/lib/medic', state)]
      }),
    ),
    MEDIC_CONFIG: join(folder, 'medic.yaml'),
    NODE_OPTIONS: '--disable-proto=delete',
    ...more,
  })

  /** In a mount namespace of its own where everything but the state folder and an empty /tmp is read-only. */
  const inside = (words: readonly string[]): [string, readonly string[]] => [
    'unshare',
    [
      '--mount',
      'sh',
      '-ec',
      `mount --bind ${state} ${state}
       mount --bind ${folder}/medic ${folder}/medic && mount -o remount,bind,ro ${folder}/medic
       mount --rbind / / ; mount -o remount,bind,ro /
       cd ${state} && mount -o remount,bind,rw ${state}
       exec setpriv --reuid 10001 --regid 10001 --clear-groups --inh-caps=-all --bounding-set=-all --no-new-privs "$@"`,
      'sh',
      ...words,
    ],
  ]

  const entry = (words: readonly string[]): readonly string[] => [
    ...execForm(last, 'ENTRYPOINT').map((word) => word.replace('/opt/medic', join(folder, 'medic'))),
    ...words,
  ]

  const run = (words: readonly string[], more: Readonly<Record<string, string>> = {}) => {
    const [file, args] = inside(words)
    return spawnSync(file, args, { encoding: 'utf8', env: environment(more), timeout: 50_000 })
  }

  it('is read-only for a user without rights, but for its state', () => {
    const said = run([
      'sh',
      '-c',
      `id -u; grep CapBnd /proc/self/status; for place in ${folder}/medic/src/x ${state}/x /var/tmp/x /tmp/x; do touch $place 2>/dev/null && echo wrote $place; done; true`,
    ])
    expect(said.stdout).toBe(`10001\nCapBnd:\t0000000000000000\nwrote ${state}/x\n`)
  })

  it('holds everything that a look at a host and a page about it need', () => {
    const said = run(entry(['triage', 'demo', '--json']))
    expect(said.stderr).not.toMatch(/Cannot find|ERR_MODULE/)
    expect(said.status).toBe(1)
    expect((JSON.parse(said.stdout) as { schema: string }).schema).toMatch(/^medic\./)
    expect(run(entry(['doctor'])).stdout).toMatch(/ok +database: .*medic\.db, tables at/)
  })

  it('serves as CMD says, is well by its own HEALTHCHECK, and ends cleanly', async () => {
    await using workspace = await new FakeWorkspace().start()
    const port = await freePort()
    const slack = {
      SLACK_BOT_TOKEN: workspace.tokens.bot,
      SLACK_APP_TOKEN: workspace.tokens.app,
      SLACK_API_URL: workspace.apiUrl,
    }
    const [file, args] = inside(entry(execForm(last, 'CMD')))
    const child = spawn(file, args, { env: environment({ ...slack, MEDIC_HEALTH: `127.0.0.1:${port}` }) })
    children.push(child)
    let output = ''
    const connected = new Promise<void>((resolve, reject) => {
      for (const stream of [child.stdout, child.stderr])
        stream.on('data', (chunk: Buffer) => {
          output += chunk.toString()
          if (output.includes('connected to Slack (Socket Mode)')) resolve()
        })
      child.on('exit', () => reject(new Error(output)))
    })
    const [node = '', ...probe] = JSON.parse(
      (last.find(({ name }) => name === 'HEALTHCHECK')?.rest ?? '').replace(/^.*?CMD /, ''),
    ) as string[]
    const check = (): number | null =>
      spawnSync(
        node,
        probe.map((word) => word.replace('9464', String(port))),
        { env: environment({}) },
      ).status
    expect(check()).toBe(1)
    await connected
    expect(check()).toBe(0)
    expect(await (await fetch(`http://127.0.0.1:${port}/readyz`)).text()).toBe('ready\n')
    workspace.slash('/oom-triage web01')
    await workspace.waitForMessage({ having: /Killed process/ })
    child.kill('SIGTERM')
    expect(await new Promise((resolve) => child.once('exit', resolve))).toBe(0)
  })
})
