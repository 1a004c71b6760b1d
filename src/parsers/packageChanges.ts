import type { Parser } from './parser.ts'

// dpkg.log, filtered to changes, or rpm -qa --last
//
// 2026-11-23 15:03:56 upgrade libc6:amd64 2.36-9+deb12u9 2.36-9+deb12u10
// openssl-3.0.7-27.el9.x86_64                   Mon 23 Nov 2026 03:03:56 PM UTC

export interface PackageChange {
  readonly package: string
  /** rpm's list tells only that a package came at this time. */
  readonly action: 'install' | 'upgrade' | 'remove' | 'purge' | 'installed-or-upgraded'
  readonly fromVersion: string | null
  readonly toVersion: string | null
  /** As printed: dpkg writes the host's local time without a zone. */
  readonly atText: string
  /** 1-based line of the output. */
  readonly line: number
}

export interface PackageChangesFacts {
  /** In the order printed. */
  readonly changes: readonly PackageChange[]
}

const DPKG =
  /^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) (install|upgrade|remove|purge) (\S{1,200}) (\S{1,200}) (\S{1,200})\s{0,5}$/
const RPM = /^(\S{3,200})\s{1,200}([A-Z][a-z]{2} [^\n]{10,60})$/

export const packageChangesParser: Parser<PackageChangesFacts> = {
  id: 'package-changes',
  parse: (output) => {
    const changes: PackageChange[] = []
    for (const [index, line] of output.split('\n').entries()) {
      const change = dpkgChange(line) ?? rpmChange(line)
      if (change !== null) changes.push({ ...change, line: index + 1 })
    }
    return { changes }
  },
}

const dpkgChange = (line: string): Omit<PackageChange, 'line'> | null => {
  const match = DPKG.exec(line)
  if (match === null) return null
  const [, atText = '', action, name = '', from = '', to = ''] = match
  return {
    package: name,
    action: action as 'install' | 'upgrade' | 'remove' | 'purge',
    fromVersion: version(from),
    toVersion: version(to),
    atText,
  }
}

const rpmChange = (line: string): Omit<PackageChange, 'line'> | null => {
  const match = RPM.exec(line)
  if (match === null) return null
  const [, name = '', atText = ''] = match
  return { package: name, action: 'installed-or-upgraded', fromVersion: null, toVersion: null, atText }
}

const version = (text: string): string | null => (text === '<none>' || text === '' ? null : text)
