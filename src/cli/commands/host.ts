import type { Command } from 'commander'
import type { CommandModule } from '../command.ts'

export const define: CommandModule['define'] = (command: Command, action) => {
  command
    .command('show')
    .description('open checks and trend lines of a host, from what was kept; the host is not asked')
    .argument('<HOST>')
    .option('--json', 'print one JSON document')
    .action(
      action(async (name: string, options: { json?: boolean }) => {
        const { showHost } = await import('../hostHistory.ts')
        return showHost(name, options)
      }),
    )
}
