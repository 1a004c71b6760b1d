import { PublishError } from '../domain/errors.ts'
import { GitError } from './runGit.ts'

interface Meaning {
  readonly pattern: RegExp
  readonly what: string
  readonly hint: string
}

/** What git and ssh print under LC_ALL=C, most telling first. */
const MEANINGS: readonly Meaning[] = [
  {
    pattern: /REMOTE HOST IDENTIFICATION HAS CHANGED|Offending \S+ key/,
    what: 'the host key is not the one that is known; nothing was sent',
    hint: 'ask the owner of the server whether its key changed; if so, put the new one into hostKey or known_hosts',
  },
  {
    pattern: /Host key verification failed|No \S+ host key is known/,
    what: 'the host key is not known',
    hint: 'pin it by hostKey: "ssh-ed25519 AAAA…", or add it to known_hosts after comparing it',
  },
  {
    pattern: /Permission denied \(|Too many authentication failures/,
    what: 'the server refused the key',
    hint: 'check identityFile, and that its public half may write to the repository',
  },
  {
    pattern: /Authentication failed|could not read (?:Username|Password)|error: 401|HTTP 401/,
    what: 'the server refused the token',
    hint: 'check tokenEnv or tokenFile; the token needs the right to write to this repository',
  },
  {
    pattern: /error: 403|HTTP 403|Write access to repository not granted|not allowed to push/i,
    what: 'the token may not write to this repository',
    hint: 'give it the right to write',
  },
  {
    pattern: /redirect/i,
    what: 'the server redirects to another address',
    hint: 'use the address it redirects to; the token is not carried along',
  },
  {
    pattern: /dubious ownership/,
    what: 'the repository belongs to another user',
    hint: 'run Medic as its owner, or use ssh',
  },
  {
    pattern:
      /repository .*not found|does not (?:appear to be a git repository|exist)|error: 404|HTTP 404|not a git repository|Could not read from remote repository/i,
    what: 'there is no such repository, or it may not be seen',
    hint: 'check url; a new GitHub wiki exists only after its first page was made by hand',
  },
]

const NETWORK =
  /Could not resolve host|Couldn't connect|Connection (?:refused|reset|timed out|closed)|Failed to connect|Operation timed out|early EOF|hung up unexpectedly|RPC failed|Empty reply|Network is unreachable|No route to host|transfer closed|Recv failure|Send failure|Broken pipe|too slow|unexpected disconnect|Proxy|HTTP 5\d\d|error: 5\d\d|SSL|gnutls/i

/** The connection was lost or never made: whether a push arrived is not known. */
export const isNetworkFailure = (error: unknown): boolean =>
  error instanceof GitError && (error.timedOut || (NETWORK.test(error.detail) && meaningOf(error.detail) === null))

const TORN =
  /object file .* is empty|bad object|corrupt|unable to read|invalid object|missing (?:blob|tree|commit)|\.lock'?: File exists|bad config|not a git repository: '/i

/** The cache on this machine is broken, by a crash or a full disk. It holds nothing of its own. */
export const isTornCache = (error: unknown): boolean => error instanceof GitError && TORN.test(error.detail)

const meaningOf = (detail: string): Meaning | null => {
  const found = MEANINGS.find(({ pattern }) => pattern.test(detail)) ?? null
  // ssh's last line says the same for every failure; the network's own words tell more.
  return found === MEANINGS.at(-1) && NETWORK.test(detail) ? null : found
}

/** One clear line for what git said about a remote. */
export const explainGit = (where: string, error: unknown): unknown => {
  if (!(error instanceof GitError)) return error
  if (error.timedOut) {
    return new PublishError(`${where}: ${error.detail}`, {
      hint: 'the server or the network hangs; publish again later',
      cause: error,
    })
  }
  const meaning = meaningOf(error.detail)
  if (meaning !== null) {
    return new PublishError(`${where}: ${meaning.what} (${error.detail})`, { hint: meaning.hint, cause: error })
  }
  const network = NETWORK.test(error.detail)
  return new PublishError(`${where}: ${network ? 'cannot be reached' : 'git failed'} (${error.detail})`, {
    ...(network ? { hint: 'check the address and the network; publishing again is safe' } : {}),
    cause: error,
  })
}
