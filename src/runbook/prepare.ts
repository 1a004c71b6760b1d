import type { Suspect } from '../domain/run.ts'
import type { Command } from '../domain/step.ts'
import { parseCgroupPath } from '../domain/unitName.ts'
import type { Evidence } from '../domain/evidence.ts'
import { DEFAULT_STEP_TIMEOUT_MS } from './fence.ts'
import { PRESSED_STEP_TIMEOUT_MS } from './pressure.ts'
import type { RunbookStep } from './runbook.ts'
import { PTY_SIZE } from './screen.ts'

/** A pid list longer than this is cut: each pid costs a few files. */
const PIDS_PER_SUSPECT = 8

/** The command of a shell step, ready for a transport. Values travel as environment only. */
export const commandOf = (
  step: RunbookStep,
  suspect: Suspect | null,
  env: Readonly<Record<string, string>>,
  options: { readonly sudo: boolean; readonly pressed: boolean },
): Command => ({
  step: step.name,
  subject: suspect?.unit ?? null,
  script: step.body,
  env: suspect === null ? env : { ...env, UNIT: suspect.unit, CGROUP: suspect.cgroup ?? '' },
  timeoutMs: timeoutOf(step, options.pressed),
  limit: step.limit,
  channel: step.pty ? 'own' : step.channel,
  sudo: step.sudo && options.sudo,
  pty: step.pty ? PTY_SIZE : null,
})

/** A time limit the runbook states is kept; the default one grows on a host short of memory. */
export const timeoutOf = (step: RunbookStep, pressed: boolean): number =>
  pressed && step.timeoutMs === DEFAULT_STEP_TIMEOUT_MS ? PRESSED_STEP_TIMEOUT_MS : step.timeoutMs

/** Paths of a files step about one suspect (null: the host), or why there are none. */
export const pathsOf = (
  step: RunbookStep,
  suspect: Suspect | null,
  evidence: readonly Evidence[],
): { readonly paths: readonly string[] } | { readonly reason: string } => {
  const lines = step.body
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
  if (suspect === null) return { paths: lines }
  const cgroup = suspect.cgroup === null ? undefined : parseCgroupPath(suspect.cgroup)
  if (cgroup === undefined && lines.some((line) => line.includes('{cgroup}'))) {
    return { reason: `${suspect.unit} has no control group: it is not running` }
  }
  const pids = lines.some((line) => line.includes('{pid}')) ? pidsOf(suspect.unit, evidence) : []
  if (pids.length === 0 && lines.some((line) => line.includes('{pid}'))) {
    return { reason: `no process of ${suspect.unit} is known` }
  }
  const paths = lines.flatMap((line) => {
    const path = line.replaceAll('{cgroup}', () => cgroup ?? '')
    return path.includes('{pid}') ? pids.map((pid) => path.replaceAll('{pid}', pid)) : [path]
  })
  return { paths: [...new Set(paths)] }
}

/** Whether the number of evidences a files step gives is known only when it has ended. */
export const isOpenEnded = (step: RunbookStep): boolean =>
  step.kind === 'files' && (step.optional || step.body.includes('*'))

/** Position of a path among the patterns of its step, for numbering: pattern by pattern, each in path order. */
export const comparePaths =
  (patterns: readonly string[]) =>
  (one: string, other: string): number => {
    const rank = (path: string) => patterns.findIndex((pattern) => matchesPath(pattern, path))
    return rank(one) - rank(other) || (one < other ? -1 : one > other ? 1 : 0)
  }

const matchesPath = (pattern: string, path: string): boolean => {
  if (!pattern.includes('*')) return pattern === path
  const wanted = pattern.split('/')
  const parts = path.split('/')
  return wanted.length === parts.length && wanted.every((part, index) => matchesPart(part, parts[index] ?? ''))
}

/** `*` within one part of a path, without a regular expression over host data. */
const matchesPart = (pattern: string, text: string): boolean => {
  const [first = '', ...others] = pattern.split('*')
  if (others.length === 0) return pattern === text
  if (!text.startsWith(first)) return false
  let at = first.length
  for (const [index, piece] of others.entries()) {
    const isLast = index === others.length - 1
    const found = isLast ? text.length - piece.length : text.indexOf(piece, at)
    if (found < at || !text.startsWith(piece, found)) return false
    at = found + piece.length
  }
  return true
}

/** Processes of a suspect: the control group's list if it was read, else the main process systemd names. */
const pidsOf = (unit: string, evidence: readonly Evidence[]): string[] => {
  const about = evidence.filter((one) => one.subject === unit)
  const listed = about.findLast((one) => one.command.endsWith('/cgroup.procs'))?.result.stdout
  const main = about
    .map((one) => /^MainPID=([1-9]\d*)$/m.exec(one.result.stdout)?.[1])
    .findLast((pid) => pid !== undefined)
  const pids = (listed ?? '').split('\n').filter((line) => /^[1-9]\d{0,9}$/.test(line))
  if (main !== undefined && !pids.includes(main)) pids.unshift(main)
  return pids.slice(0, PIDS_PER_SUSPECT)
}
