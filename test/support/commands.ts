import type { Command, FileResult, StepResult } from '../../src/domain/step.ts'
import type { Connection, FileLimits } from '../../src/transports/transport.ts'

/** A command with everything at rest; a test says only what it is about. */
export const command = (step: string, script: string, changes: Partial<Command> = {}): Command => ({
  step,
  subject: null,
  script,
  env: {},
  timeoutMs: 10_000,
  limit: { bytes: 1_000_000, keep: 'both' },
  channel: 'shared',
  sudo: false,
  pty: null,
  ...changes,
})

/** No test waits longer than this, whatever hangs. */
export const soon = (ms = 50_000): AbortSignal => AbortSignal.timeout(ms)

/** Every result by step name; fails when a step has two. */
export const runAll = async (
  connection: Connection,
  commands: readonly Command[],
  signal: AbortSignal = soon(),
): Promise<Record<string, StepResult>> => {
  const results: Record<string, StepResult> = {}
  for await (const result of connection.run(commands, signal)) {
    if (results[result.step] !== undefined) throw new Error(`two results for ${result.step}`)
    results[result.step] = result
  }
  return results
}

export const readAll = async (
  connection: Connection,
  paths: readonly string[],
  limits: FileLimits = { limit: { bytes: 100_000, keep: 'both' }, timeoutMs: 5000 },
): Promise<Record<string, FileResult>> => {
  const files: Record<string, FileResult> = {}
  for await (const file of connection.readFiles(paths, limits, soon())) files[file.path] = file
  return files
}
