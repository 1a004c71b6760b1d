import type { Command } from 'commander'
import { UsageError } from '../../domain/errors.ts'
import type { CommandModule } from '../command.ts'

export const define: CommandModule['define'] = (command: Command, action) => {
  command
    .command('list')
    .description('runs on one host or many, newest first')
    .option('--json', 'print one JSON document')
    .option('--limit <COUNT>', 'how many', '20')
    .action(
      action(async (options: { json?: boolean; limit: string }) => {
        const { listRuns } = await import('../runs.ts')
        return listRuns({ ...options, limit: countOf(options.limit) })
      }),
    )
  command
    .command('show')
    .description('how far a run is, host by host')
    .argument('<RUN>')
    .option('--json', 'print the document medic.run/1')
    .action(
      action(async (id: string, options: { json?: boolean }) => {
        const { showRun } = await import('../runs.ts')
        return showRun(id, options)
      }),
    )
  command
    .command('resume')
    .description('take up a run that was interrupted or cancelled: hosts with a result keep it')
    .argument('<RUN>')
    .option('--json', 'print one document medic.diagnosis/1 a host and line')
    .option('--quiet', 'no progress')
    .action(
      action(async (id: string, options: { json?: boolean; quiet?: boolean }) => {
        const { resumeRun } = await import('../runs.ts')
        return resumeRun(id, options)
      }),
    )
  command
    .command('cancel')
    .description('stop a run, wherever it goes on; what arrived is kept')
    .argument('<RUN>')
    .option('--json', 'print the document medic.run/1')
    .action(
      action(async (id: string, options: { json?: boolean }) => {
        const { stopRun } = await import('../runs.ts')
        return stopRun(id, options)
      }),
    )
}

const countOf = (text: string): number => {
  const count = /^\d{1,4}$/.test(text) ? Number(text) : 0
  if (count < 1) throw new UsageError(`--limit: expected a number from 1 to 9999, got "${text.slice(0, 40)}"`)
  return count
}
