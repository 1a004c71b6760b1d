import { expect, it } from 'vitest'
import { changedFilesParser } from '../../src/parsers/changedFiles.ts'

it('reads time, size and owner of each file, and keeps blanks in its name', () => {
  const output =
    '1795592310 313 root 644 /etc/systemd/system/queue_worker.service\n1795580700 39 www-data 644 /srv/app/a b.js\n'
  expect(changedFilesParser.parse(output).files).toEqual([
    {
      path: '/etc/systemd/system/queue_worker.service',
      atMs: Date.parse('2026-11-25T07:38:30Z'),
      sizeBytes: 313,
      owner: 'root',
      line: 1,
    },
    { path: '/srv/app/a b.js', atMs: 1_795_580_700_000, sizeBytes: 39, owner: 'www-data', line: 2 },
  ])
})

it('reads no file out of a note, an older listing or a message of find', () => {
  const output = [
    '# /srv/app, changed in the last 1441 minutes',
    '-rw-r--r-- 1 root root 313 Nov 25 07:38 /etc/systemd/system/queue_worker.service',
    "find: '/etc/security': Permission denied",
    '1795592310 313 root 644 relative.conf',
    '',
  ].join('\n')
  expect(changedFilesParser.parse(output).files).toEqual([])
})
