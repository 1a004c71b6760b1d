import type { Command } from 'commander'
import type { CommandModule } from '../command.ts'
import type { DigestOptions } from '../runDigest.ts'

const EXAMPLES = `
examples:
  medic digest                              every host of medic.yaml
  medic digest --hosts web --publish        and a page at every target
  medic digest --hosts web --page night.md  the full report as Markdown

exit: 0 nothing open, 1 something open or growing, 2 a host could not be seen`

export const define: CommandModule['define'] = (command: Command, action) => {
  command
    .option('--hosts <EXPRESSION>', 'names, groups, patterns, `all`, separated by commas', 'all')
    .option('--name <NAME>', 'which digests it follows (default: one of medic.yaml with these hosts, else the hosts)')
    .option('--publish [TARGETS]', 'write the page at these targets of medic.yaml, separated by commas; none means all')
    .option('--page <FILE>', 'write the full report as Markdown')
    .option('--json', 'print the document medic.digest/1')
    .option('--quiet', 'no progress')
    .addHelpText('after', EXAMPLES)
    .action(
      action(async (options: DigestOptions) => {
        const { runDigest } = await import('../runDigest.ts')
        return runDigest(options)
      }),
    )
}
