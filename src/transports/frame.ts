import type { Command } from '../domain/step.ts'

/**
 * One shell, many steps, and no step can cost another its result. The script only frames: before each step it prints a
 * random mark on both output streams, the step itself is a process of its own with nothing to read, and after it the
 * end mark carries its exit status. Standard output and standard error are framed apart, so that no temporary file is
 * needed and a full disk does not matter.
 */

/** Where the tools of a host are; a login shell's own PATH is not trusted. The last one is NixOS. */
const SEARCH_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/run/current-system/sw/bin'

const ENV_NAME = /^[A-Z_][A-Z0-9_]*$/
/** Names that would change how the shell or the loader works instead of carrying a value. */
const RESERVED_NAME = /^(?:PATH|IFS|ENV|BASH_ENV|SHELLOPTS|PS[0-9]|HOME|SHELL|LD_.*|MEDIC_.*)$/

/** One word of the POSIX shell whatever the text holds; only ever used inside a shell we started ourselves. */
export const quote = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`

/** Why this command cannot be framed, or null. */
export const frameProblem = (command: Command): string | null => {
  for (const [name, value] of Object.entries(command.env)) {
    if (!ENV_NAME.test(name)) return `environment name "${name}" must match [A-Z_][A-Z0-9_]*`
    if (RESERVED_NAME.test(name)) return `environment name "${name}" is reserved`
    if (value.includes('\0')) return `value of "${name}" holds a NUL byte`
  }
  if (command.script.includes('\0')) return 'script holds a NUL byte'
  return null
}

/**
 * Said once to a new shell. No prompt, no history, no job control. Bash edits lines even without a terminal, and would
 * echo all it reads into the steps' standard error; it also expands `!` in interactive shells, even inside
 * single quotes on a later line. `set +H` is unknown to dash, which therefore must not see it run.
 */
export const PREAMBLE = [
  `PS1= PS2= PS4=`,
  `case \${BASH_VERSION-} in ?*) set +o emacs; set +o vi; set +H; set +o history;; esac`,
  `set +m 2>/dev/null`,
  `unset TMOUT 2>/dev/null`,
  `unset ENV BASH_ENV CDPATH GREP_OPTIONS MEDIC_T MEDIC_U 2>/dev/null`,
  `export PATH=${SEARCH_PATH} LC_ALL=C LANG=C TZ=UTC PAGER=cat SYSTEMD_PAGER= SYSTEMD_COLORS=0 NO_COLOR=1`,
  // Without any `timeout` the shell itself watches: the process is killed, its children are not.
  'medic_watch() { /bin/sh -c "$2" & MEDIC_P=$!; ( sleep "$1"; kill -9 $MEDIC_P ) >/dev/null 2>&1 & MEDIC_W=$!;' +
    ' wait $MEDIC_P; MEDIC_S=$?; kill -9 $MEDIC_W 2>/dev/null; exit $MEDIC_S; }',
  '',
].join('\n')

/**
 * Can this host start a process, who are we, and which `timeout` is it (coreutils and new busybox: `-k`; busybox before
 * 1.30: `-t`)?  Each line stands alone.
 */
export const probeScript = (mark: string): string =>
  [
    startLine(mark),
    'MEDIC_U=',
    'MEDIC_T=',
    guarded(`MEDIC_U=$(timeout -k 2 5 id -u 2>/dev/null) && MEDIC_T='timeout -k 2'`),
    `[ -n "$MEDIC_U" ] || ${guarded('MEDIC_U=$(timeout 5 id -u 2>/dev/null) && MEDIC_T=timeout')}`,
    `[ -n "$MEDIC_U" ] || ${guarded(`MEDIC_U=$(timeout -t 5 id -u 2>/dev/null) && MEDIC_T='timeout -t'`)}`,
    `[ -n "$MEDIC_U" ] || ${guarded('MEDIC_U=$(id -u 2>/dev/null)')}`,
    `[ -n "$MEDIC_U" ] || ${guarded('MEDIC_U=$(printf %s unknown)')}`,
    `printf %s "$MEDIC_U"`,
    ...endLines(mark),
    '',
  ].join('\n')

/**
 * A failed fork must cost this line only. In dash and busybox it is an error that throws away all input read so far, the
 * following steps included, unless it happens inside an ordinary builtin, which `command` makes of `eval`.
 */
const guarded = (line: string): string => `command eval ${quote(line)}`

/** Rounded up: busybox takes whole seconds only. */
export const limitSeconds = (timeoutMs: number): number => Math.max(1, Math.ceil(timeoutMs / 1000))

/**
 * Steps as text for the shell's standard input. The commands must have passed `frameProblem`. The end of one step and
 * the start of the next are one word of the shell: each word is a packet that both sides pay for.
 */
export const stepsScript = (steps: readonly { readonly command: Command; readonly mark: string }[]): string =>
  steps
    .flatMap(({ command, mark }, number) => [
      ...(number === 0 ? [startLine(mark)] : []),
      guarded(command.pty === null ? plainStep(command, mark) : screenStep(command, mark)),
      ...endLines(mark, steps[number + 1]?.mark),
    ])
    .map((line) => `${line}\n`)
    .join('')

/** Fork-free on purpose; `/proc/uptime` gives hundredths of a second without a process. */
const STAMP = `MEDIC_A=; { read -r MEDIC_A MEDIC_B </proc/uptime; } 2>/dev/null`

const startLine = (mark: string): string => `${STAMP}; printf %s "${mark}:s:$MEDIC_A;"; printf %s '${mark}:s:;' >&2`

const endLines = (mark: string, next?: string): string[] => {
  const [start, errorStart] = next === undefined ? ['', ''] : [`${next}:s:$MEDIC_A;`, `${next}:s:;`]
  return [
    'MEDIC_S=$?',
    `${STAMP}; printf %s "${mark}:e:$MEDIC_S:$MEDIC_A;${start}"; printf %s '${mark}:e:;${errorStart}' >&2`,
  ]
}

/** The subshell is the fork an external command would have cost; its own mark proves that it began. */
const plainStep = (command: Command, mark: string): string => {
  const seconds = limitSeconds(command.timeoutMs)
  const body = quote(command.script)
  const exports = Object.entries(command.env).map(([name, value]) => `export ${name}=${quote(value)}; `)
  const plain = `if [ -n "$MEDIC_T" ]; then exec $MEDIC_T ${seconds} /bin/sh -c ${body}; else medic_watch ${seconds} ${body}; fi`
  const run = command.sudo ? `if [ "$MEDIC_U" = 0 ]; then ${plain}; else ${sudoStep(command)}; fi` : plain
  return `( printf %s '${mark}:b:;'; ${exports.join('')}${run} ) </dev/null`
}

/** sudo drops the environment, so that the values travel as arguments of `env`; `-n` fails instead of asking. */
const sudoStep = (command: Command): string => {
  const values = Object.entries(command.env).map(([name, value]) => `${name}=${quote(value)} `)
  const settings = `PATH=${SEARCH_PATH} LC_ALL=C TZ=UTC PAGER=cat SYSTEMD_COLORS=0 `
  const seconds = limitSeconds(command.timeoutMs)
  const limit = `$MEDIC_T \${MEDIC_T:+${seconds}}`
  return `exec sudo -n -- env ${settings}${values.join('')}${limit} /bin/sh -c ${quote(command.script)}`
}

/**
 * A screen program talks to the terminal: it reads from it, and must stay in its foreground group, or it is stopped at
 * its first attempt to set the screen up. Busybox's `timeout` stays there anyway.
 */
const screenStep = (command: Command, mark: string): string => {
  const seconds = limitSeconds(command.timeoutMs)
  const exports = Object.entries(command.env).map(([name, value]) => `export ${name}=${quote(value)}; `)
  return (
    `( printf %s '${mark}:b:;'; export TERM=xterm-256color; ${exports.join('')}` +
    `case $(timeout --version 2>/dev/null) in *coreutils*) MEDIC_T='timeout --foreground -k 2';; esac; ` +
    `exec $MEDIC_T \${MEDIC_T:+${seconds}} /bin/sh -c ${quote(command.script)} ) </dev/tty`
  )
}

export interface Mark {
  readonly kind: 'start' | 'begin' | 'end'
  readonly fields: readonly string[]
}

export interface FrameListener {
  onMark(mark: Mark): void
  onData(chunk: Buffer): void
}

/** Longest text between a mark and its semicolon: exit status and uptime; anything longer is not ours. */
const MAX_FIELDS_BYTES = 64
const KINDS = { s: 'start', b: 'begin', e: 'end' } as const

/** Cuts one output stream into frames. What stands outside of frames (banners, rc noise, prompts) is thrown away. */
export class FrameReader {
  readonly #expected: { readonly mark: Buffer; readonly listener: FrameListener }[] = []
  #rest: Buffer = Buffer.alloc(0)
  #inside = false

  expect(mark: string, listener: FrameListener): void {
    this.#expected.push({ mark: Buffer.from(`${mark}:`), listener })
  }

  push(chunk: Buffer): void {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    while (this.#takeOne());
    // The rest is short, but may be the end of a large chunk that it would keep alive.
    if (this.#rest.length < this.#rest.buffer.byteLength / 2) this.#rest = Buffer.from(this.#rest)
  }

  /** The stream has ended: what was held back as a possible mark belongs to the step. */
  finish(): void {
    if (this.#rest.length > 0) this.#give(this.#rest)
    this.#rest = Buffer.alloc(0)
  }

  #takeOne(): boolean {
    const current = this.#expected[0]
    if (current === undefined) {
      this.#rest = Buffer.alloc(0)
      return false
    }
    const at = this.#rest.indexOf(current.mark)
    if (at < 0) {
      const held = Math.min(this.#rest.length, current.mark.length - 1)
      this.#give(this.#rest.subarray(0, this.#rest.length - held))
      this.#rest = this.#rest.subarray(this.#rest.length - held)
      return false
    }
    this.#give(this.#rest.subarray(0, at))
    this.#rest = this.#rest.subarray(at)
    return this.#takeMark(current.mark, current.listener)
  }

  #takeMark(mark: Buffer, listener: FrameListener): boolean {
    const end = this.#rest.indexOf(';', mark.length)
    if (end < 0 && this.#rest.length < mark.length + MAX_FIELDS_BYTES) return false
    const text = this.#rest.subarray(mark.length, end < 0 ? mark.length : end).toString('latin1')
    const [letter = '', ...fields] = text.split(':')
    const kind = KINDS[letter as keyof typeof KINDS] as Mark['kind'] | undefined
    if (kind === undefined) {
      this.#give(this.#rest.subarray(0, mark.length))
      this.#rest = this.#rest.subarray(mark.length)
      return true
    }
    this.#rest = this.#rest.subarray(end + 1)
    this.#inside = kind !== 'end'
    if (kind === 'end') this.#expected.shift()
    listener.onMark({ kind, fields })
    return true
  }

  #give(chunk: Buffer): void {
    if (this.#inside && chunk.length > 0) this.#expected[0]?.listener.onData(chunk)
  }
}
