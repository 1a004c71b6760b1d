import { ExpectedError, StoreError } from '../domain/errors.ts'

/** The connection broke while a write was on its way: it may have been kept, or not. Safe to repeat only where a repeat is. */
export class WriteLostError extends StoreError {}

/** Nothing was done, and the same call may work in a moment. */
const PASSES = new Set([
  '57P01', // ended by an administrator: a restart
  '57P03', // starting up, or shutting down
  '53300', // too many connections
  '40001', // serialization failure
  '40P01', // deadlock
])
const AWAY = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOENT'])
const BROKEN = /connection terminated|connection error and is not queryable|connect(?:ion)? timeout|timeout expired/i

type Words = readonly [what: string, hint: string]

/** By SQLSTATE (PostgreSQL manual, appendix A) or by the code of Node's socket. */
const WORDS: Readonly<Record<string, Words>> = {
  '28P01': ['the password is refused', 'set the right one in DATABASE_URL, or in a ~/.pgpass'],
  '28000': ['the user is refused', 'look at pg_hba.conf of the database server'],
  '3D000': ['there is no such database', 'create it: createdb --owner medic medic'],
  '42501': ['the user may not do that', 'make it the owner of the database: alter database … owner to …'],
  '25006': ['it can only be read, as a standby', 'name the primary server in DATABASE_URL'],
  '53100': ["the server's disk is full", 'free some space on the database server'],
  '53300': ['it has no connection left', 'raise max_connections, or run fewer processes'],
  '53400': ['a limit of the server is reached', 'look at the log of the database server'],
  '55P03': ['another process holds it', 'wait, or look for a Medic that hangs'],
  '57014': ['it does not answer in time', 'look at the load of the database server'],
  '57P01': ['it is being restarted', 'Medic connects again by itself'],
  '57P02': ['it has crashed', 'look at the log of the database server'],
  '57P03': ['it is starting or stopping', 'Medic connects again by itself'],
  ENOTFOUND: ['there is no host of that name', 'look at the host in DATABASE_URL'],
  EAI_AGAIN: ['the name of its host cannot be looked up', 'look at the name service of this machine'],
  ECONNREFUSED: ['nothing listens there', 'start the database server, or look at host and port in DATABASE_URL'],
  ECONNRESET: ['the connection broke', 'Medic connects again by itself'],
  EPIPE: ['the connection broke', 'Medic connects again by itself'],
  ETIMEDOUT: ['it does not answer', 'look at the network and at firewalls in between'],
  EHOSTUNREACH: ['there is no way to its host', 'look at the network and at firewalls in between'],
  ENETUNREACH: ['there is no way to its host', 'look at the network and at firewalls in between'],
  ENOENT: ['there is no such socket', 'start the database server, or look at host in DATABASE_URL'],
}

export const codeOf = (cause: unknown): string => {
  // Node tries every address of a name and reports all failures together.
  const first = cause instanceof AggregateError ? (cause.errors[0] as unknown) : cause
  const code = (first as { readonly code?: unknown } | null | undefined)?.code
  return typeof code === 'string' ? code : ''
}

/** The connection is of no more use. */
export const isBroken = (cause: unknown): boolean => {
  const code = codeOf(cause)
  return AWAY.has(code) || code.startsWith('57P') || (cause instanceof Error && BROKEN.test(cause.message))
}

/** The server ended the statement before it was done, and says so. An immediate shutdown says nothing about the statement. */
export const isCalledOff = (cause: unknown): boolean =>
  PASSES.has(codeOf(cause)) && !(cause instanceof Error && /immediate|crash/.test(cause.message))

/** Whether it is worth asking again when nothing was done. */
export const mayPass = (cause: unknown): boolean => PASSES.has(codeOf(cause)) || isBroken(cause)

/** One clear line. `where` names server and database, never the password. */
export const explained = (where: string, cause: unknown): unknown => {
  if (cause instanceof ExpectedError) return cause
  const [what, hint] = wordsFor(cause)
  if (what === '') return cause
  return new StoreError(`${where}: ${what}`, { hint, cause })
}

const wordsFor = (cause: unknown): Words => {
  const code = codeOf(cause)
  const known = WORDS[code]
  if (known !== undefined) return known
  const said = String(cause instanceof Error ? cause.message : cause).replace(/\n.*/s, '')
  if (/self.signed|certificate|unable to verify/i.test(said))
    return [
      `its certificate is not trusted (${said})`,
      'add sslrootcert=FILE to DATABASE_URL, with the authority that signed it',
    ]
  if (/does not support SSL/i.test(said))
    return ['it speaks no TLS', 'turn ssl on in the server, or take sslmode out of DATABASE_URL']
  if (/password must be a string|no password/i.test(said))
    return ['it wants a password', 'put it into DATABASE_URL, or into a ~/.pgpass']
  if (BROKEN.test(said)) return ['the connection broke or was not made in time', 'look at the server and the network']
  // Classes 08, 53, 54, 57, 58: the connection, resources, limits, operators, the system. The rest would be bugs of ours.
  if (/^(?:08|53|54|57|58)/.test(code)) return [`it cannot go on (${said})`, 'look at the log of the database server']
  return ['', '']
}
