import type { Command } from 'commander'
import type { CommandModule } from '../command.ts'

const EXAMPLES = `
examples:
  dmesg | medic diagnose -
  medic diagnose /var/log/kern.log app.log
  medic diagnose /var/log/kern.log.2.gz
  journalctl -k -o export | medic diagnose - --json

No host is asked. Several files are read as one trouble, and each proof says in which of them it stands.
Lines are counted as given, so that every proof can be found again.`

interface Options {
  readonly json?: boolean
  readonly explain?: boolean
}

export const define: CommandModule['define'] = (command: Command, action) => {
  command
    .argument(
      '[FILE...]',
      'logs, dmesgs, journal exports or a pasted mess, plain, .gz or .zst; `-` is standard input (default)',
    )
    .option('--json', 'print the document medic.diagnosis/1')
    .option('--explain', 'say what each kind of finding means, and its look-alikes')
    .addHelpText('after', EXAMPLES)
    .action(
      action(async (files: readonly string[], options: Options) => {
        const { runDiagnose } = await import('../runDiagnose.ts')
        return runDiagnose(files.length === 0 ? ['-'] : files, options)
      }),
    )
}
