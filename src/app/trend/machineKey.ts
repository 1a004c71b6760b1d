import type { FactView } from '../../parsers/facts.ts'
import { sha256 } from '../hash.ts'

/**
 * A machine id should not leave its host (machine-id(5)), so only its hash is kept. Cloned machines share an id and a
 * replaced one shares its name: both together tell them apart.
 */
export const machineKey = (facts: FactView, host: string): string => {
  const text = facts.evidence.find((item) => item.command === '/etc/machine-id')?.result.stdout.trim() ?? ''
  return /^[0-9a-f]{32}$/.test(text) ? `${sha256(`medic ${text}`).slice(0, 16)}/${host}` : `name/${host}`
}
