import type { FactView } from '../../parsers/facts.ts'

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000

export interface RebootWanted {
  readonly isWanted: boolean
  readonly hours: number
  readonly text: string
}

/** Whether the step `reboot-wanted` says so, and since when; null when it did not run. */
export const rebootWantedHours = (facts: FactView, nowMs: number): RebootWanted | null => {
  const step = facts.evidence.find((item) => item.step === 'reboot-wanted')
  if (step?.result.outcome !== 'exited') return null
  const { stdout, exitCode } = step.result
  // `ls -ld` prints the time without a year for the last half year, else the year without a time.
  const listed =
    /^\S+\s+\d+\s+\S+\s+\S+\s+\d+ ([A-Z][a-z]{2}) {1,2}(\d{1,2}) {1,2}(\d\d:\d\d|\d{4}) \/var\/run\/reboot-required/m.exec(
      stdout,
    )
  if (listed !== null) {
    const atMs = listedAtMs(listed[1] ?? '', listed[2] ?? '', listed[3] ?? '', nowMs)
    const hours = atMs === null ? 0 : Math.max(0, (nowMs - atMs) / HOUR_MS)
    return { isWanted: true, hours, text: `a reboot is wanted for ${age(hours)}` }
  }
  // dnf's needs-restarting: 1 means yes. Since when it does not say; the first digest that sees it begins to count.
  if (/Reboot is required/i.test(stdout) || (exitCode === 1 && !stdout.startsWith('#')))
    return { isWanted: true, hours: 13, text: 'a reboot is wanted' }
  return { isWanted: false, hours: 0, text: '' }
}

const age = (hours: number): string => (hours < 48 ? `${Math.floor(hours)} h` : `${Math.floor(hours / 24)} days`)

const listedAtMs = (month: string, day: string, rest: string, nowMs: number): number | null => {
  const year = new Date(nowMs).getUTCFullYear()
  const text = rest.includes(':') ? `${day} ${month} ${year} ${rest} UTC` : `${day} ${month} ${rest} 00:00 UTC`
  const atMs = Date.parse(text)
  if (Number.isNaN(atMs)) return null
  // December's file read in January.
  return atMs > nowMs + DAY_MS ? Date.parse(`${day} ${month} ${year - 1} ${rest} UTC`) : atMs
}

export interface Certificate {
  readonly path: string
  readonly days: number
}

/** `/etc/…/cert.pem notAfter=May  5 12:00:00 2027 GMT`, one a line. */
export const certificatesOf = (text: string, nowMs: number): readonly Certificate[] => {
  const certificates = new Map<string, Certificate>()
  for (const line of text.split('\n')) {
    const match = /^(\/\S{1,300}) notAfter=([A-Z][a-z]{2} {1,2}\d{1,2} \d\d:\d\d:\d\d \d{4} GMT)\s*$/.exec(line)
    const atMs = Date.parse(match?.[2] ?? '')
    if (match?.[1] === undefined || Number.isNaN(atMs)) continue
    certificates.set(match[1], { path: match[1], days: (atMs - nowMs) / DAY_MS })
  }
  return [...certificates.values()]
}
