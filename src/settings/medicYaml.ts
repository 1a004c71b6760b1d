import { readFileSync } from 'node:fs'
import { LineCounter, isMap, isNode, isSeq, parseDocument } from 'yaml'
import type { Document } from 'yaml'
import { z } from 'zod'
import { ConfigError } from '../domain/errors.ts'
import { fleetSections } from './fleetSections.ts'
import { port } from './port.ts'
import { publishSchema } from './publishSection.ts'

const name = z.string().regex(/^[a-z0-9](?:[a-z0-9._-]{0,251}[a-z0-9])?$/, 'expected a name of a-z 0-9 . _ -')
const yes = z.enum(['true', 'false']).transform((text) => text === 'true')

const hostSchema = z.strictObject({
  address: z.string().min(1).optional(),
  replay: z.string().min(1).optional(),
  port: port.optional(),
  user: z.string().min(1).optional(),
  identityFile: z.string().min(1).optional(),
  hostKey: z
    .string()
    .regex(
      /^(?:ssh|ecdsa|sk)-[a-z0-9@.-]+ [A-Za-z0-9+/=]+$/,
      'expected a public key as in known_hosts: "ssh-ed25519 AAAA…"',
    )
    .optional(),
  jump: name.optional(),
  sudo: yes.optional(),
  site: z.string().min(1).optional(),
  groups: z.array(name).optional(),
  tags: z.record(z.string(), z.string()).optional(),
})

const hostEntry = hostSchema.refine(
  (host) => (host.address === undefined) !== (host.replay === undefined),
  'expected an address (or replay: the file of a recorded run)',
)

/** Slack ids are opaque; a name in their place would never match, so it is refused. */
const slackId = (letters: string, what: string) =>
  z
    .string()
    .regex(new RegExp(`^[${letters}][A-Z0-9]{1,30}$`), `expected the id of a ${what}, such as ${letters[0]}0123ABCD`)

const policyRule = z.strictObject({
  allow: z.array(z.enum(['read', 'change', 'approve'])).min(1),
  users: z.array(slackId('UW', 'user')).optional(),
  usergroups: z.array(slackId('S', 'user group')).optional(),
  channels: z.array(slackId('CGD', 'channel')).optional(),
  hosts: z.array(z.string().min(1)).optional(),
})

/** What medic.yaml may say; an empty one is valid. */
export const medicYaml = z.strictObject({
  hosts: z.record(name, hostEntry).default({}),
  groups: z.record(name, z.array(z.string().min(1))).default({}),
  template: z.string().min(1).optional(),
  redact: z.array(z.string().min(6, 'expected at least 6 characters')).default([]),
  policy: z.array(policyRule).optional(),
  publish: publishSchema,
  selfApprove: yes.default(false),
  ...fleetSections,
})

export type HostSetting = z.infer<typeof hostSchema>

/** One rule of who may do what; a field that is left out matches all. */
export interface PolicyRule {
  readonly allow: readonly ('read' | 'change' | 'approve')[]
  readonly users?: readonly string[] | undefined
  readonly usergroups?: readonly string[] | undefined
  readonly channels?: readonly string[] | undefined
  /** Names, groups or patterns. */
  readonly hosts?: readonly string[] | undefined
}

/**
 * Failsafe schema: every scalar stays the text a person wrote, since `0644` and `1.10` are not numbers.
 * Exported for `medic doctor` and tests.
 */
export const readMedicYaml = (path: string): z.infer<typeof medicYaml> => {
  const lines = new LineCounter()
  const document = parseDocument(readFileSync(path, 'utf8'), {
    schema: 'failsafe',
    uniqueKeys: true,
    lineCounter: lines,
    prettyErrors: false,
  })
  const complaint = [...document.errors, ...document.warnings][0]
  if (complaint !== undefined) {
    throw new ConfigError(`${path}:${lines.linePos(complaint.pos[0]).line}: ${complaint.message}`)
  }
  const parsed = medicYaml.safeParse(document.toJS({ maxAliasCount: 0 }) ?? {})
  if (parsed.success) return parsed.data
  throw new ConfigError(
    parsed.error.issues.map((issue) => `${path}:${lineOfIssue(document, lines, issue)}: ${wordsOf(issue)}`).join('\n'),
    { hint: 'docs/settings.md lists every key' },
  )
}

const wordsOf = (issue: z.core.$ZodIssue): string => {
  const where = issue.path.map(String).join('.')
  if (issue.code === 'unrecognized_keys') {
    return `unknown key "${issue.keys.join('", "')}"${where === '' ? '' : ` in ${where}`}`
  }
  return `${where}: ${issue.message}`
}

/** The line of the deepest node on the issue's path; an unknown key's own line when there is one. */
const lineOfIssue = (document: Document, lines: LineCounter, issue: z.core.$ZodIssue): number => {
  const path = issue.path.map(String)
  let offset = 0
  let node: unknown = document.contents
  const wanted = issue.code === 'unrecognized_keys' ? [...path, issue.keys[0] ?? ''] : path
  for (const part of wanted) {
    if (isMap(node)) {
      const pair = node.items.find((item) => String(isNode(item.key) ? item.key.toJSON() : item.key) === part)
      if (pair === undefined) break
      if (isNode(pair.key)) offset = pair.key.range?.[0] ?? offset
      node = pair.value
    } else if (isSeq(node)) {
      node = node.items[Number(part)]
      if (isNode(node)) offset = node.range?.[0] ?? offset
    } else break
  }
  return lines.linePos(offset).line
}
