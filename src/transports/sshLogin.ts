import type { Client, ClientChannel, ConnectConfig, ParsedKey, SFTPWrapper } from 'ssh2'
import { takeShortcuts } from './sshShortcuts.ts'

/**
 * A constant command line: quoting is injectable under fish and broken under csh. Interactive, because another shell
 * ends at its first failed fork; no history file, and no start file by way of ENV.
 */
export const SHELL_COMMAND = 'exec env -u ENV HISTFILE=/dev/null /bin/sh -i'

/** The two channels every host gets; an error instead of a channel is a fact about the host, not the end. */
export interface FirstChannels {
  readonly sftp: SFTPWrapper | Error
  readonly shell: ClientChannel | Error
}

/**
 * Logs in and opens both channels in one flight. Rejects with ssh2's error when the login fails.
 */
export const logInAndOpen = async (
  client: Client,
  config: ConnectConfig,
  firstKey: ParsedKey | null,
): Promise<FirstChannels> => {
  await logIn(client, config, firstKey)
  const [sftp, shell] = await Promise.all([openSftp(client), openShell(client, null)])
  return { sftp, shell }
}

/** Logs in without opening anything: a host on the way. */
export const logIn = async (client: Client, config: ConnectConfig, firstKey: ParsedKey | null): Promise<void> =>
  new Promise((resolve, reject) => {
    client.once('ready', () => resolve())
    // An agent that cannot sign is one failed attempt, not the end of the login.
    client.on('error', (error) => (error.level === 'agent' ? undefined : reject(error)))
    client.once('close', () => reject(new Error('closed the connection before the login')))
    client.connect(config)
    takeShortcuts(client, firstKey)
  })

export const openSftp = async (client: Client): Promise<SFTPWrapper | Error> =>
  attempt((done) => client.sftp((error, sftp) => done(error, sftp)))

export const openShell = async (
  client: Client,
  pty: { readonly columns: number; readonly rows: number } | null,
): Promise<ClientChannel | Error> =>
  attempt((done) => {
    const options = pty === null ? {} : { pty: { term: 'xterm-256color', cols: pty.columns, rows: pty.rows } }
    client.exec(SHELL_COMMAND, options, (error, channel) => done(error, channel))
  })

const attempt = async <Value>(
  open: (done: (error: Error | undefined, value: Value) => void) => void,
): Promise<Value | Error> =>
  new Promise((resolve) => {
    try {
      open((error, value) => resolve(error ?? value))
    } catch (error) {
      resolve(error as Error)
    }
  })
