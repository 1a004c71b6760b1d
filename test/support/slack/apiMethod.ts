import type { JsonObject } from './records.ts'
import type { WorkspaceState } from './workspaceState.ts'

/** What a method may use. */
export interface MethodWorld {
  readonly state: WorkspaceState
  /** The address other machines would reach the workspace at, without a slash at the end. */
  readonly baseUrl: string
  /** Block types this workspace does not know, as an older Slack would not. */
  readonly refusedBlocks: ReadonlySet<string>
  readonly scopes: ReadonlySet<string>
  /** Whether a repeated `client_msg_id` answers with the first message. Slack does not promise it. */
  readonly honoursClientMsgId: boolean
  readonly openSocketTicket: () => string
}

export interface ApiMethod {
  /** One of these scopes is needed; empty: none. */
  readonly scopes: readonly string[]
  readonly token: 'bot' | 'app'
  readonly run: (world: MethodWorld, args: JsonObject) => JsonObject
}

export const botMethod = (scopes: readonly string[], run: ApiMethod['run']): ApiMethod => ({
  scopes,
  token: 'bot',
  run,
})
