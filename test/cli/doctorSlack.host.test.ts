import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { slackChecks } from '../../src/cli/doctorSlack.ts'
import type { SlackSettings } from '../../src/settings/environment.ts'
import type { PolicyRule } from '../../src/settings/medicYaml.ts'
import { FakeWorkspace } from '../support/slack/fakeWorkspace.ts'

let workspace: FakeWorkspace
let allScopes: readonly string[]
beforeAll(async () => {
  workspace = await new FakeWorkspace({ usergroups: { S0ONCALL: ['U0ANNA', 'U0BEN'], S0EMPTY: [] } }).start()
  allScopes = [...workspace.scopes]
})
afterAll(() => workspace.stop())

const settingsWith = (changes: Partial<SlackSettings> = {}): SlackSettings => ({
  botToken: workspace.tokens.bot,
  appToken: workspace.tokens.app,
  signingSecret: null,
  apiUrl: workspace.apiUrl,
  port: 3000,
  ...changes,
})

/** What the doctor says, by what it looked at, in a workspace where these scopes were not granted. */
const look = async (
  settings: SlackSettings,
  options: { readonly policy?: readonly PolicyRule[]; readonly without?: readonly string[] } = {},
) => {
  workspace.scopes.clear()
  for (const scope of allScopes) if (options.without?.includes(scope) !== true) workspace.scopes.add(scope)
  const checks = await slackChecks(settings, options.policy ?? null)
  return new Map(checks.map((check) => [check.what, check]))
}

describe("the doctor's look at Slack", () => {
  it('finds nothing to mend where all is set up', async () => {
    const checks = await look(settingsWith(), {
      policy: [{ allow: ['approve'], usergroups: ['S0ONCALL'], channels: ['C0OPS'] }],
    })
    expect([...checks.values()].filter(({ status }) => status !== 'ok')).toEqual([])
    expect(checks.get('slack bot token')?.detail).toBe('medic in Medic Fake')
    expect(checks.get('user group S0ONCALL')?.detail).toBe('2 members')
    expect(checks.get('channel C0OPS')?.detail).toBe('#ops')
    expect(checks.get('slack socket')?.detail).toMatch(/^an address on 127\.0\.0\.1:\d+ was given$/)
  })

  it('asks for nothing where Slack is not set up', async () => {
    const checks = await look(settingsWith({ botToken: null, appToken: null }))
    expect([...checks.values()]).toMatchObject([{ what: 'slack', status: 'ok', mend: null }])
  })

  it.each([
    ['chat:write', 'fail'],
    ['commands', 'fail'],
    ['files:write', 'warn'],
    ['channels:history', 'ok'],
  ])('names the missing scope %s, which is a %s', async (scope, status) => {
    const checks = await look(settingsWith(), { without: [scope] })
    expect(checks.get(`slack scope ${scope}`)).toMatchObject({ status })
    expect(checks.get(`slack scope ${scope}`)?.mend === null).toBe(status === 'ok')
    expect([...checks.keys()].filter((what) => what.startsWith('slack scope '))).toEqual([`slack scope ${scope}`])
  })

  it('says which scope a user group of the policy needs', async () => {
    const policy: readonly PolicyRule[] = [{ allow: ['approve'], usergroups: ['S0ONCALL', 'S0EMPTY', 'S0NOWHERE'] }]
    const granted = await look(settingsWith(), { policy })
    expect(granted.get('user group S0EMPTY')).toMatchObject({ status: 'warn', detail: '0 members' })
    expect(granted.get('user group S0NOWHERE')).toMatchObject({ status: 'fail' })
    const checks = await look(settingsWith(), { policy, without: ['usergroups:read'] })
    expect(checks.get('user group S0ONCALL')).toMatchObject({
      status: 'fail',
      detail: 'slack: refused with "missing_scope"',
      mend: 'check its id, and the scope usergroups:read',
    })
  })

  it('names a bot token that Slack refuses, and asks nothing more with it', async () => {
    const checks = await look(settingsWith({ botToken: 'xoxb-wrong' }), {
      policy: [{ allow: ['read'], channels: ['C0OPS'] }],
    })
    expect(checks.get('slack bot token')).toMatchObject({
      status: 'fail',
      detail: 'slack: refused with "invalid_auth"',
    })
    expect(checks.get('slack bot token')?.mend).toMatch(/token/i)
    expect([...checks.keys()]).toEqual(['slack bot token', 'slack socket'])
    expect(checks.get('slack socket')?.status).toBe('ok')
  })

  it.each([
    ['a wrong one', 'xapp-wrong', 'invalid_auth'],
    ['the bot token', 'xoxb-fake-bot-token', 'not_allowed_token_type'],
  ])('names an app token that Slack refuses: %s', async (_what, appToken, code) => {
    const checks = await look(settingsWith({ appToken }))
    expect(checks.get('slack socket')).toMatchObject({ status: 'fail', detail: `slack: refused with "${code}"` })
    expect(checks.get('slack socket')?.mend).not.toBeNull()
    expect(checks.get('slack bot token')?.status).toBe('ok')
  })

  it('tells a missing token from a refused one, and HTTP mode from Socket Mode', async () => {
    const noBot = await look(settingsWith({ botToken: null }))
    expect(noBot.get('slack bot token')).toMatchObject({ status: 'fail', detail: 'SLACK_BOT_TOKEN is missing' })
    const noDoor = await look(settingsWith({ appToken: null }))
    expect(noDoor.get('slack app token')?.status).toBe('fail')
    const http = await look(settingsWith({ appToken: null, signingSecret: 'secret' }))
    expect(http.get('slack http')).toMatchObject({
      status: 'ok',
      detail: expect.stringContaining('port 3000') as string,
    })
    expect(JSON.stringify([...http.values()])).not.toContain('"secret"')
  })

  it('tells a channel the bot is not in from one that does not exist and one it may not look up', async () => {
    const policy: readonly PolicyRule[] = [{ allow: ['read'], channels: ['C0GENERAL', 'C0SECRET', 'C0NOWHERE'] }]
    const checks = await look(settingsWith(), { policy })
    expect(checks.get('channel C0GENERAL')).toMatchObject({
      status: 'warn',
      detail: '#general, but the bot is not in it',
      mend: 'type /invite @medic there',
    })
    for (const unknown of ['C0SECRET', 'C0NOWHERE'])
      expect(checks.get(`channel ${unknown}`)).toMatchObject({
        status: 'fail',
        detail: 'slack: refused with "channel_not_found"',
        mend: 'copy the id from "View channel details", and invite the bot',
      })
    const blind = await look(settingsWith(), { policy, without: ['channels:read', 'groups:read'] })
    expect(blind.get('channel C0GENERAL')).toMatchObject({
      status: 'ok',
      detail: 'not looked up: the scope channels:read is not granted',
    })
  })
})
