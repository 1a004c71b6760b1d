/** A running `/bin/sh -i`, wherever it runs. Output is delivered from the moment `listen` is called. */
export interface ShellPipe {
  /** Standard error is part of standard output: a terminal has one stream only. */
  readonly merged: boolean
  listen(listener: ShellListener): void
  write(text: string): void
  /** Kills what runs there, then closes. Calling it twice is harmless. */
  kill(): void
}

export interface ShellListener {
  onStdout(chunk: Buffer): void
  onStderr(chunk: Buffer): void
  /** Both streams have ended; `reason` says why in words. `isLost`: the line broke, the shell is not to blame. Called once. */
  onClose(reason: string, isLost: boolean): void
}

/** What a transport has to offer so that steps can run on it. */
export interface ShellSource {
  /** Resolves to a shell, or to the reason why there is none. */
  openShell(pty: { readonly columns: number; readonly rows: number } | null): Promise<ShellPipe | ShellRefusal>
}

/**
 * `channels`: the server grants no further channel, what is open keeps working. `fork`: the host could not start it.
 * `shell`: this account has no shell. `lost`: the connection is gone.
 */
export interface ShellRefusal {
  readonly refused: 'channels' | 'fork' | 'shell' | 'lost'
  readonly reason: string
}
