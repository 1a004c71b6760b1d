import type { PolicyRule } from '../settings/medicYaml.ts'
import type { Host } from '../domain/host.ts'
import { matches } from './inventory/inventory.ts'

/** `read`: triage, view, explain, cancel one's own. `change`: ask for a change, edit, publish. `approve`: let it happen. */
export type Verb = PolicyRule['allow'][number]

export interface Act {
  /** Opaque id of the person who acts now. */
  readonly user: string
  readonly verb: Verb
  /** Null when no host is named: a list, a text to explain. */
  readonly host: Host | null
  /** Opaque id of the channel; null where there is none. */
  readonly place: string | null
}

export type Decision = { readonly allowed: true } | { readonly allowed: false; readonly reason: string }

export interface Policy {
  /** `fresh`: group members are looked up now, not remembered. */
  decide(act: Act, options?: { readonly fresh?: boolean }): Promise<Decision>
  /** Who may do it, in ids, for a refusal that helps. */
  allowedFor(
    verb: Verb,
    host: Host | null,
  ): { readonly users: readonly string[]; readonly usergroups: readonly string[] }
}

export interface PolicyInput {
  /** Null when nobody wrote one: everyone reads, nobody changes. */
  readonly rules: readonly PolicyRule[] | null
  readonly groups: Readonly<Record<string, readonly string[]>>
  /** Throws when the members cannot be looked up. */
  readonly membersOf: (usergroup: string, fresh: boolean) => Promise<ReadonlySet<string>>
}

const EVERYONE_READS: readonly PolicyRule[] = [{ allow: ['read'] }]

/** Who may do what, where. A rule without a field matches all; what no rule allows is refused. */
export const createPolicy = ({ rules, groups, membersOf }: PolicyInput): Policy => {
  const effective = rules ?? EVERYONE_READS

  const covers = (rule: PolicyRule, host: Host | null): boolean =>
    host === null || rule.hosts === undefined || rule.hosts.some((expression) => names(expression, host, groups))

  const decide: Policy['decide'] = async (act, { fresh = false } = {}) => {
    const candidates = effective.filter((rule) => rule.allow.includes(act.verb) && covers(rule, act.host))
    if (candidates.length === 0) return { allowed: false, reason: nobody(act, rules === null) }
    let failed = false
    let elsewhere = false
    for (const rule of candidates) {
      if (rule.channels !== undefined && (act.place === null || !rule.channels.includes(act.place))) {
        elsewhere = true
        continue
      }
      if (rule.users === undefined && rule.usergroups === undefined) return { allowed: true }
      if (rule.users?.includes(act.user) === true) return { allowed: true }
      for (const usergroup of rule.usergroups ?? []) {
        try {
          if ((await membersOf(usergroup, fresh)).has(act.user)) return { allowed: true }
        } catch {
          failed = true
        }
      }
    }
    if (failed)
      return { allowed: false, reason: 'the members of a user group could not be looked up, so this is refused' }
    return {
      allowed: false,
      reason: elsewhere ? 'not in this channel, or not for you' : `you are not among those who may ${act.verb}`,
    }
  }

  return {
    decide,
    allowedFor(verb, host) {
      const candidates = effective.filter((rule) => rule.allow.includes(verb) && covers(rule, host))
      return {
        users: [...new Set(candidates.flatMap((rule) => rule.users ?? []))],
        usergroups: [...new Set(candidates.flatMap((rule) => rule.usergroups ?? []))],
      }
    },
  }
}

const names = (expression: string, host: Host, groups: PolicyInput['groups']): boolean =>
  expression === 'all' ||
  host.groups.includes(expression) ||
  matches(expression, host.name) ||
  (Object.hasOwn(groups, expression) && (groups[expression] ?? []).some((pattern) => matches(pattern, host.name)))

const nobody = (act: Act, isDefault: boolean): string => {
  const where = act.host === null ? '' : ` on ${act.host.name}`
  return isDefault
    ? `nobody may ${act.verb}${where}: medic.yaml has no policy, so everyone reads and nobody changes`
    : `nobody may ${act.verb}${where}: no rule of the policy in medic.yaml allows it`
}
