import { describe, expect, it } from 'vitest'
import { logParser } from '../../../src/parsers/log/log.ts'

const eventsIn = (text: string): readonly string[] => logParser.parse(text).events.map((event) => event.type)

describe("a program's source", () => {
  it.each([
    "if (error.code === 'ENOSPC') {",
    "} else if (message.includes('Cannot allocate memory')) {",
    'main.go:12:  return errors.New("cannot allocate memory")',
    '+  throw new Error("ENOSPC: no space left on device")',
    '#define NO_ROOM "No space left on device"',
    'web-1  | const oomError = "container init was OOM-killed (memory limit too low?)"',
  ])('tells of no event: %s', (line) => expect(eventsIn(line)).toEqual([]))

  it.each([
    'return code is 1: fork: Cannot allocate memory',
    'node:fs:12: Error: ENOSPC: no space left on device, write',
    'container init was OOM-killed (memory limit too low?)',
    '* fork: Cannot allocate memory',
    'for a: No space left on device',
  ])('is not what was printed: %s', (line) => expect(eventsIn(line)).not.toEqual([]))

  it('beside the same words printed keeps what was printed', () => {
    expect(eventsIn('if (e.errno == 12) {\nbash: fork: Cannot allocate memory')).toEqual(['enomem', 'fork-refused'])
  })

  const LIST = '        "Mar 10 10:00:00 host kernel: Killed process 111 (oldproc) total-vm:1000kB",'

  it('tells of no event in a list of texts', () => {
    expect(eventsIn(`def tail() -> list[str]:\n    return [\n${LIST}\n    ]`)).toEqual([])
    expect(eventsIn(`> def tail() -> list[str]:\n>     return [\n> ${LIST}\n>     ]`)).toEqual([])
  })

  it.each([
    `    matches: []string{\n${LIST}\n    },`,
    `    let direct = Recognizer::new()\n        .observe(\n${LIST}\n    )`,
    `    lines = new String[] {\n${LIST}\n    };`,
  ])('tells of no event in an argument: %s', (text) => expect(eventsIn(text)).toEqual([]))

  it('is not taken for one where no program is near', () => {
    expect(eventsIn(`[\n${LIST}\n]`)).toEqual(['kernel-oom'])
  })
})
