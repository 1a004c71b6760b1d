import type { StoredEvidence } from '../domain/evidence.ts'
import type { Command, FileResult, StepResult } from '../domain/step.ts'
import { isGlob, matchesGlob } from './globPath.ts'
import { resultWithoutOutput } from './stepRecord.ts'
import type { Connection, Transport } from './transport.ts'

/** Serves stored evidence instead of a host, so that every incident can be looked at again. Nothing is run or read. */
export const replayTransport = (evidence: readonly StoredEvidence[]): Transport => ({
  async connect(host) {
    return replayConnection(evidence, host.name)
  },
})

const replayConnection = (evidence: readonly StoredEvidence[], name: string): Connection => {
  const steps = new Map<string, readonly StoredEvidence[]>()
  const files = new Map<string, readonly StoredEvidence[]>()
  for (const one of evidence) {
    if (isPath(one.command)) append(files, one.command, one)
    else append(steps, stepKey(one.step, one.subject), one)
  }
  const served = new Map<StoredEvidence, true>()
  /** A host may be read twice (before and after); each reading is served once, the last one from then on. */
  const next = (stored: readonly StoredEvidence[]): StoredEvidence | undefined => {
    const one = stored.find((candidate) => !served.has(candidate)) ?? stored.at(-1)
    if (one !== undefined) served.set(one, true)
    return one
  }
  return {
    description: `stored evidence of ${name}`,
    canFork: null,
    async *readFiles(paths) {
      for (const path of paths) {
        const found = isGlob(path) ? [...files.keys()].filter((known) => matchesGlob(path, known)) : [path]
        for (const one of found) yield storedFile(one, next(files.get(one) ?? []))
      }
    },
    async *run(commands) {
      for (const command of commands)
        yield storedResult(command, next(steps.get(stepKey(command.step, command.subject)) ?? []))
    },
    async [Symbol.asyncDispose]() {
      // Nothing was opened.
    },
  }
}

const append = (map: Map<string, readonly StoredEvidence[]>, key: string, one: StoredEvidence): void => {
  map.set(key, [...(map.get(key) ?? []), one])
}

const stepKey = (step: string, subject: string | null): string => JSON.stringify([step, subject])

/** A file's evidence names its path where a step's shows its shell text. */
const isPath = (command: string): boolean => /^\/[^\s;|&<>$'"`]+$/.test(command)

const storedResult = (command: Command, stored: StoredEvidence | undefined): StepResult =>
  stored === undefined
    ? resultWithoutOutput(command, { outcome: 'not-run', reason: 'the stored evidence holds nothing for this step' })
    : stored.result

const storedFile = (path: string, stored: StoredEvidence | undefined): FileResult => {
  const blank = { path, text: '', droppedBytes: 0, startedAtMs: 0, durationMs: 0 }
  if (stored === undefined)
    return { ...blank, status: 'missing', reason: 'the stored evidence does not hold this file' }
  const { result } = stored
  const { stdout: text, droppedBytes, startedAtMs, durationMs } = result
  return { path, text, droppedBytes, startedAtMs, durationMs, ...fileStatus(result) }
}

const fileStatus = (
  result: StepResult,
): { status: 'read' } | { status: 'missing' | 'denied' | 'timed-out' | 'failed'; reason: string } => {
  if (result.outcome === 'exited' && result.exitCode === 0) return { status: 'read' }
  if (result.outcome === 'timed-out') return { status: 'timed-out', reason: 'no answer in time' }
  const reason = 'reason' in result ? result.reason : 'it could not be read'
  if (/\bno such file|^missing|\bmissing\b|does not hold/i.test(reason)) return { status: 'missing', reason }
  return { status: /denied/i.test(reason) ? 'denied' : 'failed', reason }
}
