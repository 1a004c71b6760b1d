import { execFile } from 'node:child_process'

export interface Ending {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs one step body as a transport would, on this machine, without one. */
export const runBody = (
  shell: readonly [string, ...string[]],
  body: string,
  env: Readonly<Record<string, string>>,
): Promise<Ending> =>
  new Promise((resolve) => {
    const [file, ...args] = shell
    const child = execFile(
      file,
      [...args, '-c', body],
      {
        env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C', TZ: 'UTC', ...env },
        timeout: 30_000,
        maxBuffer: 64e6,
      },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1
        resolve({ exitCode: code, stdout, stderr })
      },
    )
    child.stdin?.end()
  })
