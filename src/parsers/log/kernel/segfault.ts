import type { SegfaultEvent } from './kernelEvents.ts'
import { isQuoted } from './kernelOomReport.ts'
import type { LogLine } from '../lines/line.ts'
import type { Recognizer } from '../recognizer.ts'

/**
 * A program that was killed for touching what it may not:
 *   python3[412]: segfault at 0 ip 00007f… sp 00007f… error 4 in libc.so.6[…] likely on CPU 1 (core 1, socket 0)
 *   traps: app[99] general protection fault ip:55… sp:7f… error:0 in app[…]
 *   traps: app[99] trap invalid opcode ip:55… sp:7f… error:0 in app[…]
 */
const SEGFAULT =
  /^(?:kernel: )?(?!\s{0,40}[✓✔√✗×] )(.{1,40}?)\[(\d{1,10})\]: segfault at ([0-9a-f]{1,16}) [re]?ip .{1,80}? error [0-9a-f]{1,5}/
const TRAP =
  /^(?:kernel: )?(?:traps: )?(.{1,40}?)\[(\d{1,10})\]:? (?:trap ([a-z][a-z -]{1,40}?)|general protection(?: fault)?) ip[: ]/
/** What the handlers of other processors than x86 print: name, pid where they have it, address. */
const OTHERS: readonly RegExp[] = [
  // PowerPC and RISC-V: `app[99]: unhandled signal 11 code 0x1 at 0x0000000000000008`, `app[99]: segfault (11) at 0 nip …`.
  /^(.{1,40}?)\[(\d{1,10})\]: (?:unhandled signal 11|segfault \(11\))(?: code 0x[0-9a-f]{1,4})? at (?:0x)?([0-9a-f]{1,16})\b/,
  // ARM64, and ARM, which prints no pid.
  /^(.{1,40}?)\[(\d{1,10})\]: unhandled .{1,60} \(11\) at 0x([0-9a-f]{1,16}), esr 0x/,
  /^(.{1,40}?)(): unhandled page fault \(11\) at 0x([0-9a-f]{1,8}), code 0x/,
  // MIPS.
  /^do_page_fault\(\): sending SIGSEGV to (.{1,15})() for invalid (?:read access from|write access to|instruction fetch at?) ?([0-9a-f]{8,16})$/,
]
const OBJECT = / in (\S{1,200}?)\[/
const QUICK =
  /(?:^|: )segfault (?:at|\(11\)) |: unhandled |: sending SIGSEGV to |general protection|trap .{1,40} ip[: ]/

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

/** A console without stamps, and a syslog that drops the kernel's name: the crashed program stands where a speaker does. */
const BARE = /^segfault at [0-9a-f]{1,16} [re]?ip |^general protection(?: fault)? ip[: ]/

const wholeText = ({ text, source, sourcePid }: LogLine): string =>
  source !== null && sourcePid !== null && BARE.test(text) ? `${source}[${sourcePid}]: ${text}` : text

const readSegfault = (line: LogLine): SegfaultEvent | null => {
  const text = wholeText(line)
  const fault = SEGFAULT.exec(text) ?? otherIn(text)
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
    pid: match[2] === undefined || match[2] === '' ? null : Number(match[2]),
    address: fault?.[3] ?? null,
    object: OBJECT.exec(text)?.[1] ?? null,
    trap: trap?.[3] ?? null,
  }
}

const otherIn = (text: string): RegExpExecArray | null => {
  for (const pattern of OTHERS) {
    const match = pattern.exec(text)
    if (match !== null) return match
  }
  return null
}
