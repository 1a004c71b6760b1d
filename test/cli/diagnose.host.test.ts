import { execa } from 'execa'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

/** `medic diagnose` as a person runs it: files of all sorts, several at once, standard input. */
const KILL =
  'Nov 23 15:20:00 web kernel: Memory cgroup out of memory: Killed process 144 (node) total-vm:900kB, anon-rss:800kB, file-rss:0kB, shmem-rss:0kB, UID:33 pgtables:980kB oom_score_adj:0\n'
const CONSTRAINT =
  'Nov 23 15:20:00 web kernel: oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=/system.slice/a.service,task_memcg=/system.slice/a.service,task=node,pid=144,uid=33\n'
const NOTICE =
  '2026-11-23T16:20:00.5+0100 web systemd[1]: a.service: A process of this unit has been killed by the OOM killer.\n'

let folder: string
const inFolder = (name: string): string => join(folder, name)
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'medic-diagnose-'))
  writeFileSync(inFolder('kern.log'), CONSTRAINT + KILL)
  writeFileSync(inFolder('kern.log.2.gz'), gzipSync(CONSTRAINT + KILL))
  writeFileSync(inFolder('kern.log.3.zst'), zstdCompressSync(CONSTRAINT + KILL))
  writeFileSync(inFolder('notepad.txt'), Buffer.from(`\u{feff}${KILL}`, 'utf16le'))
  writeFileSync(inFolder('journal.txt'), NOTICE)
  writeFileSync(inFolder('quiet.log'), 'Nov 23 15:20:00 web sshd[4]: Server listening on port 22.\n')
  writeFileSync(inFolder('empty.log'), ' \n')
  writeFileSync(inFolder('cut.gz'), gzipSync(KILL.repeat(50)).subarray(0, 60))
  writeFileSync(inFolder('old.xz'), Buffer.from('\xfd7zXZ\0\0\x04', 'latin1'))
  writeFileSync(inFolder('system.journal'), Buffer.from('LPKSHHRH\0\0', 'latin1'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const medic = (args: readonly string[], input = '') =>
  execa(process.execPath, [join(import.meta.dirname, '../../src/cli/main.ts'), 'diagnose', ...args], {
    cwd: folder,
    input,
    reject: false,
    env: { NO_COLOR: '1' },
  })

interface Document {
  readonly findings: readonly {
    readonly kind: string
    readonly at: string | null
    readonly victims: readonly { readonly pid: number }[]
    readonly citations: readonly { readonly evidence: string; readonly line: number }[]
  }[]
  readonly evidence: readonly { readonly id: string; readonly command: string; readonly bytes: number }[]
}
const documentOf = (stdout: string): Document => JSON.parse(stdout) as Document

describe('medic diagnose', () => {
  it.each(['kern.log', 'kern.log.2.gz', 'kern.log.3.zst', 'notepad.txt'])('reads %s', async (name) => {
    const { stdout, exitCode } = await medic([name, '--json'])
    const { findings, evidence } = documentOf(stdout)
    expect(exitCode).toBe(1)
    expect(findings.map(({ kind }) => kind)).toEqual(['memcg-oom'])
    expect(findings[0]?.victims[0]?.pid).toBe(144)
    expect(evidence.map(({ id, command }) => [id, command])).toEqual([['E1', name]])
    expect(evidence[0]?.bytes).toBeGreaterThanOrEqual(KILL.length)
  })

  it('reads standard input, and ends with 0 for a text without trouble', async () => {
    expect((await medic([], KILL)).exitCode).toBe(1)
    const quiet = await medic(['quiet.log'])
    expect(quiet.exitCode).toBe(0)
    expect(quiet.stdout).toContain('Nothing wrong was found in this text.')
  })

  it('reads several logs as one trouble, each proof with the file it stands in', async () => {
    const { stdout } = await medic(['kern.log', '-', 'quiet.log', '--json'], NOTICE)
    const { findings, evidence } = documentOf(stdout)
    expect(findings).toHaveLength(1)
    // The kernel's stamp has neither year nor zone; systemd's has both.
    expect(findings[0]).toMatchObject({ kind: 'memcg-oom', at: '2026-11-23T15:20:00.500Z' })
    expect(new Set(findings[0]?.citations.map((citation) => citation.evidence))).toEqual(new Set(['E1', 'E2']))
    expect(evidence.map(({ command }) => command)).toEqual(['kern.log', 'standard input', 'quiet.log'])
    expect((await medic(['kern.log', 'journal.txt'])).stdout).toContain('- E2: journal.txt')
  })

  it('goes on where one of several is empty, and says so', async () => {
    const { stdout, exitCode } = await medic(['empty.log', 'kern.log'])
    expect(exitCode).toBe(1)
    expect(stdout).toContain('memcg-oom')
    expect(stdout).toContain('note: empty.log is empty')
  })

  it.each([
    [['gone.log'], 'gone.log: cannot be read: there is no such file'],
    [['.'], '.: cannot be read: it is a folder'],
    [['empty.log'], 'empty.log: there is nothing to read'],
    [['cut.gz'], 'cut.gz: cannot be read: unexpected end of file'],
    [['old.xz'], 'xz -dc old.xz | medic diagnose -'],
    [['system.journal'], 'journalctl --file=system.journal -o export | medic diagnose -'],
    [['-', '-'], 'standard input can be read once'],
  ])('says what is wrong with %j', async (args, words) => {
    const { stdout, stderr, exitCode } = await medic(args)
    expect(exitCode).toBe(64)
    expect(stdout).toBe('')
    expect(stderr).toContain(words)
  })
})
