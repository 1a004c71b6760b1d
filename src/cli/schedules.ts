import { lastDays } from '../app/scheduleView.ts'
import { escapeTerminal } from '../render/escape.ts'
import { createMedic } from '../wire.ts'

/** `medic schedule list`: nothing is started, only the calendar is read. */
export const listSchedules = async (options: { readonly json?: boolean }): Promise<number> => {
  await using medic = await createMedic({})
  const { digests } = medic.settings.fleet
  const rows = []
  const store = await medic.openStore().catch(() => null)
  for (const digest of digests) {
    const next = await medic.nextRun(digest)
    rows.push({
      ...digest,
      next: new Date(next.atMs).toISOString(),
      nextLocal: next.local,
      last: await lastDays(store, digest.name),
    })
  }
  if (options.json === true) {
    const schedules = rows.map((row) => ({
      name: row.name,
      hosts: row.hosts,
      at: row.at,
      zone: row.zone,
      channel: row.channel ?? null,
      publish: row.publish,
      next: row.next,
      nextLocal: row.nextLocal,
      last: row.last,
    }))
    process.stdout.write(`${JSON.stringify({ schema: 'medic.schedules/1', schedules })}\n`)
    return 0
  }
  if (rows.length === 0) {
    process.stdout.write('no schedules: add `digests:` to medic.yaml, docs/fleet.md shows how\n')
    return 0
  }
  for (const row of rows) {
    process.stdout.write(`${row.name}  next ${row.nextLocal} (${row.zone})  hosts ${row.hosts}\n`)
    for (const day of row.last)
      process.stdout.write(
        `  ${day.localDate}  ${day.state}${day.detail === '' ? '' : `: ${escapeTerminal(day.detail)}`}\n`,
      )
  }
  process.stdout.write('they run while `medic serve` does; a missed night is run late, once\n')
  return 0
}
