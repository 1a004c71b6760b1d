import type { Command } from 'commander'
import type { CommandModule } from '../command.ts'

export const define: CommandModule['define'] = (command: Command, action) => {
  command
    .argument('[EXPRESSION]', 'names, groups, patterns, `all`, separated by commas')
    .option('--json', 'print one JSON document')
    .action(
      action(async (expression: string | undefined, options: { json?: boolean }) => {
        const { createMedic } = await import('../../wire.ts')
        await using medic = await createMedic({})
        const hosts = expression === undefined ? medic.inventory.list() : medic.inventory.select(expression)
        if (options.json === true) {
          const rows = hosts.map((host) => ({
            name: host.name,
            transport: host.transport,
            address: host.ssh?.address ?? null,
            port: host.ssh?.port ?? null,
            user: host.ssh?.user ?? null,
            site: host.site,
            groups: host.groups,
            tags: host.tags,
          }))
          process.stdout.write(`${JSON.stringify({ schema: 'medic.hosts/1', hosts: rows })}\n`)
          return 0
        }
        if (hosts.length === 0) {
          process.stdout.write(
            'no hosts yet: add them to medic.yaml (`medic init`) or to ~/.ssh/config; localhost, demo and lab always exist\n',
          )
          return 0
        }
        const width = Math.max(...hosts.map((host) => host.name.length))
        for (const host of hosts) {
          const way = host.ssh === null ? host.transport : `${host.ssh.user}@${host.ssh.address}:${host.ssh.port}`
          const groups = host.groups.length > 0 ? `  [${host.groups.join(', ')}]` : ''
          process.stdout.write(`${host.name.padEnd(width)}  ${way}${groups}\n`)
        }
        return 0
      }),
    )
}
