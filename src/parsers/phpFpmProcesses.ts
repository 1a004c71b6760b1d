import { ParseError } from '../domain/errors.ts'
import type { Parser } from './parser.ts'

// step php-fpm: each master process, its children and the settings that matter from the files its command line names
//
// [master 235]
// config: /etc/php/8.2/fpm/php-fpm.conf
// rss: 20324
// child: 247 6000 www
// setting: www pm.max_children 2

export interface PhpFpmChild {
  readonly pid: number
  readonly rssBytes: number
  readonly pool: string
  /** 1-based line of the output. */
  readonly line: number
}

export interface PhpFpmSetting {
  /** `global`, or the pool's name; empty before the first section. */
  readonly pool: string
  readonly key: string
  readonly value: string
  /** 1-based line of the output. */
  readonly line: number
}

export interface PhpFpmMaster {
  readonly pid: number
  readonly config: string | null
  readonly rssBytes: number | null
  readonly children: readonly PhpFpmChild[]
  /** Empty when the configuration could not be read. */
  readonly settings: readonly PhpFpmSetting[]
  readonly line: number
}

export interface PhpFpmProcessesFacts {
  readonly masters: readonly PhpFpmMaster[]
}

interface Draft {
  readonly pid: number
  config: string | null
  rssBytes: number | null
  readonly children: PhpFpmChild[]
  readonly settings: PhpFpmSetting[]
  readonly line: number
}

export const phpFpmProcessesParser: Parser<PhpFpmProcessesFacts> = {
  id: 'php-fpm-processes',
  parse: (output) => {
    const masters: Draft[] = []
    for (const [index, line] of output.split('\n').entries()) {
      if (line.trim() === '' || line.startsWith('#')) continue
      const head = /^\[master (\d{1,10})\]\s{0,2}$/.exec(line)
      const master = masters.at(-1)
      if (head !== null) {
        masters.push({
          pid: Number(head[1]),
          config: null,
          rssBytes: null,
          children: [],
          settings: [],
          line: index + 1,
        })
      } else if (master === undefined || !accept(master, line, index + 1)) {
        throw new ParseError('php-fpm-processes', index + 1, 'expected [master PID], config:, rss:, child: or setting:')
      }
    }
    return { masters }
  },
}

const accept = (master: Draft, text: string, line: number): boolean => {
  const [, key, value = ''] = /^(config|rss|child|setting): (.{0,2000})$/.exec(text) ?? []
  const child = /^(\d{1,10}) (\d{1,12}) (\S{1,200})$/.exec(value)
  const setting = /^(\S{0,200}) (\S{1,100}) ?(.{0,1000})$/.exec(value)
  if (key === 'config') master.config = value
  else if (key === 'rss' && /^\d{1,12}$/.test(value)) master.rssBytes = Number(value) * 1024
  else if (key === 'child' && child !== null) {
    const [, pid, rss, pool = ''] = child
    master.children.push({ pid: Number(pid), rssBytes: Number(rss) * 1024, pool, line })
  } else if (key === 'setting' && setting !== null) {
    const [, pool = '', name = '', content = ''] = setting
    master.settings.push({ pool, key: name, value: content, line })
  } else return false
  return true
}

/** `pm.max_children` of a pool as a number; null when no file said so. */
export const maxChildrenOf = (master: PhpFpmMaster, pool: string): number | null => {
  const found = master.settings.findLast((setting) => setting.pool === pool && setting.key === 'pm.max_children')
  return found !== undefined && /^\d{1,6}$/.test(found.value) ? Number(found.value) : null
}
