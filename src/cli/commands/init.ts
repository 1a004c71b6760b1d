import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { ENVIRONMENT } from '../../config.ts'
import { UsageError } from '../../domain/errors.ts'
import type { CommandModule } from '../command.ts'

export const define: CommandModule['define'] = (command: Command, action) => {
  command
    .option('--force', 'replace files that exist')
    .addHelpText(
      'after',
      '\nWrites .env (mode 600) and medic.yaml into the current folder, with every setting explained.',
    )
    .action(
      action(async (options: { force?: boolean }) => {
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

# template: ./postmortem.md.hbs        # your own form of the postmortem

# redact: ["a text that must never leave the hosts"]
`
