import type { Command } from 'commander'
import { UsageError } from '../../domain/errors.ts'
import type { CommandModule } from '../command.ts'

export const define: CommandModule['define'] = (command: Command, action) => {
  command
    .command('list')
    .description('runbooks that can be run')
    .option('--json', 'print one JSON document')
    .action(
      action(async (options: { json?: boolean }) => {
        const { listRunbooks } = await import('../runbooks.ts')
        return listRunbooks(options)
      }),
    )
  command
    .command('show')
    .description('what a runbook does, step by step')
    .argument('<NAME>')
    .action(
      action(async (name: string) => {
        const { showRunbook } = await import('../runbooks.ts')
        return showRunbook(name)
      }),
    )
  command
    .command('lint')
    .description('every problem of every runbook, with file and line')
    .argument('[FILE...]', 'files to check; none means all that Medic would load')
    .action(
      action(async (files: readonly string[]) => {
        const { lintRunbooks } = await import('../runbooks.ts')
        return lintRunbooks(files)
      }),
    )
  command
    .command('run')
    .description('run a runbook on a host, or on many')
    .argument('<NAME>')
    .argument('[HOST]', 'a host of `medic hosts` (default localhost)')
    .argument('[KEY=VALUE...]', 'parameters of the runbook')
    .option('--hosts <EXPRESSION>', 'many hosts at once: names, groups, patterns, `all`, separated by commas')
    .option('--approve', 'say yes to steps that change the host, instead of being asked')
    .option('--json', 'print the document medic.diagnosis/1')
    .option('--quiet', 'no progress')
    .option('--accept-new-key', 'trust and remember the key of a host that is not in known_hosts')
    .action(
      action(
        async (
          name: string,
          host: string | undefined,
          pairs: readonly string[],
          options: { json?: boolean; quiet?: boolean; acceptNewKey?: boolean; approve?: boolean; hosts?: string },
        ) => {
          if (options.hosts !== undefined) {
            const { runFleetCommand } = await import('../runFleet.ts')
            const given = parametersOf(host === undefined ? pairs : [host, ...pairs])
            return runFleetCommand(options.hosts, { ...options, runbook: name }, given)
          }
          const { runTriage } = await import('../runTriage.ts')
          return runTriage(host ?? 'localhost', { ...options, runbook: name }, parametersOf(pairs))
        },
      ),
    )
}

const parametersOf = (pairs: readonly string[]): Record<string, string> => {
  const values = new Map<string, string>()
  for (const pair of pairs) {
    const at = pair.indexOf('=')
    if (at < 1) throw new UsageError(`parameter "${pair.slice(0, 60)}": expected key=value`)
    values.set(pair.slice(0, at), pair.slice(at + 1))
  }
  return Object.fromEntries(values)
}
