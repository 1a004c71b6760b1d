import type { Command } from 'commander'
import type { CommandModule } from '../command.ts'

const EXAMPLES = `
examples:
  dmesg | medic diagnose -
  medic diagnose /var/log/kern.log
  journalctl -k -o export | medic diagnose - --json

No host is asked. Lines are counted as given, so that every proof can be found again.`

interface Options {
  readonly json?: boolean
  readonly explain?: boolean
}

export const define: CommandModule['define'] = (command: Command, action) => {
  command
    .argument('[FILE]', 'a log, a dmesg, a journal export or a pasted mess; `-` is standard input', '-')
    .option('--json', 'print the document medic.diagnosis/1')
    .option('--explain', 'say what each kind of finding means, and its look-alikes')
    .addHelpText('after', EXAMPLES)
    .action(
      action(async (file: string, options: Options) => {
        const { runDiagnose } = await import('../runDiagnose.ts')
        return runDiagnose(file, options)
      }),
    )
}
