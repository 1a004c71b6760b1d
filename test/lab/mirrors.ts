import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'

const APT = '/etc/apt'

interface Source {
  readonly uri: string
  readonly suites: readonly string[]
  readonly components: readonly string[]
}

/**
 * The `deb` lines for mmdebstrap, from wherever this machine gets its own Debian packages. Empty on a machine without a
 * Debian source (Ubuntu, say): mmdebstrap then knows a default of its own.
 */
export const findMirrorLines = (suite: string): string[] => {
  const debian = readSources().filter((source) => source.components.includes('main'))
  const lines = new Set<string>()
  for (const source of debian) {
    const path = source.uri.replace(/\/+$/, '')
    if (path.endsWith('debian-security')) lines.add(`deb ${path} ${suite}-security main`)
    else if (path.endsWith('debian')) {
      lines.add(`deb ${path} ${suite} main`)
      lines.add(`deb ${path} ${suite}-updates main`)
    }
  }
  return [...lines]
}

/** Proxy and validity settings of this machine's apt, which mmdebstrap does not take over by itself. */
export const findAptOptions = async (): Promise<string[]> => {
  const { stdout } = await execa('apt-config', ['dump'], { reject: false })
  return (stdout ?? '')
    .split('\n')
    .filter((line) => /^Acquire::(https?::Proxy|Check-Valid-Until|Check-Date|Retries)\b.* "[^"]+";$/.test(line))
}

const readSources = (): Source[] => {
  const parts = join(APT, 'sources.list.d')
  const files = existsSync(parts) ? readdirSync(parts).map((name) => join(parts, name)) : []
  const sources: Source[] = []
  for (const file of [join(APT, 'sources.list'), ...files]) {
    if (!existsSync(file)) continue
    const text = readFileSync(file, 'utf8')
    if (file.endsWith('.sources')) sources.push(...parseStanzas(text))
    else if (file.endsWith('.list')) sources.push(...parseLines(text))
  }
  return sources
}

/** `deb [options] URI suite component…`, one a line. */
const parseLines = (text: string): Source[] =>
  text.split('\n').flatMap((line) => {
    const match = /^deb\s+(?:\[[^\]]*\]\s+)?(\S+)\s+(\S+)\s+(.+)$/.exec(line.trim())
    if (match === null) return []
    return [{ uri: match[1]!, suites: [match[2]!], components: match[3]!.split(/\s+/) }]
  })

/** The deb822 form: stanzas of `Key: value`, parted by empty lines. */
const parseStanzas = (text: string): Source[] =>
  text
    .split('\n')
    .filter((line) => !line.startsWith('#'))
    .join('\n')
    .split(/\n\s*\n/)
    .flatMap((stanza) => {
      const words = (key: string): string[] =>
        new RegExp(`^${key}:(.*)$`, 'im').exec(stanza)?.[1]?.trim().split(/\s+/) ?? []
      if (!words('Types').includes('deb') || words('Enabled')[0]?.toLowerCase() === 'no') return []
      return words('URIs').map((uri) => ({ uri, suites: words('Suites'), components: words('Components') }))
    })
