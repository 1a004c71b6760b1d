import type { ForkRejectedEvent, KernelSuppressedEvent } from './kernelEvents.ts'
import { isQuoted } from './kernelOomReport.ts'
import type { Recognizer } from '../recognizer.ts'

const FORK = /^cgroup: fork rejected by pids controller in (\/.{0,4000})$/

/** `cgroup: fork rejected by pids controller in /system.slice/app.service`: no memory is short, a count is full. */
export const forkRejected: Recognizer = {
  id: 'fork-rejected',
  start: () => {
    const events = new Map<string, ForkRejectedEvent>()
    return {
      accept: (line) => {
        const match = line.text.startsWith('cgroup: fork') ? FORK.exec(line.text) : null
        if (match === null) return
        const cgroup = match[1] ?? ''
        const key = `${cgroup} ${line.time.bootSeconds ?? line.time.atText ?? ''}`
        if (events.has(key) || events.size >= 1000) return
        events.set(key, {
          type: 'fork-rejected',
          time: line.time,
          cited: [{ line: line.number, text: line.raw }],
          quoted: isQuoted(line),
          cgroup,
        })
      },
      finish: () => [...events.values()],
    }
  },
}

const SUPPRESSED = /^([a-z_0-9]{3,60}): (\d{1,12}) callbacks suppressed$/

/** `oom_kill_process: 12 callbacks suppressed`: so many reports were not printed. */
export const kernelSuppressed: Recognizer = {
  id: 'kernel-suppressed',
  start: () => {
    const events: KernelSuppressedEvent[] = []
    return {
      accept: (line) => {
        const match = line.text.endsWith(' callbacks suppressed') ? SUPPRESSED.exec(line.text) : null
        if (match === null || events.length >= 1000) return
        events.push({
          type: 'kernel-suppressed',
          time: line.time,
          cited: [{ line: line.number, text: line.raw }],
          quoted: isQuoted(line),
          what: match[1] ?? '',
          callbacks: Number(match[2]),
        })
      },
      finish: () => events,
    }
  },
}
