import type { Command } from 'commander'
import type { CommandModule } from '../command.ts'

export const define: CommandModule['define'] = (command: Command, action) => {
  command
    .command('list')
    .description('what was recorded, newest first')
    .option('--host <HOST>', 'of one host only')
    .option('--unit <UNIT>', 'of one unit only')
    .option('--limit <N>', 'at most so many', '20')
    .option('--json', 'print one JSON document')
    .action(
      action(async (options: { host?: string; unit?: string; limit: string; json?: boolean }) => {
        const { listIncidents } = await import('../incidents.ts')
        return listIncidents(options)
      }),
    )
  command
    .command('show')
    .description('the verdict of an incident, as its evidence reads today')
    .argument('<INCIDENT>')
    .option('--json', 'print the document medic.diagnosis/1')
    .option('--evidence <ID>', 'print the text of one piece of evidence, such as E4')
    .action(
      action(async (id: string, options: { json?: boolean; evidence?: string }) => {
        const { showIncident } = await import('../incidents.ts')
        return showIncident(id, options)
      }),
    )
  command
    .command('rediagnose')
    .description("diagnose an incident, or a bundle's file, again with today's rules, and say what changed")
    .argument('<INCIDENT|FILE>')
    .option('--json', 'print the document medic.diagnosis/1')
    .option('--postmortem', 'print the postmortem instead of the verdict')
    .action(
      action(async (id: string, options: { json?: boolean; postmortem?: boolean }) => {
        const { rediagnose } = await import('../incidents.ts')
        return rediagnose(id, options)
      }),
    )
  command
    .command('export')
    .description('write an incident with all its evidence as one file (a bundle)')
    .argument('<INCIDENT>')
    .argument('[FILE]', 'name ending in .json or .json.gz; none prints JSON on standard output')
    .action(
      action(async (id: string, file: string | undefined) => {
        const { exportIncident } = await import('../incidents.ts')
        return exportIncident(id, file)
      }),
    )
  command
    .command('import')
    .description('record the incident of a bundle')
    .argument('<FILE>')
    .action(
      action(async (file: string) => {
        const { importIncident } = await import('../incidents.ts')
        return importIncident(file)
      }),
    )
}
