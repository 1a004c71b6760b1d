import { describe, expect, it } from 'vitest'
import { systemctlCatParser } from '../../src/parsers/systemctlCat.ts'
import { sample } from '../rules/sampleEvidence.ts'

const TWO_FILES = `# /etc/systemd/system/queue_worker.service
[Service]
ExecStart=/usr/bin/node \\
# a comment inside
  /srv/app/worker.js
MemoryMax=3G # soft

# /etc/systemd/system/queue_worker.service.d/override.conf
[Service]
MemoryMax=1G
`

describe('systemctl cat', () => {
  it('reads the file, its sections and where each line stands', () => {
    const { files } = systemctlCatParser.parse(
      sample('systemd-wrong-section', 'systemctl-cat-queue_worker.service.txt'),
    )
    expect(files).toHaveLength(1)
    expect(files[0]!.path).toBe('/etc/systemd/system/queue_worker.service')
    expect(files[0]!.assignments.filter((one) => one.key === 'MemoryMax')).toEqual([
      { section: 'Unit', key: 'MemoryMax', value: '200M', line: 5, fileLine: 4 },
    ])
  })

  it('reads drop-ins after the file, continued lines as one, and a trailing comment as part of the value', () => {
    const { files } = systemctlCatParser.parse(TWO_FILES)
    expect(files.map((file) => file.isDropIn)).toEqual([false, true])
    expect(files[0]!.assignments).toEqual([
      { section: 'Service', key: 'ExecStart', value: '/usr/bin/node /srv/app/worker.js', line: 3, fileLine: 2 },
      { section: 'Service', key: 'MemoryMax', value: '3G # soft', line: 6, fileLine: 5 },
    ])
    expect(files[1]!.assignments[0]).toMatchObject({ value: '1G', line: 10, fileLine: 2 })
  })

  it('takes a comment that names a file for a comment', () => {
    const { files } = systemctlCatParser.parse(
      '# /etc/systemd/system/a.service\n[Unit]\n# /etc/systemd/system/b.service\n',
    )
    expect(files).toHaveLength(1)
  })

  it('knows that the file changed on disk', () => {
    const text = `# Warning: a.service changed on disk, the version systemd has loaded is outdated.\n# /etc/systemd/system/a.service\n[Unit]\n`
    expect(systemctlCatParser.parse(text).changedOnDisk).toBe(true)
  })

  it('refuses an answer without any file', () => {
    expect(() => systemctlCatParser.parse('No files found for x.service.\n')).toThrow('systemctl-cat: line 1')
  })
})
