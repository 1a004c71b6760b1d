import type { Command } from 'commander'
import { UsageError } from '../../domain/errors.ts'
import type { CommandModule } from '../command.ts'

export const define: CommandModule['define'] = (command: Command, action) => {
  command
    .requiredOption('--site <names...>', 'take the hosts whose `site` in medic.yaml is one of these')
    .option('--concurrency <number>', 'hosts at once for each site', '16')
    .addHelpText(
      'after',
      `
Needs DATABASE_URL: \`serve\`, terminals and workers share their work through Postgres. docs/operations.md shows several sites.

  medic worker --site frankfurt
  medic worker --site frankfurt amsterdam --concurrency 32

exit: 0 stopped by a signal, 2 the database could not be reached, 64 a setting is missing`,
    )
    .action(
      action(async (options: { site: string[]; concurrency: string }) => {
        const concurrency = Number(options.concurrency)
        if (!Number.isInteger(concurrency) || concurrency < 1 || concurrency > 256)
          throw new UsageError(`--concurrency: expected a number from 1 to 256, got "${options.concurrency}"`)
        const { runWorker } = await import('../runWorker.ts')
        return runWorker({ sites: [...new Set(options.site)], concurrency })
      }),
    )
}
