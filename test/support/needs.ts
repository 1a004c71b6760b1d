import { accessSync, constants, globSync, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Debian's package of each program a host test may name, so that a person knows what to install. */
const PACKAGES: Readonly<Record<string, string>> = {
  sshd: 'openssh-server',
  ssh: 'openssh-client',
  'ssh-agent': 'openssh-client',
  fish: 'fish',
  tcsh: 'tcsh',
  setpriv: 'util-linux',
  prlimit: 'util-linux',
  mount: 'mount',
  unshare: 'util-linux',
  script: 'bsdutils',
  useradd: 'passwd',
  git: 'git',
  gitit: 'gitit',
  pandoc: 'pandoc',
  chromium: 'chromium',
  postgres: 'postgresql',
  'systemd-analyze': 'systemd',
  htop: 'htop',
  ps: 'procps',
}

/** Where Debian keeps programs that are not on everybody's path. */
const FOLDERS = [
  ...(process.env['PATH'] ?? '').split(delimiter),
  '/usr/sbin',
  '/sbin',
  ...globSync('/usr/lib/postgresql/*/bin'),
]

export interface Skipped {
  readonly file: string
  readonly reason: string
}

/**
 * Host tests that cannot run on this machine, each with its reason. A file states what it needs in its first lines:
 * `// needs: root sshd fish`. Tests install nothing; a file that says nothing runs everywhere.
 */
export const skippedFiles = (root: string): readonly Skipped[] =>
  globSync('test/**/*.host.test.ts', { cwd: root }).flatMap((file) => {
    const reason = unmetNeeds(readFileSync(join(root, file), 'utf8'))
    return reason === null ? [] : [{ file, reason }]
  })

const unmetNeeds = (source: string): string | null => {
  const needs = /^\/\/ needs: (.+)$/m.exec(source.slice(0, 400))?.[1]?.split(/\s+/) ?? []
  const unmet: string[] = []
  for (const need of needs) {
    if (need === 'root') {
      if (process.getuid?.() !== 0) unmet.push('not root')
    } else if (!isInstalled(need)) unmet.push(`not installed: ${need} (Debian package ${PACKAGES[need] ?? need})`)
  }
  return unmet.length === 0 ? null : unmet.join('; ')
}

const isInstalled = (program: string): boolean =>
  FOLDERS.some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
