import { COMMANDS } from './registry.ts'

const USAGE = 64
const BUG = 70

/** Runs one command line and returns the exit code. Nothing is loaded that the command does not need. */
export const runCli = async (argv: readonly string[]): Promise<number> => {
  silenceClosedPipes()
  const [first] = argv
  if (first === undefined || first === '--help' || first === '-h' || first === 'help') {
    const topic = first === 'help' ? argv[1] : undefined
    if (topic !== undefined) return runCli([topic, '--help'])
    process.stdout.write(overview())
    return first === undefined ? USAGE : 0
  }
  if (first === '--version' || first === '-V') {
    const { medicVersion } = await import('../version.ts')
    process.stdout.write(`medic ${medicVersion()}\n`)
    return 0
  }
  if (first === 'completion') return completion(argv[1])
  const entry = COMMANDS.find((candidate) => candidate.name === first)
  if (entry === undefined) return unknownCommand(first)
  try {
    return await runCommand(entry, argv)
  } catch (error) {
    return report(error)
  }
}

const runCommand = async (entry: (typeof COMMANDS)[number], argv: readonly string[]): Promise<number> => {
  const [{ Command, CommanderError }, { define }] = await Promise.all([import('commander'), entry.load()])
  let exitCode = 0
  const command = new Command(`medic ${entry.name}`)
    .description(entry.summary)
    .exitOverride()
    .showSuggestionAfterError()
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'medic: ')) })
  define(command, (body) => async (...args) => {
    exitCode = await body(...args)
  })
  for (const child of command.commands) child.exitOverride().copyInheritedSettings(command)
  try {
    await command.parseAsync(argv.slice(1), { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    return error.exitCode === 0 ? 0 : USAGE
  }
  return exitCode
}

/** One clear line for what a person can mend; a reference and a trace for a bug of ours. */
const report = async (error: unknown): Promise<number> => {
  const { ExpectedError } = await import('../domain/errors.ts')
  if (error instanceof ExpectedError) {
    process.stderr.write(`medic: ${error.message}\n`)
    if (error.hint !== null) process.stderr.write(`hint: ${error.hint}\n`)
    return error.exitCode
  }
  process.stderr.write(
    `medic: a bug of ours, please report it: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  )
  return BUG
}

const overview = (): string => {
  const width = Math.max(...COMMANDS.map((entry) => entry.name.length))
  return [
    'usage: medic COMMAND [ARGUMENTS]',
    '',
    'Medic takes the first look at a sick Linux server.',
    '',
    ...COMMANDS.map((entry) => `  ${entry.name.padEnd(width)}  ${entry.summary}`),
    '',
    'begin with:',
    '  medic triage                              look at this machine',
    '  medic triage demo                         replay a real kill',
    '  medic triage server1 --unit queue_worker  look at another one over SSH',
    '  dmesg | medic diagnose -                  explain a log',
    '',
    '`medic COMMAND --help` tells more. Exit: 0 nothing wrong, 1 something found, 2 could not look, 64 usage, 70 bug.',
    '',
  ].join('\n')
}

const unknownCommand = async (name: string): Promise<number> => {
  const { nearest } = await import('../app/inventory/inventory.ts')
  const near = nearest(
    name,
    COMMANDS.map((entry) => entry.name),
  )
  const shown = name.replaceAll(/[^\x20-\x7e]/g, '?').slice(0, 60)
  process.stderr.write(`medic: unknown command "${shown}"\n`)
  process.stderr.write(
    near.length > 0 ? `hint: did you mean ${near.join(' or ')}?\n` : 'hint: `medic --help` lists all\n',
  )
  return USAGE
}

/** Shell completion of command names: `eval "$(medic completion bash)"`. */
const completion = (shell: string | undefined): number => {
  const names = COMMANDS.map((entry) => entry.name).join(' ')
  const scripts: Readonly<Record<string, string>> = {
    bash: `complete -W '${names}' medic\n`,
    zsh: `compctl -k '(${names})' medic\n`,
    fish: `complete -c medic -f -n __fish_use_subcommand -a '${names}'\n`,
  }
  const script = shell !== undefined && Object.hasOwn(scripts, shell) ? scripts[shell] : undefined
  if (script === undefined) {
    process.stderr.write('medic: completion: expected bash, zsh or fish\n')
    return USAGE
  }
  process.stdout.write(script)
  return 0
}

/** `medic … | head` must end quietly. */
const silenceClosedPipes = (): void => {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error
      process.exit(0)
    })
  }
}
