import { createHmac, timingSafeEqual } from 'node:crypto'
import { parseHostKey } from './hostKey.ts'
import type { HostKey } from './hostKey.ts'

/** One usable line of a known_hosts file. */
export interface KnownHost {
  readonly file: string
  readonly line: number
  readonly revoked: boolean
  readonly names: string
  readonly key: HostKey
}

/** Lines that cannot be read are passed over, as OpenSSH does; certificate authorities are of no use to ssh2. */
export const parseKnownHosts = (text: string, file: string): readonly KnownHost[] =>
  text.split('\n').flatMap((raw, index) => {
    const words = raw.trim().split(/\s+/)
    if (raw.trim() === '' || raw.trim().startsWith('#')) return []
    const marker = words[0]?.startsWith('@') === true ? words.shift() : undefined
    if (marker !== undefined && marker !== '@revoked') return []
    const [names = '', ...rest] = words
    const key = parseHostKey(rest.join(' '))
    return key === null ? [] : [{ file, line: index + 1, revoked: marker === '@revoked', names, key }]
  })

/** The name under which known_hosts lists a host: the port is part of it unless it is 22. */
export const knownHostsName = (name: string, port: number): string =>
  port === 22 ? name.toLowerCase() : `[${name.toLowerCase()}]:${port}`

/** Does this line speak of the host? A negated pattern beats all others; a hashed name stands alone. */
export const listsHost = (known: KnownHost, name: string): boolean => {
  if (known.names.startsWith('|')) return isHashOf(known.names, name)
  const patterns = known.names.toLowerCase().split(',')
  const negated = patterns.some((pattern) => pattern.startsWith('!') && fits(pattern.slice(1), name))
  return !negated && patterns.some((pattern) => !pattern.startsWith('!') && fits(pattern, name))
}

/** `|1|salt|hash`: HMAC-SHA1 of the name under the salt. */
const isHashOf = (text: string, name: string): boolean => {
  const [, version, salt = '', hash = ''] = text.split('|')
  if (version !== '1') return false
  const expected = Buffer.from(hash, 'base64')
  const actual = createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest()
  return expected.length === actual.length && timingSafeEqual(expected, actual)
}

/** `*` and `?` of ssh patterns; linear, because a file may hold anything. */
const fits = (pattern: string, name: string): boolean => {
  let at = 0
  let pos = 0
  let star = -1
  let starAt = 0
  while (at < name.length) {
    if (pattern[pos] === '*') {
      star = pos
      starAt = at
      pos += 1
    } else if (pos < pattern.length && (pattern[pos] === '?' || pattern[pos] === name[at])) {
      at += 1
      pos += 1
    } else if (star >= 0) {
      starAt += 1
      at = starAt
      pos = star + 1
    } else return false
  }
  return pattern.slice(pos).replaceAll('*', '') === ''
}
