import type { Command } from 'commander'

/**
 * What a command's module exports. `define` adds options, arguments and examples to an empty command and calls `action`
 * with a function that returns the exit code (0 nothing wrong, 1 found, 2 could not look, 64 usage, 70 a bug of ours).
 */
export interface CommandModule {
  readonly define: (command: Command, action: Action) => void
}

/** Runs a command's body and keeps its exit code. */
export type Action = <Args extends readonly unknown[]>(
  body: (...args: Args) => Promise<number> | number,
) => (...args: Args) => Promise<void>
