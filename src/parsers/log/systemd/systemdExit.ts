import { numberOf } from '../telling.ts'

/** How a process of a unit ended, in systemd's words `code=killed, status=9/KILL`. */
export type Exit = {
  readonly process: 'main' | 'control' | 'child'
  readonly pid: number | null
  readonly code: 'exited' | 'killed' | 'dumped'
  readonly status: number
  readonly signal: string | null
}

export const SIGNALS: Readonly<Record<number, string>> = { 6: 'SIGABRT', 9: 'SIGKILL', 11: 'SIGSEGV', 15: 'SIGTERM' }

/** From the words of the line: who, pid, code, status, and the signal's name if it is printed. */
export const exitFrom = (
  process: Exit['process'],
  pid: string | undefined,
  code: string | undefined,
  status: string | undefined,
  ...name: (string | undefined)[]
): Exit => ({
  process,
  pid: numberOf(pid),
  code: code === 'killed' || code === 'dumped' ? code : 'exited',
  status: Number(status),
  signal: code === 'exited' ? null : signalName(Number(status), name[0]),
})

/** Newer systemd cuts nothing off the name, older ones print `KILL`; the number decides when there is no name. */
const signalName = (number: number, name: string | undefined): string | null => {
  if (name !== undefined && /^[A-Z][A-Z0-9+]{1,10}$/.test(name)) return name.startsWith('SIG') ? name : `SIG${name}`
  return SIGNALS[number] ?? null
}
