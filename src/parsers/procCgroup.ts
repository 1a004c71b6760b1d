import { ParseError } from '../domain/errors.ts'
import { parseCgroupPath } from '../domain/unitName.ts'
import type { Parser } from './parser.ts'

// /proc/PID/cgroup; the lines of version 1 stand before that of version 2
//
// 8:pids:/user.slice/user-0.slice/session-1.scope
// 0::/user.slice/user-0.slice/session-1.scope

export interface ProcCgroupFacts {
  /** Where the pids controller counts the process. */
  readonly pidsCgroup: string
}

const LINE = /^\d{1,3}:([^:\n]{0,200}):(\/[^\n]{0,4096})$/

export const procCgroupParser: Parser<ProcCgroupFacts> = {
  id: 'proc-cgroup',
  parse: (output) => {
    const lines = output.split('\n').flatMap((line) => {
      const match = LINE.exec(line)
      return match === null ? [] : [{ controllers: (match[1] ?? '').split(','), path: match[2] ?? '' }]
    })
    const line = lines.find(({ controllers }) => controllers.includes('pids')) ?? lines.at(-1)
    const path = line === undefined ? undefined : parseCgroupPath(line.path)
    if (path === undefined || path === null) throw new ParseError('proc-cgroup', 1, 'expected "0::/user.slice/…"')
    return { pidsCgroup: path }
  },
}
