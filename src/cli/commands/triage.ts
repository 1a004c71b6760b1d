import type { Command } from 'commander'
import { UsageError } from '../../domain/errors.ts'
import type { CommandModule } from '../command.ts'
import type { TriageOptions } from '../runTriage.ts'

const EXAMPLES = `
examples:
  medic triage                                       this machine
  medic triage server1 --unit queue_worker --since 2h
  medic triage demo                                  replay a real kill, recorded in the lab
  medic triage server1 --json | jq .findings
  medic triage --hosts web,db1 --json                one document a line

exit: 0 nothing wrong, 1 something found, 2 could not look (or nothing found but blind), 64 usage
with --hosts: 2 as soon as one host could not be seen, whatever the others had`

export const define: CommandModule['define'] = (command: Command, action) => {
  command
    .argument('[HOST]', 'a host of `medic hosts`; localhost (the default), demo and lab always exist')
    .option('--hosts <EXPRESSION>', 'many hosts at once: names, groups, patterns, `all`, separated by commas')
    .option('--unit <UNIT>', 'look closely at this unit, whatever else is found')
    .option('--since <DURATION>', 'how far to look back: 90s, 15m, 2h, 1d (default 1d)')
    .option('--runbook <NAME>', 'the procedure to run', 'oom-triage')
    .option('--json', 'print the document medic.diagnosis/1 on standard output')
    .option('--explain', 'say what each kind of finding means, and its look-alikes')
    .option('--accept-new-key', 'trust and remember the key of a host that is not in known_hosts')
    .option('--quiet', 'no progress')
    .addHelpText('after', EXAMPLES)
    .action(
      action(async (host: string | undefined, options: TriageOptions) => {
        if (options.hosts !== undefined) {
          if (host !== undefined) throw new UsageError(`"${host}": expected either a HOST or --hosts, not both`)
          const { runFleetCommand } = await import('../runFleet.ts')
          return runFleetCommand(options.hosts, options)
        }
        const { runTriage } = await import('../runTriage.ts')
        return runTriage(host ?? 'localhost', options)
      }),
    )
}
