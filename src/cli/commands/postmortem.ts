import type { Command } from 'commander'
import type { CommandModule } from '../command.ts'

export const define: CommandModule['define'] = (command: Command, action) => {
  command
    .argument('<INCIDENT>', 'an incident of `medic incident list`, or `check` to look for open questions')
    .argument('[FILE]', 'with `check`: a Markdown file, or an incident')
    .addHelpText(
      'after',
      '\nPrints the newest draft as Markdown. `medic postmortem check FILE` reports wording, facts without evidence\nand open questions.',
    )
    .action(
      action(async (incident: string, file: string | undefined) => {
        const { checkPostmortem, printPostmortem } = await import('../postmortems.ts')
        return incident === 'check' ? checkPostmortem(file) : printPostmortem(incident)
      }),
    )
}
