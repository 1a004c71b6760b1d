import type { LogEvent } from '../events.ts'
import type { LogLine } from '../lines/line.ts'
import type { Recognizer } from '../recognizer.ts'
import { isSystemdLine } from './systemdUnit.ts'
import { numberOf, toldBy } from '../telling.ts'
import type { UnitConfigWarningEvent } from './unitEvents.ts'

/**
 * Lines of unit files that systemd does not apply as written:
 *   /etc/systemd/system/typo.service:7: Invalid memory limit '150MB', ignoring: Invalid argument
 * The same warning comes back at every reload and is one state, so it is told once.
 */
export const unitConfigRecognizer: Recognizer = {
  id: 'unit-config',
  start: () => {
    const byText = new Map<string, UnitConfigWarningEvent>()
    return {
      accept: (line) => {
        const event = warningOf(line)
        if (event === null) return
        const key = `${event.file ?? ''}:${event.configLine ?? ''}:${event.unit ?? ''}:${event.text}`
        const before = byText.get(key)
        if (before === undefined) byText.set(key, event)
        else if (before.repeats < 4) {
          byText.set(key, { ...before, repeats: before.repeats + 1, cited: [...before.cited, ...event.cited] })
        } else byText.set(key, { ...before, repeats: before.repeats + 1 })
      },
      finish: (): readonly LogEvent[] => [...byText.values()],
    }
  },
}

type Problem = Pick<UnitConfigWarningEvent, 'key' | 'section' | 'value' | 'problem'>

const AT_FILE = /^(?:\[(\/[^\]]{1,1000}):(\d{1,7})\]|(\/[^\s:]{1,1000}):(\d{1,7}):) (.{1,4000})$/s

const warningOf = (line: LogLine): UnitConfigWarningEvent | null => {
  const { text } = line
  if (!isSystemdLine(line) && line.source !== 'systemd-analyze') return null
  if (!text.startsWith('/') && !text.startsWith('[/') && !text.includes(': Applying Memory')) return null
  const at = AT_FILE.exec(text)
  if (at === null) return applyingOf(line)
  const file = at[1] ?? at[3] ?? null
  const said = at[5] ?? ''
  const problem = problemOf(said)
  if (problem === null || file === null) return null
  return {
    type: 'unit-config-warning',
    ...toldBy(line),
    unit: unitOfFile(file) ?? line.unit ?? null,
    file,
    configLine: numberOf(at[2] ?? at[4]),
    ...problem,
    text: said,
  }
}

const APPLYING = /^(\S{1,255}): (Applying (Memory\w{1,20})=(\d{1,20}|infinity) as Memory\w{1,20}=.{0,80})$/

/** `<unit>: Applying MemoryLimit=2147483648 as MemoryMax=`: the old name is in force under the new one. */
const applyingOf = (line: LogLine): UnitConfigWarningEvent | null => {
  const applying = APPLYING.exec(line.text)
  if (applying?.[1] === undefined || applying[2] === undefined) return null
  return {
    type: 'unit-config-warning',
    ...toldBy(line),
    unit: applying[1],
    file: null,
    configLine: null,
    key: applying[3] ?? null,
    section: null,
    value: applying[4] ?? null,
    problem: 'deprecated',
    text: applying[2],
  }
}

const UNKNOWN_KEY = /^Unknown (?:key name|key|lvalue) '([^']{1,200})' in section (?:\[([^\]]{1,100})\]|'([^']{1,100})')/
const UNKNOWN_SECTION = /^Unknown section '([^']{1,100})'/
const DEPRECATED = /^Unit uses (\w{1,60})=; please use /
const REMOVED = /^Support for (?:option |setting )?(\w{1,60})= (?:has been|is) (?:removed|deprecated|no longer)/
const QUOTED_VALUE = /^Invalid ([^',]{1,80}?) '(.{0,2000})', ignoring/s
const TRAILING_VALUE = /^(?:Failed to parse|Invalid) ([^',]{1,100}), ignoring: (.{0,2000})$/s
const OLD_MEMORY = /^Memory limit '(.{0,2000})' (?:invalid|out of range)[.,] ?[Ii]gnoring/s

const none = { key: null, section: null, value: null }

const problemOf = (said: string): Problem | null => {
  const unknown = UNKNOWN_KEY.exec(said)
  if (unknown !== null) {
    return { ...none, problem: 'unknown-key', key: unknown[1] ?? null, section: unknown[2] ?? unknown[3] ?? null }
  }
  const section = UNKNOWN_SECTION.exec(said)
  if (section !== null) return { ...none, problem: 'outside-section', section: section[1] ?? null }
  if (said.startsWith('Assignment outside of section')) return { ...none, problem: 'outside-section' }
  const deprecated = DEPRECATED.exec(said) ?? REMOVED.exec(said)
  if (deprecated !== null) return { ...none, problem: 'deprecated', key: deprecated[1] ?? null }
  const memory = OLD_MEMORY.exec(said)
  if (memory !== null) return { ...none, problem: 'invalid-value', value: memory[1] ?? null }
  const invalid = QUOTED_VALUE.exec(said) ?? TRAILING_VALUE.exec(said)
  if (invalid === null) return null
  const what = invalid[1] ?? ''
  return { ...none, problem: 'invalid-value', key: keyNamed(what), value: invalid[2] ?? null }
}

/** systemd names the key in words only (`memory limit` stands for five keys); a key is taken when it is written. */
const keyNamed = (what: string): string | null => {
  if (/^[A-Z][A-Za-z0-9]{2,60}=?$/.test(what)) return what.replace(/=$/, '')
  return /\b([A-Z][A-Za-z0-9]{2,60})=/.exec(what)?.[1] ?? null
}

const UNIT_FILE =
  /\/([^/]{1,255}\.(?:service|scope|slice|socket|mount|swap|timer|target|path|automount))(?:\.d\/[^/]{1,255}\.conf)?$/

const unitOfFile = (file: string): string | null => UNIT_FILE.exec(file)?.[1] ?? null
