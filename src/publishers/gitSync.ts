import { PublishError } from '../domain/errors.ts'
import { GitError } from './runGit.ts'
import type { Git } from './runGit.ts'

/** A remote as git is told about it. */
export interface GitPlace {
  readonly url: string
  readonly branch: string
  /** How messages call it. */
  readonly where: string
  /** Fetch the whole history, which telling a merged branch needs; else the newest commit alone. */
  readonly whole: boolean
}

/** A wiki of years comes through in this time on a slow line; arbitrary. */
const NETWORK_TIMEOUT_MS = 120_000

/** The newest commit of a branch, null when the repository is empty or a branch to be reviewed is not there. */
export const fetchBase = async (git: Git, place: GitPlace, branch: string): Promise<string | null> => {
  const ref = `refs/medic/${branch}`
  const depth = place.whole ? [] : ['--depth=1']
  try {
    await git(
      ['fetch', '--quiet', '--no-tags', '--no-write-fetch-head', ...depth, place.url, `+refs/heads/${branch}:${ref}`],
      {
        timeoutMs: NETWORK_TIMEOUT_MS,
      },
    )
  } catch (error) {
    if (!(error instanceof GitError) || !/couldn't find remote ref/i.test(error.detail)) throw error
    if (branch === place.branch) await mustBeEmpty(git, place)
    return null
  }
  return (await git(['rev-parse', '--verify', `${ref}^{commit}`])).stdout.toString('utf8').trim()
}

const mustBeEmpty = async (git: Git, place: GitPlace): Promise<void> => {
  const { stdout } = await git(['ls-remote', '--heads', place.url], { timeoutMs: NETWORK_TIMEOUT_MS })
  const branches = [...stdout.toString('utf8').matchAll(/\trefs\/heads\/([\x21-\x7e]+)$/gm)].map((match) => match[1])
  if (branches.length === 0) return
  throw new PublishError(`${place.where}: there is no branch "${place.branch}"`, {
    hint: `it has ${branches.slice(0, 5).join(', ')}; set branch to one of them`,
  })
}

export interface Push {
  readonly commit: string
  readonly branch: string
  readonly dryRun: boolean
}

/** Refusals that only mean that somebody else was faster. */
const RACE =
  /\[rejected\]|fetch first|non-fast-forward|cannot lock ref|failed to update ref|incorrect old value|stale info/i

/** Never forces. `race`: the branch moved since it was fetched, read it again. */
export const pushCommit = async (git: Git, place: GitPlace, push: Push): Promise<'pushed' | 'race'> => {
  const args = ['push', '--porcelain', '--no-verify', ...(push.dryRun ? ['--dry-run'] : [])]
  const run = await git([...args, place.url, `${push.commit}:refs/heads/${push.branch}`], {
    timeoutMs: NETWORK_TIMEOUT_MS,
    accept: [1],
  })
  if (run.exitCode === 0) return 'pushed'
  const said = run.stdout.toString('utf8')
  const refusal = /^!\t[^\t]*\t(.*)$/m.exec(said)?.[1]
  if (refusal === undefined) throw new GitError(run.stderr, false)
  if (RACE.test(refusal)) return 'race'
  const reason = refusal.replaceAll(/[^\x20-\x7e]/g, '').slice(0, 200)
  throw new PublishError(
    `${place.where}: the push was refused: ${reason}${run.stderr === '' ? '' : ` (${run.stderr})`}`,
    {
      hint: 'a hook or a protected branch says no; mode: branch pushes a branch to be reviewed instead',
    },
  )
}
