import { describe, expect, it } from 'vitest'
import { unitConfigRecognizer } from '../../../src/parsers/log/systemd/unitConfig.ts'
import { recognize } from './recognize.ts'

const FILE = '/etc/systemd/system/typo.service'

describe('lines of unit files that systemd does not apply', () => {
  it.each([
    [
      `${FILE}:6: Unknown key 'MemoryMaxx' in section [Service], ignoring.`,
      {
        unit: 'typo.service',
        file: FILE,
        configLine: 6,
        key: 'MemoryMaxx',
        section: 'Service',
        problem: 'unknown-key',
      },
    ],
    [
      `${FILE}:6: Unknown key name 'MemoryMax' in section 'Unit', ignoring.`,
      { key: 'MemoryMax', section: 'Unit', problem: 'unknown-key' },
    ],
    [
      `[${FILE}:5] Unknown lvalue 'MemoryMax' in section 'Service'`,
      { configLine: 5, key: 'MemoryMax', section: 'Service', problem: 'unknown-key' },
    ],
    [
      `${FILE}:7: Invalid memory limit '150MB', ignoring: Invalid argument`,
      { configLine: 7, value: '150MB', key: null, problem: 'invalid-value' },
    ],
    [
      `${FILE}:7: Invalid memory limit '3G # <-- Set a soft maximum limit', ignoring: Invalid argument`,
      { value: '3G # <-- Set a soft maximum limit' },
    ],
    [`[${FILE}:7] Memory limit '150MB' invalid. Ignoring.`, { value: '150MB', problem: 'invalid-value' }],
    [
      `${FILE}:8: Failed to parse service restart specifier, ignoring: allways`,
      { value: 'allways', problem: 'invalid-value' },
    ],
    [
      `${FILE}:14: Unit uses MemoryLimit=; please use MemoryMax= instead. Support for MemoryLimit= will be removed soon.`,
      { key: 'MemoryLimit', problem: 'deprecated' },
    ],
    [`${FILE}:10: Unknown section 'Sevice'. Ignoring.`, { section: 'Sevice', problem: 'outside-section' }],
    [`${FILE}:1: Assignment outside of section. Ignoring.`, { problem: 'outside-section' }],
    [
      "/etc/systemd/system/queue_worker.service.d/50-x.conf:2: Unknown key 'A' in section [Service], ignoring.",
      { unit: 'queue_worker.service' },
    ],
    [
      'queue_worker.service: Applying MemoryLimit=2147483648 as MemoryMax=',
      { unit: 'queue_worker.service', key: 'MemoryLimit', value: '2147483648', problem: 'deprecated' },
    ],
  ])('%s', (text, expected) => {
    expect(recognize(unitConfigRecognizer, [text], { source: 'systemd' })).toMatchObject([
      { type: 'unit-config-warning', ...expected },
    ])
  })

  it('tells the same warning of several reloads once, with how often', () => {
    const text = `${FILE}:6: Unknown key 'MemoryMaxx' in section [Service], ignoring.`
    expect(
      recognize(
        unitConfigRecognizer,
        Array.from({ length: 9 }, () => text),
      ),
    ).toMatchObject([{ repeats: 9 }])
  })

  it.each([`${FILE}:6: Something else.`, 'nginx: /etc/nginx/a.conf:6: Unknown key', '/etc/x:1: '])(
    'makes no event of: %s',
    (text) => expect(recognize(unitConfigRecognizer, [text])).toEqual([]),
  )

  it('does not believe another program', () => {
    expect(
      recognize(unitConfigRecognizer, [`${FILE}:6: Unknown key 'X' in section [Service], ignoring.`], {
        source: 'node',
      }),
    ).toEqual([])
  })
})
