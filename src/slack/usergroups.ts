import type { WebClient } from '@slack/web-api'

/** slack.md section 6: cached five minutes; a decision asks anew. */
const CACHE_MS = 5 * 60_000

/** Members of user groups. Throws when they cannot be looked up: then nobody is allowed by that rule. */
export const createUsergroups = (client: WebClient, now: () => number) => {
  const cache = new Map<string, { readonly members: ReadonlySet<string>; readonly atMs: number }>()
  return async (usergroup: string, fresh: boolean): Promise<ReadonlySet<string>> => {
    const cached = cache.get(usergroup)
    if (!fresh && cached !== undefined && now() - cached.atMs < CACHE_MS) return cached.members
    const answer = await client.usergroups.users.list({ usergroup })
    const members = new Set(answer.users ?? [])
    cache.set(usergroup, { members, atMs: now() })
    return members
  }
}
