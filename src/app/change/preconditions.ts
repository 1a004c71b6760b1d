import type { FileState, Preconditions } from '../../domain/approval.ts'
import { ExpectedError, UsageError } from '../../domain/errors.ts'
import type { FileResult } from '../../domain/step.ts'
import type { ParameterValues } from '../../runbook/parameters.ts'
import type { Runbook } from '../../runbook/runbook.ts'
import type { Connection } from '../../transports/transport.ts'
import { sha256 } from '../hash.ts'
import { BOOT_ID_PATH } from '../triage.ts'

const MACHINE_ID_PATH = '/etc/machine-id'
/** A file of settings; our choice. What is larger cannot be vouched for. */
const LIMITS = { limit: { bytes: 1024 * 1024, keep: 'head' as const }, timeoutMs: 10_000 }
/** More than a person can approve one by one; our choice. */
const MOST_FILES = 100

/** What the changing steps of a runbook declare with `touches`, parameters put in. UsageError for one nobody gave. */
export const touchedBy = (runbook: Runbook, { values }: Pick<ParameterValues, 'values'>): readonly string[] => {
  const declared = runbook.phases.flatMap((phase) => phase.steps.flatMap((step) => step.touches))
  const paths = declared.map((path) =>
    path.replaceAll(/\{([^}]*)\}/g, (_, name: string) => {
      const value = Object.hasOwn(values, name) ? values[name] : undefined
      if (value === undefined)
        throw new UsageError(`${runbook.id}: "${name}" is missing, it names a file that is changed`)
      return value
    }),
  )
  return [...new Set(paths)]
}

/**
 * The host as it is now, read without a process on it. Throws ExpectedError for a file whose content cannot be vouched
 * for: one that cannot be read, is cut or is no text.
 */
export const readPreconditions = async (
  connection: Connection,
  touches: readonly string[],
  signal: AbortSignal,
): Promise<Preconditions> => {
  let machineId: string | null = null
  let bootId: string | null = null
  for await (const file of connection.readFiles([MACHINE_ID_PATH, BOOT_ID_PATH], LIMITS, signal)) {
    const text = file.status === 'read' && file.text.trim() !== '' ? file.text.trim() : null
    if (file.path === MACHINE_ID_PATH) machineId = text
    else bootId = text
  }
  const files = new Map<string, FileState>()
  if (touches.length > 0) {
    for await (const file of connection.readFiles(touches, LIMITS, signal)) files.set(file.path, stateOf(file))
  }
  if (signal.aborted) throw new ExpectedError('the host could not be read in time')
  const silent = touches.find((path) => !path.includes('*') && !files.has(path))
  if (silent !== undefined) throw new ExpectedError(`${silent} could not be read: the host gave no answer`)
  if (files.size > MOST_FILES) {
    throw new ExpectedError(`${files.size} files would be touched, more than ${MOST_FILES}: nobody can approve that`)
  }
  return { machineId, bootId, touches, files: [...files.values()].toSorted(byPath) }
}

/** What is not as it was approved, in words; none means that the change may begin. */
export const differencesOf = (before: Preconditions, now: Preconditions): readonly string[] => {
  const differences: string[] = []
  if (before.machineId !== now.machineId)
    differences.push('this is not the machine that was looked at (/etc/machine-id)')
  const paths = [...new Set([...before.files, ...now.files].map(({ path }) => path))].toSorted()
  for (const path of paths) {
    const old = hashOf(before, path)
    const current = hashOf(now, path)
    if (old === current) continue
    if (old === null) differences.push(`${path} is there now`)
    else differences.push(current === null ? `${path} is gone` : `${path} has other content`)
  }
  return differences
}

const hashOf = ({ files }: Preconditions, path: string): string | null =>
  files.find((file) => file.path === path)?.sha256 ?? null

const byPath = (one: FileState, other: FileState): number => (one.path < other.path ? -1 : 1)

const stateOf = (file: FileResult): FileState => {
  const { path } = file
  if (file.status === 'missing') return { path, sha256: null }
  if (file.status !== 'read') throw new ExpectedError(`${path} could not be read: ${file.status}, ${file.reason}`)
  if (file.droppedBytes > 0) throw new ExpectedError(`${path} is larger than ${LIMITS.limit.bytes} bytes`)
  // Bytes that are no text are all read as the same character: two files would look the same.
  if (file.text.includes('\uFFFD')) throw new ExpectedError(`${path} is no text`)
  return { path, sha256: sha256(file.text) }
}
