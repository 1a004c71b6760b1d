import { createHash } from 'node:crypto'
import { canonicalJson } from '../domain/canonicalJson.ts'

/** Lower-case hexadecimal SHA-256 of a text; handed to the pure rooms, which may not import it. */
export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

/** The same value gives the same hash, whatever the order of its keys. */
export const hashOf = (value: unknown): string => sha256(canonicalJson(value))
