import {
  chmodSync,
  cpSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { execa } from 'execa'
import { ExpectedError } from '../../src/domain/errors.ts'
import { lockBuild } from './buildLock.ts'
import { Guest } from './guest.ts'
import { findAptOptions, findMirrorLines } from './mirrors.ts'
import { Qmp } from './qmp.ts'
import { quitQemu, READY, removeSocket, socketPath, startQemu, untilGone, type Qemu } from './qemu.ts'
import { GUEST_DIR, GUEST_DISK, guestNode, PACKAGES, recipeHash, SUITE } from './recipe.ts'
import { cacheDir } from './state.ts'

/** An image is a folder of the cache, named by the hash of its recipe. */
export interface ImageFiles {
  readonly dir: string
  readonly base: string
  /** An overlay of `base` with the saved state READY; machines run on copies of it. */
  readonly ready: string
  readonly kernel: string
  readonly initrd: string
  readonly key: string
  readonly hostKey: string
  /** Written last: without it the folder is a build that did not end. */
  readonly complete: string
}

export type Progress = (line: string) => void

/** Two cold builds one after the other on a busy machine. */
const LOCK_TIMEOUT_MS = 600_000
const BOOT_TIMEOUT_MS = 240_000

const pathsOf = (dir: string): ImageFiles => ({
  dir,
  base: join(dir, 'base.img'),
  ready: join(dir, 'ready.qcow2'),
  kernel: join(dir, 'vmlinuz'),
  initrd: join(dir, 'initrd'),
  key: join(dir, 'key'),
  hostKey: join(dir, 'hostkey.pub'),
  complete: join(dir, 'complete'),
})

/** Where the image of the present recipe is, or will be. */
export const imageFiles = (): ImageFiles => {
  const version = spawnSync('qemu-system-x86_64', ['--version'], { encoding: 'utf8' }).stdout
  return pathsOf(join(cacheDir(), recipeHash(version)))
}

export const isImageComplete = (files: ImageFiles): boolean => existsSync(files.complete)

/** The pinned host key of every machine of this image, `ssh-ed25519 AAAA…`. */
export const readHostKey = (files: ImageFiles): string => readFileSync(files.hostKey, 'utf8').trim()

/** Builds the image unless it is there; a second caller waits for the first. */
export const ensureImage = async (progress: Progress = () => {}): Promise<ImageFiles> => {
  const files = imageFiles()
  if (isImageComplete(files)) return files
  await using _lock = await lockBuild(files.dir, LOCK_TIMEOUT_MS, () =>
    progress('image: another process builds it, waiting'),
  )
  if (isImageComplete(files)) return files
  rmSync(files.dir, { recursive: true, force: true })
  mkdirSync(files.dir, { recursive: true, mode: 0o755 })
  const started = Date.now()
  const say: Progress = (line) => progress(`${line} (${Math.round((Date.now() - started) / 1000)} s)`)
  await buildDisk(files, say)
  await bootOnce(files, say)
  await saveReadyState(files, say)
  writeFileSync(files.complete, `${new Date().toISOString()}\n`)
  say('image: complete')
  return files
}

const buildDisk = async (files: ImageFiles, say: Progress): Promise<void> => {
  const root = join(files.dir, 'rootfs')
  say(`image: installing ${PACKAGES.length} Debian packages`)
  const options = (await findAptOptions()).map((line) => `--aptopt=${line}`)
  await build('mmdebstrap', [
    '--quiet',
    '--variant=minbase',
    '--mode=root',
    '--aptopt=APT::Install-Recommends "false"',
    ...options,
    `--include=${PACKAGES.join(',')}`,
    SUITE,
    root,
    ...findMirrorLines(SUITE),
  ])

  say('image: setting up the guest')
  await build('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'medic-lab', '-f', files.key])
  cpSync(join(GUEST_DIR, 'rootfs'), root, { recursive: true })
  await copyNode(join(root, 'usr', 'bin', 'node'))
  await installPm2(join(root, 'opt', 'pm2'))
  copyFileSync(join(GUEST_DIR, 'setup.sh'), join(root, 'setup.sh'))
  await build('chroot', [root, 'sh', '/setup.sh', readFileSync(`${files.key}.pub`, 'utf8').trim()])
  rmSync(join(root, 'setup.sh'))
  copyFileSync(join(root, 'etc', 'ssh', 'ssh_host_ed25519_key.pub'), files.hostKey)

  copyFileSync(newest(join(root, 'boot'), 'vmlinuz-'), files.kernel)
  copyFileSync(newest(join(root, 'boot'), 'initrd.img-'), files.initrd)
  await build('truncate', ['-s', GUEST_DISK, files.base])
  await build('mke2fs', ['-q', '-t', 'ext4', '-d', root, files.base])
  rmSync(root, { recursive: true })
}

/** Without its debug symbols where `strip` is at hand: fewer pages to read on a cold start. */
const copyNode = async (target: string): Promise<void> => {
  const { failed } = await execa('strip', ['-o', target, guestNode.binary], { reject: false })
  if (failed) copyFileSync(guestNode.binary, target)
  chmodSync(target, 0o755)
}

/** From the npm registry, by a lock file of its own: PM2 is the guest's, and no dependency of this repository. */
const installPm2 = async (target: string): Promise<void> => {
  cpSync(join(GUEST_DIR, 'pm2'), target, { recursive: true })
  await build('npm', ['ci', '--prefix', target, '--ignore-scripts', '--omit=optional', '--no-audit', '--no-fund'])
}

/** The first boot makes machine id and journal; later boots are faster and have a history. */
const bootOnce = async (files: ImageFiles, say: Progress): Promise<void> => {
  say('image: first boot')
  const disk = join(files.dir, 'first.qcow2')
  await createOverlay(files, disk)
  await withMachine(files, disk, async (guest, qemu) => {
    await untilSettled(guest)
    await guest.exec('systemctl poweroff').catch(() => {})
    guest.hangUp()
    if (!(await untilGone(qemu.pid, 90_000))) throw guest.failure('the first boot did not power off')
  })
  await build('qemu-img', ['commit', '-q', disk])
  rmSync(disk)
}

/** Keeps the running machine itself, so that a case starts in seconds and not with a boot. */
const saveReadyState = async (files: ImageFiles, say: Progress): Promise<void> => {
  say('image: second boot, to be kept as it runs')
  await createOverlay(files, files.ready)
  await withMachine(files, files.ready, async (guest, _qemu, qmpSocket) => {
    await untilSettled(guest)
    await untilNobodyIsLoggedIn(guest)
    const qmp = await Qmp.open(qmpSocket)
    await qmp.execute('stop')
    await qmp.monitor(`savevm ${READY}`)
    qmp.close()
  })
}

const withMachine = async (
  files: ImageFiles,
  disk: string,
  use: (guest: Guest, qemu: Qemu, qmpSocket: string) => Promise<void>,
): Promise<void> => {
  const qmpSocket = socketPath(files.dir)
  const consoleLog = join(files.dir, 'console.log')
  rmSync(consoleLog, { force: true })
  const machine = {
    dir: files.dir,
    qmpSocket,
    disk,
    kernel: files.kernel,
    initrd: files.initrd,
    loadReady: false,
    outlive: false,
  }
  const qemu = await startQemu(machine)
  const guest = new Guest({ port: qemu.port, keyFile: files.key, hostKey: readHostKey(files), consoleLog })
  try {
    await guest.connect(BOOT_TIMEOUT_MS)
    await use(guest, qemu, qmpSocket)
  } finally {
    guest.hangUp()
    await quitQemu(qemu.pid, qmpSocket)
    removeSocket(qmpSocket, files.dir)
  }
}

/** Every unit started and the worker at work. */
export const untilSettled = async (guest: Guest): Promise<void> => {
  const state = await guest.exec('systemctl is-system-running --wait', { timeoutMs: BOOT_TIMEOUT_MS })
  if (state.stdout.trim() !== 'running') {
    const failed = await guest.exec('systemctl --failed --no-legend --plain')
    throw guest.failure(`the guest is "${state.stdout.trim()}", expected "running"; failed: ${failed.stdout.trim()}`)
  }
  await guest.until('the worker answers', 60_000, async () => {
    const { code } = await guest.exec('curl -sf -m 5 -o /dev/null http://127.0.0.1:3000/')
    return code === 0 ? true : undefined
  })
}

/** A saved login would be a ghost in every machine made from it: the guest itself waits for our leaving and says so. */
const untilNobodyIsLoggedIn = async (guest: Guest): Promise<void> => {
  const script = [
    'until [ -z "$(loginctl list-sessions --no-legend)" ]; do sleep 1; done',
    'while systemctl -q is-active user@0.service; do sleep 1; done',
    'sync',
    'printf "lab-%s\\n" alone >/dev/ttyS0',
  ].join('; ')
  await guest.run(`systemd-run -q --collect --unit=lab-wait sh -c '${script}'`)
  await guest[Symbol.asyncDispose]()
  const giveUpAt = Date.now() + 60_000
  while (!guest.console().includes('lab-alone')) {
    if (Date.now() > giveUpAt) throw guest.failure('the guest still has sessions')
    await delay(200)
  }
}

const createOverlay = (files: ImageFiles, overlay: string): Promise<void> =>
  build('qemu-img', ['create', '-q', '-f', 'qcow2', '-F', 'raw', '-b', files.base, overlay])

/** Debian keeps a generation of kernels; the highest version is the installed one. */
const newest = (folder: string, prefix: string): string => {
  const names = readdirSync(folder).filter((name) => name.startsWith(prefix))
  const name = names.sort().at(-1)
  if (name === undefined) throw new ExpectedError(`lab: no ${prefix}* in ${folder}`)
  return join(folder, name)
}

const build = async (program: string, parameters: readonly string[]): Promise<void> => {
  const PATH = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`
  const result = await execa(program, parameters, { reject: false, all: true, env: { PATH, LC_ALL: 'C' } })
  if (!result.failed) return
  const tail = (result.all ?? '').trim().split('\n').slice(-15).join('\n')
  throw new ExpectedError(`lab: ${program} failed: ${result.shortMessage}\n${tail}`)
}
