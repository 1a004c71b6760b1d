import { z } from 'zod'
import { targetSettings } from '../publishers/registry.ts'
import type { TargetSettings } from '../publishers/registry.ts'

/** `publish:` of medic.yaml: every target by a name of its own. */
export const publishSchema = z
  .array(targetSettings)
  .default([])
  .superRefine((targets, context) => {
    for (const [index, target] of targets.entries()) {
      if (targets.findIndex((other) => other.name === target.name) === index) continue
      context.addIssue({
        code: 'custom',
        path: [index, 'name'],
        message: `"${target.name}" stands twice, expected a name of its own`,
      })
    }
  })

/** Where pages go, and what a publisher needs from the environment. */
export interface PublishSettings {
  readonly targets: readonly TargetSettings[]
  /** Relative paths begin here. */
  readonly base: string
  readonly userHome: string
  /** Tokens by the name of their variable. */
  readonly secrets: Readonly<Record<string, string>>
  /** What git and ssh need to know of the machine. */
  readonly environment: Readonly<Record<string, string>>
}

/** Path, agent, proxies and certificates; nothing else of the environment reaches git. */
const PASSED: readonly string[] = [
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'TMPDIR',
  'SSH_AUTH_SOCK',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'GIT_SSL_CAINFO',
  'https_proxy',
  'HTTPS_PROXY',
  'http_proxy',
  'all_proxy',
  'ALL_PROXY',
  'no_proxy',
  'NO_PROXY',
]

/** Only variables that a target names are read, so that no other secret is near. */
export const publishSettingsOf = (
  targets: readonly TargetSettings[],
  env: Readonly<Record<string, string | undefined>>,
  base: string,
  userHome: string,
): PublishSettings => {
  const names = targets.flatMap((target) =>
    target.kind === 'git' && target.tokenEnv !== undefined ? target.tokenEnv : [],
  )
  return { targets, base, userHome, secrets: picked(env, names), environment: picked(env, PASSED) }
}

const picked = (
  env: Readonly<Record<string, string | undefined>>,
  names: readonly string[],
): Readonly<Record<string, string>> =>
  Object.fromEntries(
    names.flatMap((name) => {
      const value = env[name]
      return value === undefined || value === '' ? [] : [[name, value]]
    }),
  )
