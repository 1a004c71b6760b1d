import type { Command } from 'commander'
import type { CommandModule } from '../command.ts'

export const define: CommandModule['define'] = (command: Command, action) => {
  command
    .command('list')
    .description('the digests of medic.yaml: next run in its zone, and the last days')
    .option('--json', 'print one JSON document')
    .action(
      action(async (options: { json?: boolean }) => {
        const { listSchedules } = await import('../schedules.ts')
        return listSchedules(options)
      }),
    )
}
