import { ParseError } from '../domain/errors.ts'
import type { Parser } from './parser.ts'

// ps -eo pid=PID,ppid=PPID,user:32=USER,stat=STAT,rss=RSS,nlwp=NLWP,etimes=ELAPSED,comm:20=COMM,args=ARGS --sort=-rss
// (also any ps whose header names PID and ends in the command: ps aux, busybox ps -o)
//
//     PID    PPID USER     STAT   RSS  NLWP ELAPSED COMMAND         COMMAND
//     377       1 www-data Ssl  218820   11      21 MainThread      /usr/bin/node /srv/app/worker.js

export interface Process {
  readonly pid: number
  readonly ppid: number | null
  readonly user: string | null
  readonly state: string | null
  readonly rssBytes: number | null
  readonly threadCount: number | null
  readonly runningSeconds: number | null
  /** The kernel's name of the process, at most 15 bytes; a program may change it. */
  readonly comm: string
  /** The command line, or the program's name in brackets for a kernel thread; empty when not printed. */
  readonly args: string
  /** 1-based line of the output. */
  readonly line: number
}

export interface PsFacts {
  /** In the order printed. */
  readonly processes: readonly Process[]
}

type Column = 'pid' | 'ppid' | 'user' | 'state' | 'rss' | 'threads' | 'elapsed' | 'comm' | 'args' | 'other'

const COLUMNS: Readonly<Record<string, Column>> = {
  PID: 'pid',
  PPID: 'ppid',
  USER: 'user',
  STAT: 'state',
  S: 'state',
  RSS: 'rss',
  NLWP: 'threads',
  ELAPSED: 'elapsed',
  COMM: 'comm',
  COMMAND: 'args',
  CMD: 'args',
  ARGS: 'args',
}

export const psParser: Parser<PsFacts> = {
  id: 'ps',
  parse: (output) => {
    const lines = output.split('\n')
    const headerAt = lines.findIndex((line) => /^\s{0,40}(?:\S{1,20}\s{1,40}){0,3}PID\b/.test(line))
    if (headerAt === -1) throw new ParseError('ps', 1, 'expected a header with PID')
    const columns = columnsOf(lines[headerAt] ?? '')
    const processes: Process[] = []
    for (const [index, line] of lines.entries()) {
      if (index <= headerAt || line.trim() === '') continue
      const process = processOf(columns, line, index + 1)
      // A notice of a cut output stands in the middle of the table; a broken row is not a process.
      if (process !== null) processes.push(process)
    }
    if (processes.length === 0) throw new ParseError('ps', headerAt + 1, 'a header without processes')
    return { processes }
  },
}

const columnsOf = (header: string): Column[] => {
  const columns: Column[] = header
    .trim()
    .split(/\s+/)
    .map((name) => COLUMNS[name] ?? 'other')
  // ps prints COMMAND twice for `comm,args`: the first is the short name.
  const named = columns.filter((column) => column === 'args').length
  if (named > 1) columns[columns.indexOf('args')] = 'comm'
  return columns
}

/** Splits a row at blanks; the last column keeps its own. The name before it may hold blanks and is measured from there. */
const processOf = (columns: readonly Column[], line: string, number: number): Process | null => {
  const fields = new Map<Column, string>()
  let rest = line.trim()
  for (const [index, column] of columns.entries()) {
    if (index === columns.length - 1) {
      fields.set(column, rest)
      break
    }
    const [word, remainder] = column === 'comm' ? splitName(rest) : splitWord(rest)
    fields.set(column, word)
    rest = remainder
  }
  const pid = numberOf(fields.get('pid'))
  const rssKib = numberOf(fields.get('rss'))
  if (pid === null) return null
  const args = fields.get('args') ?? ''
  return {
    pid,
    ppid: numberOf(fields.get('ppid')),
    user: fields.get('user') ?? null,
    state: fields.get('state') ?? null,
    rssBytes: rssKib === null ? null : rssKib * 1024,
    threadCount: numberOf(fields.get('threads')),
    runningSeconds: numberOf(fields.get('elapsed')),
    comm: fields.get('comm') ?? args.split(' ')[0]?.replace(/^.*\//, '') ?? '',
    args,
    line: number,
  }
}

const splitWord = (text: string): [string, string] => {
  const end = text.search(/\s/)
  return end === -1 ? [text, ''] : [text.slice(0, end), text.slice(end).trimStart()]
}

/** A process name is padded to its column: two blanks end it, or one when it fills the column. */
const splitName = (text: string): [string, string] => {
  const padded = /^(\S(?:.{0,18}?\S)?)\s{2,}/.exec(text)
  return padded === null ? splitWord(text) : [padded[1] ?? '', text.slice(padded[0].length)]
}

const numberOf = (text: string | undefined): number | null =>
  text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : null
