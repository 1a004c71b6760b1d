import type { SegfaultEvent } from './kernelEvents.ts'
import { isQuoted } from './kernelOomReport.ts'
import type { LogLine } from './line.ts'
import type { Recognizer } from './recognizer.ts'

/**
 * A program that was killed for touching what it may not:
 *   python3[412]: segfault at 0 ip 00007f… sp 00007f… error 4 in libc.so.6[…] likely on CPU 1 (core 1, socket 0)
 *   traps: app[99] general protection fault ip:55… sp:7f… error:0 in app[…]
 *   traps: app[99] trap invalid opcode ip:55… sp:7f… error:0 in app[…]
 */
const SEGFAULT = /^(.{1,40}?)\[(\d{1,10})\]: segfault at ([0-9a-f]{1,16}) ip .{1,80}? error [0-9a-f]{1,5}/
const TRAP =
  /^(?:traps: )?(.{1,40}?)\[(\d{1,10})\]:? (?:trap ([a-z][a-z -]{1,40}?)|general protection(?: fault)?) ip[: ]/
const OBJECT = / in (\S{1,200}?)\[/
const QUICK = /: segfault at |general protection|trap .{1,40} ip[: ]/

/** Events above this many are the same loop again and again; only the count would grow. */
const MAX_EVENTS = 5000

export const segfault: Recognizer = {
  id: 'segfault',
  start: () => {
    const events = new Map<string, SegfaultEvent>()
    return {
      accept: (line) => {
        if (!QUICK.test(line.text) || events.size >= MAX_EVENTS) return
        const event = readSegfault(line)
        if (event === null) return
        // dmesg and journal print the same line: equal pid and registers are one event.
        const key = line.text
        const known = events.get(key)
        if (known === undefined) events.set(key, event)
        else if (known.time.atMs === null && event.time.atMs !== null) events.set(key, { ...known, time: event.time })
      },
      finish: () => [...events.values()],
    }
  },
}

const readSegfault = (line: LogLine): SegfaultEvent | null => {
  const { text } = line
  const fault = SEGFAULT.exec(text)
  const trap = fault === null ? TRAP.exec(text) : null
  const match = fault ?? trap
  if (match === null) return null
  return {
    type: 'segfault',
    time: line.time,
    cited: [{ line: line.number, text: line.raw }],
    quoted: isQuoted(line),
    what: fault !== null ? 'segfault' : trap?.[3] === undefined ? 'general-protection' : 'trap',
    comm: match[1] ?? '',
    pid: Number(match[2]),
    address: fault?.[3] ?? null,
    object: OBJECT.exec(text)?.[1] ?? null,
    trap: trap?.[3] ?? null,
  }
}
