import type { LogEvent } from '../events.ts'
import type { LogLine } from '../lines/line.ts'
import { exitFrom, SIGNALS } from './systemdExit.ts'
import { toldBy } from '../telling.ts'
import { unnamedNotice } from './unnamedNotice.ts'

/**
 * What `systemd-run --wait` prints of the unit it waited for, `status=KILL` up to version 250:
 *   Running as unit: run-u173.service; invocation ID: 1f0d…
 *             Finished with result: oom-kill
 *   Main processes terminated with: code=killed, status=9/KILL
 */
const RUNNING = /^Running as unit: ([^\s;]{1,255}\.(?:service|scope))(?:;|\s|$)/
const FINISHED = /^\s{0,24}Finished with result: ([a-z-]{3,20})\s{0,4}$/
const TERMINATED =
  /^\s{0,8}Main processes terminated with: code=(exited|killed|dumped)[,/] ?status=(?:(\d{1,3})(?:\/\S{2,20})?|([A-Z]{3,5}))\s{0,4}$/

/** How far below its name a unit may end: what it printed stands between. Arbitrary. */
const RUN_LINES = 400

/** Reads it line by line. */
export const runBlock = (): { accept: (line: LogLine) => LogEvent | null } => {
  let running: { unit: string; at: number } | null = null
  return {
    accept: (line) => {
      const { text } = line
      // What `systemctl show` answers; the unit's name stands far from it.
      if (SHOWN.test(text)) return unnamedNotice(line)
      const unit = text.startsWith('Running as unit: ') ? RUNNING.exec(text)?.[1] : undefined
      if (unit !== undefined) running = { unit, at: line.number }
      const known = running !== null && line.number - running.at <= RUN_LINES ? running.unit : null
      if (text.includes('Finished with result: ')) return resultOf(line, known)
      const match = known !== null && text.includes('Main processes terminated') ? TERMINATED.exec(text) : null
      const status = match?.[2] ?? numberOfSignal(match?.[3])
      if (match === null || known === null || status === undefined) return null
      return {
        type: 'unit-exit',
        ...toldBy(line),
        unit: known,
        ...exitFrom('main', undefined, match[1], status, match[3]),
      }
    },
  }
}

const numberOfSignal = (name: string | undefined): string | undefined =>
  Object.entries(SIGNALS).find(([, known]) => known === `SIG${name ?? ''}`)?.[0]

const resultOf = (line: LogLine, unit: string | null): LogEvent | null => {
  const result = FINISHED.exec(line.text)?.[1]
  if (result === undefined || result === 'success') return null
  if (unit !== null) return { type: 'unit-result', ...toldBy(line), unit, result }
  return result === 'oom-kill' ? unnamedNotice(line) : null
}

const SHOWN = /^Result=oom-kill\s{0,4}$/
