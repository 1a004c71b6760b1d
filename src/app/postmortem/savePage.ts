import { mkdir, open, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { PublishError } from '../../domain/errors.ts'

/** Writes a postmortem (or another page) below MEDIC_HOME, whole or not at all, and returns its path. */
export const savePage = async (
  home: string,
  name: string,
  text: string,
  kind: 'postmortems' | 'digests' = 'postmortems',
): Promise<string> => {
  const folder = join(home, kind)
  const path = join(folder, name)
  const draft = `${path}.${process.pid}.tmp`
  try {
    // Not recursive: Node's own never ends below /proc. The store has made MEDIC_HOME.
    await mkdir(folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    })
    const file = await open(draft, 'w', 0o660)
    try {
      await file.writeFile(text)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(draft, path)
    return path
  } catch (cause) {
    await rm(draft, { force: true }).catch(() => {})
    throw new PublishError(`${path}: cannot be written: ${(cause as Error).message}`, {
      hint: 'free some space, or set MEDIC_HOME to another folder',
      cause,
    })
  }
}
