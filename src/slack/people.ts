import { notice } from './blocks/notices.ts'

/** Shared channels bring people of other companies: they are refused, whatever the policy says. */
export const isOutsider = (context: Readonly<Record<string, unknown>>, body: object): boolean => {
  const own = context['homeTeamId']
  const { team_id: teamId, user } = body as { team_id?: unknown; user?: { team_id?: unknown } | string }
  const theirs = typeof user === 'object' && user !== null && typeof user.team_id === 'string' ? user.team_id : teamId
  return typeof own === 'string' && own !== '' && typeof theirs === 'string' && theirs !== '' && theirs !== own
}

export const OUTSIDER = notice('Medic answers people of its own workspace only.')
