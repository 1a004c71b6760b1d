import type { Command } from 'commander'
import { UsageError } from '../../domain/errors.ts'
import { KINDS } from '../../domain/kind.ts'
import type { CommandModule } from '../command.ts'

export const define: CommandModule['define'] = (command: Command, action) => {
  command.argument('[KIND]', 'a kind of finding; none lists them all').action(
    action(async (name: string | undefined) => {
      const { KIND_TEXTS } = await import('../../domain/kindTexts.ts')
      const { renderKind } = await import('../../render/kinds.ts')
      if (name === undefined) {
        const width = Math.max(...KINDS.map((kind) => kind.length))
        for (const kind of KINDS) process.stdout.write(`${kind.padEnd(width)}  ${KIND_TEXTS[kind].title}\n`)
        return 0
      }
      const kind = KINDS.find((candidate) => candidate === name)
      if (kind === undefined) {
        const { nearest } = await import('../../app/inventory/inventory.ts')
        const near = nearest(name, KINDS)
        throw new UsageError(`unknown kind "${name.slice(0, 60)}"`, {
          hint: near.length > 0 ? `did you mean ${near.join(', ')}?` : '`medic explain` lists them all',
        })
      }
      process.stdout.write(renderKind(kind, process.stdout.columns ?? 100))
      return 0
    }),
  )
}
