import { PublishError } from '../domain/errors.ts'

/** A repository's address, checked: nothing of it can be an option, a command or a password. */
export type GitRemote =
  | { readonly kind: 'path'; readonly url: string }
  | { readonly kind: 'http'; readonly url: string; readonly host: string; readonly path: string }
  | {
      readonly kind: 'ssh'
      readonly url: string
      readonly user: string | null
      readonly host: string
      readonly port: number | null
    }

const HOST = /^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])$/
const USER = /^[A-Za-z0-9_][A-Za-z0-9._-]*$/
const PATH = /^[A-Za-z0-9._~/+@-]+$/
/** `git@host:team/ops.wiki.git` */
const SCP = /^(?:([^@:/\s]+)@)?([^@:/\s]+):(?!\/\/)([^\s]+)$/

/** Reads `url`; a path is taken relative to medic.yaml by `resolvePath`. Throws PublishError. */
export const parseRemote = (text: string, resolvePath: (path: string) => string): GitRemote => {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return parseUrl(text)
  if (/^[~./]/.test(text)) return { kind: 'path', url: resolvePath(text) }
  const [, user, host = '', path = ''] = SCP.exec(text) ?? []
  if (host === '') throw wrong(text)
  return sshRemote(text, { user: user ?? null, host, port: null, path, url: text })
}

const parseUrl = (text: string): GitRemote => {
  const url = URL.parse(text)
  if (url === null || url.search !== '' || url.hash !== '') throw wrong(text)
  if (url.password !== '' || (url.username !== '' && url.protocol !== 'ssh:')) {
    throw new PublishError(`${shown(url.host)}: the address holds a name or password, which git would show and store`, {
      hint: 'take it out, and name a variable by tokenEnv or a file by tokenFile',
    })
  }
  if (url.protocol === 'ssh:') {
    return sshRemote(text, {
      user: url.username === '' ? null : url.username,
      host: url.hostname,
      port: url.port === '' ? null : Number(url.port),
      path: url.pathname,
      url: text,
    })
  }
  if (url.protocol === 'file:' && url.host === '') return { kind: 'path', url: decodeURIComponent(url.pathname) }
  if (!['https:', 'http:'].includes(url.protocol) || !HOST.test(url.hostname)) throw wrong(text)
  if (url.protocol === 'http:' && !/^(?:127\.\d+\.\d+\.\d+|localhost|\[::1\])$/.test(url.hostname)) {
    throw new PublishError(`"${shown(text)}": http would send the token in the clear`, { hint: 'use https' })
  }
  return { kind: 'http', url: url.href, host: url.host, path: url.pathname }
}

const sshRemote = (
  text: string,
  parts: { user: string | null; host: string; port: number | null; path: string; url: string },
): GitRemote => {
  if (!HOST.test(parts.host) || (parts.user !== null && !USER.test(parts.user)) || !PATH.test(parts.path))
    throw wrong(text)
  return { kind: 'ssh', url: parts.url, user: parts.user, host: parts.host, port: parts.port }
}

const wrong = (text: string): PublishError =>
  new PublishError(`"${shown(text)}": is no address of a repository`, {
    hint: 'expected https://host/team/ops.wiki.git, git@host:team/ops.wiki.git, ssh://git@host:22/team/ops.wiki.git or a path',
  })

const shown = (text: string): string => text.replace(/[^\x20-\x7e]/g, '?').slice(0, 120)

/** Where people read the wiki of a known forge; null when only its owner knows. */
export const guessedAddress = (remote: GitRemote): string | null => {
  if (remote.kind === 'path' || !remote.url.endsWith('.wiki.git')) return null
  const path =
    remote.kind === 'http' ? remote.path : (/[:/]([^:]+)$/.exec(remote.url.replace(/^ssh:\/\/[^/]+/, ''))?.[1] ?? '')
  const project = path.replace(/^\//, '').replace(/\.wiki\.git$/, '')
  const host = remote.host.replace(/:\d+$/, '')
  if (host === 'github.com') return `https://github.com/${project}/wiki/{page}`
  if (host === 'gitlab.com') return `https://gitlab.com/${project}/-/wikis/{page}`
  return null
}
