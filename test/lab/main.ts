import { spawnSync } from 'node:child_process'
import { Command, CommanderError } from 'commander'
import { ExpectedError, UsageError } from '../../src/domain/errors.ts'
import { ensureImage } from './image.ts'
import { attachLab, bootLab, type Lab } from './machine.ts'
import { labSkipReason } from './requirements.ts'
import { findScenario, SCENARIOS } from './scenarios/registry.ts'
import type { Truth } from './scenarios/scenario.ts'
import { clearLabState, readLabState, writeLabState, type LabState } from './state.ts'

/** The one machine that people start by hand. */
const NAME = 'current'

const print = (line: string): boolean => process.stdout.write(`${line}\n`)
const progress = (line: string): boolean => process.stderr.write(`${line}\n`)

const program = new Command('lab')
  .description('A small Debian machine that really dies, for trying Medic on.')
  .usage('[command]')
  .helpCommand(false)
  .enablePositionalOptions()
  .exitOverride()
  .addHelpText('after', () => `\nScenarios for break:\n${listScenarios()}`)

program
  .command('start', { isDefault: true })
  .description('start the machine in the background (builds its image the first time, about two minutes)')
  .allowExcessArguments()
  .action(async (_options: unknown, command: Command) => {
    // The default command receives whatever is no command.
    if (command.args[0] !== undefined)
      throw new UsageError(`lab: unknown command "${command.args[0]}"`, { hint: '--help' })
    const lab = await startOrFind()
    await lab.detach()
    printReach(lab)
  })

program
  .command('break')
  .description('set the machine back to healthy, break it in one way, and return when it has happened')
  .argument('<scenario>', 'see list')
  .option('--json', 'print the whole truth about it')
  .action(async (id: string, options: { json?: boolean }) => {
    findScenario(id)
    const lab = await startOrFind()
    try {
      const started = Date.now()
      const { truth } = await lab.break(id)
      writeState(lab, id)
      printTruth(id, truth, { json: options.json === true, seconds: Math.round((Date.now() - started) / 1000) })
    } finally {
      await lab.detach()
    }
  })

program
  .command('list')
  .description('list the ways in which it can break')
  .action(() => void print(listScenarios()))

program
  .command('ssh')
  .description('log in, or run a command on the machine')
  .option('-l, --login <user>', 'root, ops (no groups) or dora (sudo)', 'root')
  .argument('[command...]')
  .passThroughOptions()
  .action((command: string[], options: { login: string }) => {
    const state = readLabState()
    if (state === null) throw notRunning()
    const { status } = spawnSync('ssh', [...sshArguments(state, options.login), ...command], { stdio: 'inherit' })
    process.exitCode = status ?? 2
  })
program
  .command('status')
  .description('tell whether it runs and how to reach it; exit code 1 when it does not')
  .action(() => {
    const state = readLabState()
    if (state === null) {
      print('lab: not running')
      process.exitCode = 1
      return
    }
    print(`lab: running since ${state.startedAt}, pid ${state.pid}, last scenario: ${state.scenario ?? 'none'}`)
    print(`ssh: ${sshCommand(state)}`)
  })

program
  .command('stop')
  .description('stop the machine and forget its disk')
  .action(async () => {
    const lab = await attachLab(NAME)
    await lab?.stop()
    clearLabState()
    print(lab === null ? 'lab: not running' : 'lab: stopped')
  })

program
  .command('build')
  .description('build the image only')
  .action(async () => {
    refuseWhereImpossible()
    print(`lab: image in ${(await ensureImage(progress)).dir}`)
  })

const startOrFind = async (): Promise<Lab> => {
  const running = await attachLab(NAME)
  if (running !== null) {
    if (readLabState() === null) writeState(running, null)
    return running
  }
  refuseWhereImpossible()
  progress('lab: starting the machine')
  const lab = await bootLab({ name: NAME, outlive: true, progress })
  writeState(lab, null)
  return lab
}

const refuseWhereImpossible = (): void => {
  const reason = labSkipReason()
  if (reason !== null) throw new ExpectedError(`lab: ${reason}`)
}

const writeState = (lab: Lab, scenario: string | null): void => {
  const { host, port, user, keyFile, hostKey, knownHostsFile, pid, startedAt } = lab
  writeLabState({ host, port, user, keyFile, hostKey, knownHostsFile, pid, startedAt, scenario })
}

const notRunning = (): ExpectedError => new ExpectedError('lab: not running', { hint: 'npm run lab' })

const sshArguments = (
  state: Pick<LabState, 'host' | 'port' | 'keyFile' | 'knownHostsFile'>,
  user: string,
): string[] => [
  '-F',
  'none',
  '-i',
  state.keyFile,
  '-o',
  'IdentitiesOnly=yes',
  '-o',
  `UserKnownHostsFile=${state.knownHostsFile}`,
  '-o',
  'LogLevel=ERROR',
  '-p',
  String(state.port),
  `${user}@${state.host}`,
]

const sshCommand = (state: Parameters<typeof sshArguments>[0]): string => `ssh ${sshArguments(state, 'root').join(' ')}`

const printReach = (lab: Lab): void => {
  print(`lab: running, pid ${lab.pid}, ${lab.user}@${lab.host}:${lab.port}`)
  print('')
  print('  npm run triage -- lab            let Medic look at it')
  print('  npm run lab -- break worker-oom  break it (npm run lab -- list shows all ways)')
  print('  npm run lab -- ssh               log in')
  print('  npm run lab -- stop              stop it')
  print('')
  print(sshCommand(lab))
}

const printTruth = (id: string, truth: Truth, options: { json: boolean; seconds: number }): void =>
  void print(options.json ? JSON.stringify(truth, null, 2) : `${id}: ${truth.summary} (${options.seconds} s)`)

const listScenarios = (): string => {
  const width = Math.max(...SCENARIOS.map(({ id }) => id.length))
  return SCENARIOS.map(({ id, title }) => `  ${id.padEnd(width)}  ${title}`).join('\n')
}

try {
  await program.parseAsync()
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 64
  else if (error instanceof ExpectedError) {
    process.stderr.write(`${error.message}\n${error.hint === null ? '' : `hint: ${error.hint}\n`}`)
    process.exitCode = error.exitCode
  } else throw error
}
