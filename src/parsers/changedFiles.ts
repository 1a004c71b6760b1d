import type { Parser } from './parser.ts'

// stat -c '%Y %s %U %a %n', newest first
//
// 1795592310 313 root 644 /etc/systemd/system/queue_worker.service

export interface ChangedFile {
  readonly path: string
  /** When its content was last changed. */
  readonly atMs: number
  readonly sizeBytes: number
  readonly owner: string
  /** 1-based line of the output. */
  readonly line: number
}

export interface ChangedFilesFacts {
  /** In the order printed. Empty: nothing changed. */
  readonly files: readonly ChangedFile[]
}

const ROW = /^(\d{1,11}) (\d{1,16}) (\S{1,64}) [0-7]{1,5} (\/[^\n]{1,4096})$/

export const changedFilesParser: Parser<ChangedFilesFacts> = {
  id: 'changed-files',
  parse: (output) => ({
    files: output.split('\n').flatMap((text, index) => {
      const match = ROW.exec(text)
      if (match === null) return []
      const [, seconds, size, owner = '', path = ''] = match
      return [{ path, atMs: Number(seconds) * 1000, sizeBytes: Number(size), owner, line: index + 1 }]
    }),
  }),
}
