// needs: systemd-analyze
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'

const ROOT = join(import.meta.dirname, '..', '..')
const folder = mkdtempSync(join(tmpdir(), 'medic-units-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const analyze = (...words: string[]) => spawnSync('systemd-analyze', words, { encoding: 'utf8' })

/** The unit as it would be installed, with the program where this clone is. */
const installed = (unit: string, as: string, change: (text: string) => string = (text) => text): string => {
  const path = join(folder, as)
  const text = readFileSync(join(ROOT, 'deploy', unit), 'utf8').replaceAll('/opt/medic/', `${ROOT}/`)
  writeFileSync(path, change(text))
  return path
}

const UNITS = [
  ['medic.service', 'medic.service'],
  ['medic-worker@.service', 'medic-worker@frankfurt.service'],
] as const

describe.each(UNITS)('deploy/%s', (unit, as) => {
  it('is exposed by 2.5 at most, as systemd itself counts', () => {
    const { status, stdout } = analyze('security', '--offline=true', '--threshold=25', join(ROOT, 'deploy', unit))
    expect(status).toBe(0)
    const exposure = /Overall exposure level for \S+: (\d+\.\d)/.exec(stdout)?.[1]
    expect(Number(exposure)).toBeGreaterThan(0)
    expect(Number(exposure)).toBeLessThanOrEqual(2.5)
  })

  it('holds nothing that systemd does not know, and starts a program that is there', () => {
    const { status, stderr } = analyze('verify', '--man=no', '--recursive-errors=no', installed(unit, as))
    expect(stderr).toBe('')
    expect(status).toBe(0)
  })

  it('may write to its own folder alone, and gets its secrets from systemd', () => {
    const text = readFileSync(join(ROOT, 'deploy', unit), 'utf8')
    expect(text).toMatch(/^ProtectSystem=strict$/m)
    expect(text).toMatch(/^StateDirectory=medic$/m)
    expect(text).toMatch(/^LoadCredential=medic\.env:/m)
    expect(text).not.toMatch(/^(?:ReadWritePaths|EnvironmentFile)=/m)
    expect(text).not.toMatch(/xox[bap]-|postgres:\/\//)
  })
})

it('both checks can fail', () => {
  const lax = installed('medic.service', 'lax.service', (text) =>
    text.replaceAll(/^(?:Protect|Restrict|System|Cap|No|Private).*$/gm, ''),
  )
  expect(analyze('security', '--offline=true', '--threshold=25', lax).status).not.toBe(0)
  const wrong = installed('medic.service', 'wrong.service', (text) => text.replace('ProtectSystem=', 'ProtectSytem='))
  expect(analyze('verify', '--man=no', '--recursive-errors=no', wrong).stderr).toContain("'ProtectSytem' in section")
})
