import type { Command } from 'commander'
import type { CommandModule } from '../command.ts'
import type { PostmortemOptions } from '../postmortems.ts'

export const define: CommandModule['define'] = (command: Command, action) => {
  command
    .argument('<INCIDENT>', 'an incident of `medic incident list`, or `check` to look for open questions')
    .argument('[FILE]', 'with `check`: a Markdown file, or an incident')
    .option('--publish [NAME...]', 'create or update the page at these targets of medic.yaml; without a name at all')
    .option('--dry-run', 'with --publish: show what would change, write nothing')
    .option('--html <FILE>', 'write the draft as one page that stands alone')
    .option('--status <STATE>', 'move the page to draft, in-review, reviewed or closed')
    .addHelpText(
      'after',
      '\nPrints the newest draft as Markdown. `medic postmortem check INC` reports wording, facts without evidence and\nopen questions, on the wiki when the page was published. Publishing again never touches what people wrote.\n\nexamples:\n  medic postmortem INC --publish           every target\n  medic postmortem INC --publish wiki --dry-run\n  medic postmortem INC --status in-review',
    )
    .action(
      action(async (incident: string, file: string | undefined, options: PostmortemOptions) => {
        const { runPostmortem } = await import('../postmortems.ts')
        return runPostmortem(incident, file, options)
      }),
    )
}
