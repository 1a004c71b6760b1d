import { z } from 'zod'
import { createFolderPublisher, folderSettings } from './folder.ts'
import type { FolderSettings } from './folder.ts'
import { createGitPublisher, gitSettings } from './git.ts'
import type { GitSettings } from './git.ts'
import type { Publisher, PublisherTools } from './publisher.ts'

/** One target of `publish:` in medic.yaml. Each kind declares its own settings; a new one is a file and a line here. */
export const targetSettings = z.discriminatedUnion('kind', [folderSettings, gitSettings], {
  error: (issue) => (issue.code === 'invalid_union' ? 'expected kind: folder or git' : undefined),
})

export type TargetSettings = FolderSettings | GitSettings

export const createPublisher = (settings: TargetSettings, tools: PublisherTools): Publisher =>
  settings.kind === 'git' ? createGitPublisher(settings, tools) : createFolderPublisher(settings, tools)
