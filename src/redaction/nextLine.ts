import { isHarmless, SECRET_NAME } from './names.ts'
import type { Mask } from './rule.ts'

const NAME_ALONE = new RegExp(
  `([\\w.-]{0,60}?${SECRET_NAME}[\\w.-]{0,40})["']?\\s{0,4}(?:=>|[:=])\\s{0,4}[|>]?[+-]?\\s{0,4}$`,
)
const XML_ALONE = new RegExp(`<[\\w:.-]{0,40}?(${SECRET_NAME}[\\w.-]{0,24})>\\s{0,8}$`)
const PAIR_NAME = new RegExp(
  `["']?[Nn]ame["']?\\s{0,4}[:=]\\s{0,4}["']?[\\w.-]{0,60}?(${SECRET_NAME}[\\w.-]{0,40})["']?,?$`,
)
const PAIR_VALUE = /^(\s*(?:- )?["']?[Vv]alue["']?\s{0,4}[:=]\s{0,4}["']?)([^"'\n]{1,4096}?)(["']?,?\s*)$/
/** One word behind what a logger wrote in front of it; a line of several words says something else. */
const ALONE = /^((?:.{0,200}?(?:\]:|: |\|) {0,4})?\s*(?:- )?["']?)([^\s"']{3,4096})(["']?[,;]?\s*)$/
/** Names that prose and headings end a line with. */
const TOO_COMMON = /^(?:keys?|tokens|salt|signature|bearer|pass|passes|credentials)$/i

/** `password:` at the end of a line and the value on the next, as YAML and some loggers print it. Takes lines in order. */
export class NextLineValues {
  #awaits: 'value' | 'pair' | null = null

  accept(line: string, mask: Mask): string {
    const awaits = this.#awaits
    this.#awaits = null
    const tail = line.slice(-240)
    if (awaits === 'value' && !/^[\s-]*[\w.-]{1,64}["']?\s{0,4}[:=]\s/.test(line)) {
      const value = ALONE.exec(line)
      // A name and its masked value: a second cleaning must not take them for one value.
      const isDone = value?.[2]?.includes('[redacted:') === true
      if (value !== null && !isDone && !isHarmless('password', value[2] ?? ''))
        return `${value[1] ?? ''}${mask(value[2] ?? '')}${value[3] ?? ''}`
    }
    if (awaits === 'pair') {
      const value = PAIR_VALUE.exec(line)
      if (value !== null && !isHarmless('password', value[2] ?? ''))
        return `${value[1] ?? ''}${mask(value[2] ?? '')}${value[3] ?? ''}`
    }
    const name = /[:=|>+-]\s*$/.test(tail) ? (NAME_ALONE.exec(tail)?.[1] ?? XML_ALONE.exec(tail)?.[1]) : undefined
    if (name !== undefined && !TOO_COMMON.test(name)) this.#awaits = 'value'
    else if (tail.includes('ame') && PAIR_NAME.test(tail)) this.#awaits = 'pair'
    return line
  }
}
