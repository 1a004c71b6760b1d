import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import type { Publisher } from '../../src/publishers/publisher.ts'
import { createPublisher, targetSettings } from '../../src/publishers/registry.ts'
import { sha256 } from './drafts.ts'

/** A publisher from settings as medic.yaml would hold them; each has a MEDIC_HOME of its own below the folder. */
export const openPublisher = (
  settings: object,
  folder: string,
  secrets: Readonly<Record<string, string>> = {},
  home = mkdtempSync(join(folder, 'home-')),
): Publisher =>
  createPublisher(targetSettings.parse(settings), {
    home,
    base: folder,
    userHome: join(folder, 'nobody'),
    secrets,
    environment: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '/' },
    hash: sha256,
  })
