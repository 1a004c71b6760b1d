import { describe, expect, it } from 'vitest'
import { nodeProcessesParser } from '../../src/parsers/nodeProcesses.ts'

const versionOf = (text: string) => nodeProcessesParser.parse(`[process 1]\n${text}\n`).processes[0]!.version

describe('the version of a Node process', () => {
  it('is read as the host found it', () => {
    expect(versionOf('version: v22.11.0')).toEqual({ text: 'v22.11.0', major: 22, minor: 11 })
  })
  it.each(['VmRSS: 1 kB', 'version:', 'version: 22', 'version: v22.1', 'version: v1.2.3; rm', 'version: v9999.0.0'])(
    'is null for %j',
    (text) => expect(versionOf(text)).toBeNull(),
  )
})
