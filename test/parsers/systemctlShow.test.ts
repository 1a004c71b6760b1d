import { describe, expect, it } from 'vitest'
import { systemctlShowParser } from '../../src/parsers/systemctlShow.ts'
import { sample } from '../rules/sampleEvidence.ts'

const one = (text: string) => systemctlShowParser.parse(text).units[0]!

describe('systemctl show', () => {
  it('reads a killed unit between two runs, as systemd 252 prints it', () => {
    const unit = one(sample('systemd-worker-memcg', 'systemctl-show-queue_worker.service.txt'))
    expect(unit).toMatchObject({
      id: 'queue_worker.service',
      result: 'oom-kill',
      restartCount: 3,
      oomPolicy: 'stop',
      mainExitCode: 2,
      mainExitStatus: 9,
      execMainPid: 377,
      mainPid: null,
      controlGroup: null,
      memoryCurrentBytes: null,
      memoryMaxBytes: 209_715_200,
      memoryHighBytes: 'infinity',
      tasksMaxCount: 536,
      slice: 'system.slice',
      needDaemonReload: false,
    })
    expect(unit.mainExitAtMs).toBe(Date.parse('2026-11-23T15:03:44Z'))
    expect(unit.lines['Result']).toBe(23)
  })

  it('reads several units, parted by blank lines', () => {
    const { units } = systemctlShowParser.parse('Id=a.service\nMemoryMax=1\n\nId=b.service\nMemoryMax=infinity\n\n')
    expect(units.map((unit) => [unit.id, unit.memoryMaxBytes])).toEqual([
      ['a.service', 1],
      ['b.service', 'infinity'],
    ])
  })

  it.each([
    ['infinity', 'infinity'],
    ['18446744073709551615', 'infinity'],
    ['9223372036854771712', 'infinity'],
    ['[not set]', null],
    ['', null],
    ['9007199254740993', null],
    ['209715200', 209_715_200],
  ])('takes MemoryMax=%s as %s', (text, value) => {
    expect(one(`MemoryMax=${text}`).memoryMaxBytes).toBe(value)
  })

  it('does not take the unknown of systemd 219 for an amount in use', () => {
    expect(one('MemoryCurrent=18446744073709551615').memoryCurrentBytes).toBeNull()
  })

  it('says null for a property that an older systemd does not know', () => {
    expect(one('Id=a.service')).toMatchObject({ oomPolicy: null, restartCount: null, memoryMaxBytes: null })
  })

  it('does not guess at a stamp in another zone', () => {
    expect(one('ExecMainExitTimestamp=Mon 2026-11-23 15:03:44 CET').mainExitAtMs).toBeNull()
  })

  it('keeps a value that holds a line break apart from the next property', () => {
    expect(one('Environment=A=1\n b\nResult=signal').result).toBe('signal')
  })

  it.each(['', '\n\n', 'Failed to connect to bus: No such file or directory'])('refuses %j', (text) => {
    expect(() => systemctlShowParser.parse(text)).toThrow('systemctl-show: line 1')
  })
})
