import type { Command } from 'commander'
import type { CommandModule } from '../command.ts'

export const define: CommandModule['define'] = (command: Command, action) => {
  command
    .addHelpText(
      'after',
      `
Needs SLACK_BOT_TOKEN, and SLACK_APP_TOKEN (Socket Mode) or SLACK_SIGNING_SECRET (HTTP mode), in the environment or .env.
\`medic init slack\` prints the manifest to create the app from; docs/slack.md leads through it.

exit: 0 stopped by a signal, 2 Slack could not be reached or refused, 64 a setting is missing, 70 a bug of ours`,
    )
    .action(
      action(async () => {
        const { runServe } = await import('../runServe.ts')
        return runServe()
      }),
    )
}
