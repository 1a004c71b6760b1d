import { rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { z } from 'zod'
import { PublishError } from '../domain/errors.ts'
import { gitAccess } from './gitAccess.ts'
import type { GitLogin } from './gitAccess.ts'
import { explainGit, isNetworkFailure, isTornCache } from './gitFailure.ts'
import { guessedAddress, parseRemote } from './gitRemote.ts'
import { fetchBase, pushCommit } from './gitSync.ts'
import type { GitPlace } from './gitSync.ts'
import { gitTree, writeCommit } from './gitTree.ts'
import { layoutShape } from './layout.ts'
import type { Layout } from './layout.ts'
import { withLock } from './lock.ts'
import { findIncidentPage, planPublication } from './plan.ts'
import type { Plan } from './plan.ts'
import type { Publication, Published, Publisher, PublishOptions, PublisherTools } from './publisher.ts'
import { gitIn } from './runGit.ts'
import type { Git } from './runGit.ts'
import { MOST_TRIES } from './tree.ts'

const oneLine = z.string().regex(/^[^\s<>][^<>\p{C}]{0,120}$/u, 'expected one line without < and >')

/** A repository: the wiki of GitHub, GitLab, Gitea, Forgejo, gollum or gitit, or plain documents. */
export const gitSettings = z.strictObject({
  kind: z.literal('git'),
  name: z.string().regex(/^[a-z0-9](?:[a-z0-9._-]{0,60}[a-z0-9])?$/, 'expected a name of a-z 0-9 . _ -'),
  url: z.string().superRefine((text, context) => {
    try {
      parseRemote(text, (path) => path)
    } catch (error) {
      const { message, hint } = error as PublishError
      context.addIssue({ code: 'custom', message: hint === null ? message : `${message}; ${hint}` })
    }
  }),
  branch: z
    .string()
    .regex(/^(?!.*(?:\.\.|\/\/|\.lock$|\/$))[A-Za-z0-9_][A-Za-z0-9._/-]{0,200}$/, 'expected the name of a branch')
    .default('master'),
  /** `push` writes to the branch; `branch` writes to one of its own, to be reviewed. */
  mode: z.enum(['push', 'branch']).default('push'),
  user: z
    .string()
    .regex(/^[\x21-\x39\x3b-\x7e]{1,100}$/, 'expected a name without a colon')
    .default('medic'),
  tokenEnv: z
    .string()
    .regex(/^[A-Z][A-Z0-9_]{2,80}$/, 'expected the name of a variable, such as WIKI_TOKEN; never the token itself')
    .optional(),
  tokenFile: z.string().min(1).optional(),
  identityFile: z.string().min(1).optional(),
  hostKey: z
    .string()
    .regex(/^(?:ssh|ecdsa|sk)-[a-z0-9@.-]+ [A-Za-z0-9+/=]+$/, 'expected a public key as in known_hosts')
    .optional(),
  knownHosts: z.string().min(1).optional(),
  author: z.strictObject({ name: oneLine, email: oneLine }).default({ name: 'Medic', email: 'medic@localhost' }),
  ...layoutShape,
})

export type GitSettings = z.infer<typeof gitSettings>

export const createGitPublisher = (settings: GitSettings, tools: PublisherTools): Publisher => {
  const remote = parseRemote(settings.url, (path) => resolve(tools.base, path.replace(/^~(?=\/|$)/, tools.userHome)))
  const layout: Layout = {
    folder: settings.folder,
    extension: settings.extension,
    links: settings.links ?? (settings.url.endsWith('.wiki.git') ? 'wiki' : 'file'),
    address: settings.address ?? guessedAddress(remote),
  }
  const folder = join(tools.home, 'publish', `${settings.name}-${tools.hash(remote.url).slice(0, 12)}`)
  const where = `${settings.name}: ${remote.url}`
  const login: GitLogin = {
    user: settings.user,
    tokenEnv: settings.tokenEnv ?? null,
    tokenFile: settings.tokenFile ?? null,
    identityFile: settings.identityFile ?? null,
    hostKey: settings.hostKey ?? null,
    knownHosts: settings.knownHosts ?? null,
  }
  const repository = join(folder, 'repository.git')

  const prepared = async (signal: AbortSignal): Promise<Git> => {
    const git = gitIn(repository, await gitAccess(remote, login, folder, tools), tools.environment, signal)
    await git(['init', '--quiet', '--bare', '--template=', '--shared=group'])
    return git
  }

  /** One at a time, with a cache that is there; whatever git says ends as one clear line. */
  const work = <Value>(signal: AbortSignal, action: (git: Git) => Promise<Value>): Promise<Value> =>
    withLock(join(folder, 'lock'), signal, async () => {
      try {
        try {
          return await action(await prepared(signal))
        } catch (error) {
          if (!isTornCache(error)) throw error
          await rm(repository, { recursive: true, force: true })
          return await action(await prepared(signal))
        }
      } catch (error) {
        throw explainGit(where, error)
      }
    })

  const place: GitPlace = { url: remote.url, branch: settings.branch, where, whole: settings.mode === 'branch' }

  return {
    name: settings.name,
    kind: 'git',
    // Two reviews that touch one index would only collide.
    index: settings.mode === 'branch' || settings.index === 'none' ? null : settings.index,

    check: (signal) =>
      work(signal, async (git) => {
        const base = await fetchBase(git, place, settings.branch)
        if (base === null) return `${remote.url} is empty; the first page starts branch ${settings.branch}`
        const target = settings.mode === 'branch' ? 'medic/check' : settings.branch
        await pushCommit(git, place, { commit: base, branch: target, dryRun: true })
        return `${remote.url}, branch ${settings.branch} at ${base.slice(0, 12)}, can be written`
      }),

    findPage: (incident, signal) =>
      work(signal, async (git) => {
        const review = settings.mode === 'branch' ? await fetchBase(git, place, reviewBranch(incident)) : null
        const commit = review ?? (await fetchBase(git, place, settings.branch))
        return findIncidentPage(gitTree(git, commit, layout.extension), incident, layout)
      }),

    publish: (publication, options, signal) =>
      work(signal, (git) => publishTo({ git, place, settings, layout, repository, tools }, publication, options)),
  }
}

interface Session {
  readonly git: Git
  readonly place: GitPlace
  readonly settings: GitSettings
  readonly layout: Layout
  readonly repository: string
  readonly tools: PublisherTools
}

const publishTo = async (session: Session, publication: Publication, options: PublishOptions): Promise<Published> => {
  const { git, place, layout, tools, settings } = session
  const branch = settings.mode === 'branch' ? reviewBranch(publication.pages[0]?.name ?? 'pages') : settings.branch
  /** What a lost connection may have delivered all the same. */
  let inDoubt: { readonly commit: string; readonly plan: Plan } | null = null
  for (let tries = 1; tries <= MOST_TRIES; tries += 1) {
    const base = await baseOf(session, branch).catch((error: unknown) => {
      throw inDoubt === null || !isNetworkFailure(error) ? error : lostInPush(place, error)
    })
    if (inDoubt !== null && base === inDoubt.commit) return outcomeOf(inDoubt.plan, base, branch, settings)
    const plan = await planPublication(gitTree(git, base, layout.extension), publication, layout, tools.hash)
    if (options.dryRun || plan.changes.length === 0) return outcomeOf(plan, null, branch, settings)
    const commit = await writeCommit(
      git,
      base,
      plan.changes,
      { message: messageOf(publication, plan), authorName: settings.author.name, authorEmail: settings.author.email },
      join(session.repository, 'medic-index'),
    )
    try {
      if ((await pushCommit(git, place, { commit, branch, dryRun: false })) === 'pushed')
        return outcomeOf(plan, commit, branch, settings)
      inDoubt = null
    } catch (error) {
      if (!isNetworkFailure(error) || inDoubt !== null) throw error
      inDoubt = { commit, plan }
    }
    // Two bots that lost against each other must not meet again at once.
    await wait(50 + Math.random() * 200 * tries)
  }
  throw new PublishError(
    `${place.where}: somebody else pushed ${MOST_TRIES} times in between; nothing was overwritten`,
    {
      hint: 'publish again when it is quieter there',
    },
  )
}

const lostInPush = ({ where }: GitPlace, cause: unknown): PublishError =>
  new PublishError(`${where}: the connection was lost while pushing; whether the page arrived is not known`, {
    hint: 'publish again when the network is back: what arrived is found there, nothing is written twice',
    cause,
  })

const reviewBranch = (name: string): string => `medic/${name.replaceAll(/[^A-Za-z0-9_-]+/g, '-')}`

/** A review that is still open goes on; one that was merged starts anew from where the pages are now. */
const baseOf = async ({ git, place, settings }: Session, branch: string): Promise<string | null> => {
  if (branch === settings.branch) return fetchBase(git, place, branch)
  const main = await fetchBase(git, place, settings.branch)
  const review = await fetchBase(git, place, branch)
  if (review === null || main === null) return review ?? main
  const merged = await git(['merge-base', '--is-ancestor', review, main], { accept: [1] })
  return merged.exitCode === 0 ? main : review
}

const messageOf = (publication: Publication, plan: Plan): string => {
  const lines = plan.pages
    .filter((page) => page.outcome !== 'unchanged')
    .map((page) => {
      const written = page.regions.filter((region) => region.outcome === 'written').map((region) => region.name)
      return `${page.path}: ${page.outcome}; ${written.length === 0 ? 'no region' : written.join(', ')}`
    })
  if (plan.assets.length > 0) lines.push(`${plan.assets.length} file${plan.assets.length === 1 ? '' : 's'} beside it`)
  return `${publication.subject}\n\n${lines.join('\n')}\n`
}

const outcomeOf = (plan: Plan, revision: string | null, branch: string, settings: GitSettings): Published => ({
  pages: plan.pages,
  assets: plan.assets,
  revision,
  diff: plan.diff,
  notes:
    settings.mode === 'branch' && plan.changes.length > 0
      ? [...plan.notes, `on branch ${branch}, to be reviewed and merged into ${settings.branch}`]
      : plan.notes,
})
