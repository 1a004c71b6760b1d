import type { Command } from 'commander'
import type { CommandModule } from '../command.ts'

const EXAMPLES = `
examples:
  medic triage                                       this machine
  medic triage server1 --unit queue_worker --since 2h
  medic triage demo                                  replay a real kill, recorded in the lab
  medic triage server1 --json | jq .findings

exit: 0 nothing wrong, 1 something found, 2 could not look (or nothing found but blind), 64 usage`

export interface TriageOptions {
  readonly unit?: string
  readonly since?: string
  readonly runbook: string
  readonly json?: boolean
  readonly acceptNewKey?: boolean
  readonly explain?: boolean
  readonly quiet?: boolean
}

export const define: CommandModule['define'] = (command: Command, action) => {
  command
    .argument('[HOST]', 'a host of `medic hosts`; localhost, demo and lab always exist', 'localhost')
    .option('--unit <UNIT>', 'look closely at this unit, whatever else is found')
    .option('--since <DURATION>', 'how far to look back: 90s, 15m, 2h, 1d (default 1d)')
    .option('--runbook <NAME>', 'the procedure to run', 'oom-triage')
    .option('--json', 'print the document medic.diagnosis/1 on standard output')
    .option('--explain', 'say what each kind of finding means, and its look-alikes')
    .option('--accept-new-key', 'trust and remember the key of a host that is not in known_hosts')
    .option('--quiet', 'no progress')
    .addHelpText('after', EXAMPLES)
    .action(
      action(async (host: string, options: TriageOptions) => {
        const { runTriage } = await import('../runTriage.ts')
        return runTriage(host, options)
      }),
    )
}
