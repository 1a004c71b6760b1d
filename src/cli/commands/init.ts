import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { ENVIRONMENT } from '../../settings/environment.ts'
import { UsageError } from '../../domain/errors.ts'
import type { CommandModule } from '../command.ts'

interface InitOptions {
  readonly force?: boolean
  readonly allScopes?: boolean
  readonly url?: string
}

export const define: CommandModule['define'] = (command: Command, action) => {
  command
    .argument('[WHAT]', '`slack` prints the manifest to create the Slack app from')
    .option('--force', 'replace files that exist')
    .option('--all-scopes', 'slack: also ask for what reads files and threads')
    .option('--url <URL>', 'slack: HTTP mode, the address Slack posts to')
    .addHelpText(
      'after',
      '\nWrites .env (mode 600) and medic.yaml into the current folder, with every setting explained.',
    )
    .action(
      action(async (what: string | undefined, options: InitOptions) => {
        if (what === 'slack') {
          const { printSlackManifest } = await import('../initSlack.ts')
          return printSlackManifest(options)
        }
        if (what !== undefined)
          throw new UsageError(`init: unknown word "${what.slice(0, 60)}"`, { hint: 'medic init slack' })
        for (const [path, text, mode] of [
          ['.env', envText(), 0o600],
          ['medic.yaml', YAML, 0o644],
        ] as const) {
          if (existsSync(path) && options.force !== true) {
            throw new UsageError(`${path} exists already; nothing was written`, { hint: '--force replaces it' })
          }
          await writeFile(path, text, { mode })
          process.stdout.write(`wrote ${path}\n`)
        }
        process.stdout.write('next: add a host to medic.yaml, then `medic doctor all`\n')
        return 0
      }),
    )
}

/** The same text as `.env.example`. */
export const envText = (): string =>
  `# Secrets and process settings of Medic. Everything has a default; nothing here is needed for the terminal.\n\n${Object.entries(
    ENVIRONMENT,
  )
    .map(([name, line]) => `# ${line}\n# ${name}=\n`)
    .join('\n')}`

const YAML = `# Hosts and habits of Medic. Every key is explained in docs/settings.md; a wrong key is an error with its line.
hosts: {}
# hosts:
#   server1:
#     address: 203.0.113.7
#     user: medic
#     identityFile: ~/.ssh/medic
#     # hostKey: "ssh-ed25519 AAAA…"   # pins the key; without it known_hosts decides
#     # jump: bastion
#     sudo: true                       # steps that need it run under sudo -n
#     groups: [web]

# groups:
#   web: ["web-*"]

# policy:                            # who may do what in chat; without it everyone reads and nobody changes
#   - {allow: [read], channels: [C0123456789]}
#   - {allow: [change], usergroups: [S0123456789]}
#   - {allow: [approve], users: [U0123456789], hosts: [web]}
# selfApprove: false                 # true: who asks for a change may approve it; the record says so

# template: ./postmortem.md.hbs        # your own form of the postmortem

# redact: ["a text that must never leave the hosts"]
`
