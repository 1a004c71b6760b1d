import { UNITS_SHOWN, readHostHistory, trendLines } from '../app/trend/hostHistory.ts'
import type { TrendLine } from '../app/trend/hostHistory.ts'
import { escapeTerminal } from '../render/escape.ts'
import { growthText } from '../render/digest/digestWords.ts'
import { formatBytes } from '../render/format.ts'
import { sparkline } from '../render/sparkline.ts'
import { createMedic } from '../wire.ts'

/** `medic host show`: open checks and trend lines. */
export const showHost = async (name: string, options: { readonly json?: boolean }): Promise<number> => {
  await using medic = await createMedic({})
  const host = medic.inventory.find(name)
  const history = await readHostHistory(await medic.openStore(), host.name, Date.now())
  const trends = trendLines(history.samples)
  if (options.json === true) {
    const { machine, open, series } = history
    const lastSeen = machine === null ? null : new Date(machine.lastSeenMs).toISOString()
    process.stdout.write(
      `${JSON.stringify({ schema: 'medic.host/1', host: host.name, lastSeen, bootId: machine?.bootId ?? null, open, trends, growing: series.growing, unforecast: series.unforecast })}\n`,
    )
    return 0
  }
  const out: string[] = []
  if (history.machine === null) {
    out.push(`${host.name}: nothing is kept yet; \`medic digest --hosts ${host.name}\` begins`)
  } else {
    out.push(
      `${host.name}: last seen ${new Date(history.machine.lastSeenMs).toISOString().slice(0, 16).replace('T', ' ')} UTC`,
    )
    out.push('', 'Open')
    if (history.open.length === 0) out.push('  nothing')
    for (const { object, text, threshold, sinceMs, level } of history.open)
      out.push(
        escapeTerminal(
          `  ${level}  ${object === 'host' ? '' : `${object}: `}${text} (${threshold}), since ${new Date(sinceMs).toISOString().slice(0, 10)}`,
        ),
      )
    out.push('', ...trendText(trends, history.samples.length))
    for (const growth of history.series.growing) out.push(`  ${escapeTerminal(growthText(growth))}`)
    if (history.series.unforecast !== null) out.push(`  no forecast: ${history.series.unforecast}`)
  }
  process.stdout.write(`${out.join('\n')}\n`)
  return 0
}

const trendText = (trends: readonly TrendLine[], samples: number): readonly string[] => {
  if (trends.length === 0) return ['Trend: no samples; `medic serve` takes one every 15 minutes']
  const units = trends.filter(({ name }) => name.startsWith('unit-memory:')).slice(0, UNITS_SHOWN)
  const shown = [...trends.filter(({ name }) => !name.startsWith('unit-memory:')), ...units]
  const width = Math.max(...shown.map(({ name }) => name.length))
  return [
    `Trend (${samples} sample${samples === 1 ? '' : 's'}, at most 7 days)`,
    ...shown.map(({ name, points, first, last, unit }) => {
      const word = (value: number): string => (unit === 'bytes' ? formatBytes(Math.round(value)) : value.toFixed(2))
      return escapeTerminal(`  ${name.padEnd(width)}  ${sparkline(points)}  ${word(first)} to ${word(last)}`)
    }),
  ]
}
