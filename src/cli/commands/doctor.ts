import type { Command } from 'commander'
import type { CommandModule } from '../command.ts'

export const define: CommandModule['define'] = (command: Command, action) => {
  command
    .argument('[EXPRESSION]', 'also log in to these hosts: names, groups, patterns, `all`')
    .option('--json', 'print one JSON document')
    .action(
      action(async (expression: string | undefined, options: { json?: boolean }) => {
        const { runDoctor } = await import('../runDoctor.ts')
        return runDoctor(expression, options)
      }),
    )
}
