import { createHash } from 'node:crypto'
import type { ServerHostKeyAlgorithm } from 'ssh2'

/** A public key as it travels and as known_hosts writes it. */
export interface HostKey {
  readonly type: string
  readonly blob: Buffer
}

/** `SHA256:…`, as ssh-keygen prints it. */
export const fingerprint = (blob: Buffer): string =>
  `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`

/** Reads `ssh-ed25519 AAAA… comment`; null when the two words do not say the same type. */
export const parseHostKey = (text: string): HostKey | null => {
  const [type = '', base64 = ''] = text.trim().split(/\s+/)
  const key = hostKeyOfBlob(Buffer.from(base64, 'base64'))
  return key !== null && key.type === type ? key : null
}

/** A key's blob begins with its own type. */
export const hostKeyOfBlob = (blob: Buffer): HostKey | null => {
  if (blob.length < 8) return null
  const length = blob.readUInt32BE(0)
  return length > 0 && length <= 64 && blob.length > 4 + length
    ? { type: blob.subarray(4, 4 + length).toString('latin1'), blob }
    : null
}

/** Preferred first. SHA-1 signatures (`ssh-rsa` as an algorithm) are never offered. */
const ALGORITHMS: readonly (readonly [type: string, algorithms: readonly ServerHostKeyAlgorithm[]])[] = [
  ['ssh-ed25519', ['ssh-ed25519']],
  ['ecdsa-sha2-nistp256', ['ecdsa-sha2-nistp256']],
  ['ecdsa-sha2-nistp384', ['ecdsa-sha2-nistp384']],
  ['ecdsa-sha2-nistp521', ['ecdsa-sha2-nistp521']],
  ['ssh-rsa', ['rsa-sha2-512', 'rsa-sha2-256']],
]

/** What may be offered to a server whose keys of these types are known; null means nothing is known yet. */
export const hostKeyAlgorithms = (types: readonly string[] | null): ServerHostKeyAlgorithm[] =>
  ALGORITHMS.filter(([type]) => types === null || types.includes(type)).flatMap(([, algorithms]) => algorithms)
