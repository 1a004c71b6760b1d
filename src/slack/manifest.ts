import type { Runbook } from '../app/prepareRun.ts'
import { BLOCK_LIMITS } from './blockLimits.ts'
import { cut } from './blocks/text.ts'

/** `base`: asked for by the manifest. `extra`: only with `medic init slack --all-scopes`, since it lets Medic read. */
export const SCOPES: Readonly<Record<string, { readonly need: 'always' | 'base' | 'extra'; readonly for: string }>> = {
  commands: { need: 'always', for: 'slash commands and shortcuts' },
  'chat:write': { need: 'always', for: 'every answer' },
  'app_mentions:read': { need: 'base', for: 'starting by a mention' },
  'files:write': { need: 'base', for: 'postmortems and evidence as files; without it they are posted as text' },
  'usergroups:read': { need: 'base', for: 'user groups in `policy`' },
  'files:read': { need: 'extra', for: '*Explain this log* on an attached file' },
  'channels:history': { need: 'extra', for: 'a bare mention in a thread, and finding messages whose answer was lost' },
  'groups:history': { need: 'extra', for: 'the same in private channels' },
}

export interface ManifestOptions {
  /** Runbooks with a slash command of their own. */
  readonly runbooks: readonly Pick<Runbook, 'slash' | 'description' | 'parameters'>[]
  /** Address Slack can reach, for HTTP mode; null for Socket Mode. */
  readonly requestUrl: string | null
  readonly allScopes: boolean
}

const LIMITS = BLOCK_LIMITS.manifest

/** What api.slack.com/apps takes under "From a manifest". */
export const slackManifest = ({ runbooks, requestUrl, allScopes }: ManifestOptions): object => {
  const url = requestUrl === null ? {} : { url: requestUrl }
  const command = (name: string, description: string, hint: string) => ({
    command: cut(name, LIMITS.commandLength),
    description: cut(description, LIMITS.descriptionLength),
    usage_hint: cut(hint, LIMITS.usageHintLength),
    should_escape: false,
    ...url,
  })
  const own = runbooks.flatMap((runbook) =>
    runbook.slash === null
      ? []
      : [
          command(
            runbook.slash,
            runbook.description,
            `server1 ${runbook.parameters.map(hintOf).join(' ')} [--dry-run]`,
          ),
        ],
  )
  return {
    display_information: {
      name: 'Medic',
      description: 'Takes the first look at a sick Linux server: what died, why, and the proof.',
      background_color: '#1f3a3d',
    },
    features: {
      app_home: { home_tab_enabled: true, messages_tab_enabled: true, messages_tab_read_only_enabled: false },
      bot_user: { display_name: 'medic', always_online: true },
      shortcuts: [
        shortcut('Triage this', 'triage_from_message', 'Look at the host this message is about'),
        shortcut('Explain this log', 'explain_log', 'Say what this log means, without asking a server'),
      ],
      slash_commands: [...own, command('/runbook', 'Run any runbook on a host', 'NAME server1 [key=value]')],
    },
    oauth_config: { scopes: { bot: scopesOf(allScopes) } },
    settings: {
      event_subscriptions: {
        ...(requestUrl === null ? {} : { request_url: requestUrl }),
        bot_events: ['app_home_opened', 'app_mention'],
      },
      interactivity: {
        is_enabled: true,
        ...(requestUrl === null ? {} : { request_url: requestUrl, message_menu_options_url: requestUrl }),
      },
      org_deploy_enabled: false,
      socket_mode_enabled: requestUrl === null,
      token_rotation_enabled: false,
    },
  }
}

const scopesOf = (all: boolean): readonly string[] =>
  Object.entries(SCOPES)
    .filter(([, scope]) => all || scope.need !== 'extra')
    .map(([name]) => name)
    .toSorted()

const hintOf = (parameter: Pick<Runbook, 'parameters'>['parameters'][number]): string => {
  if (parameter.type === 'unit') return '[unit]'
  return parameter.type === 'duration' ? `[--${parameter.name} 2h]` : `[${parameter.name}=value]`
}

const shortcut = (name: string, callbackId: string, description: string) => ({
  name,
  type: 'message',
  callback_id: callbackId,
  description,
})
