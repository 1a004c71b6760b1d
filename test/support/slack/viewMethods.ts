import { BLOCK_LIMITS } from '../../../src/slack/blockLimits.ts'
import { ApiRefusal, neededText, objectArgument, refusalWith, textArgument } from './apiArguments.ts'
import { botMethod, type ApiMethod, type MethodWorld } from './apiMethod.ts'
import { withBlockIds } from './chatMethods.ts'
import type { JsonObject, View } from './records.ts'
import { problemMessages, validateView } from './validateBlocks.ts'

/** A view given as JSON, checked as Slack checks it. */
export const viewBody = (world: MethodWorld, given: JsonObject | null, kind: View['kind']): JsonObject => {
  if (given === null) throw refusalWith('invalid_arguments', ['[ERROR] missing required field: view'])
  const problems = validateView(given)
  if (problems.length > 0) throw refusalWith('invalid_arguments', problemMessages(problems))
  if (given['type'] !== kind)
    throw refusalWith('invalid_arguments', [
      `[ERROR] unsupported type: ${String(given['type'])} [json-pointer:/view/type]`,
    ])
  if (Buffer.byteLength(JSON.stringify(given)) > BLOCK_LIMITS.view.jsonBytes) throw new ApiRefusal('view_too_large')
  return { ...given, blocks: withBlockIds(world, given['blocks'] as JsonObject[]) }
}

/** A view as Slack shows it to the app. */
export const publicView = (world: Pick<MethodWorld, 'state'>, view: View): JsonObject => ({
  private_metadata: '',
  callback_id: '',
  external_id: '',
  ...view.body,
  id: view.id,
  team_id: world.state.teamId,
  app_id: world.state.appId,
  app_installed_team_id: world.state.teamId,
  bot_id: world.state.botId,
  hash: view.hash,
  state: { values: {} },
  root_view_id: view.rootViewId,
  previous_view_id: view.previousViewId,
})

const newView = (world: MethodWorld, user: string, body: JsonObject, below: View | null): View => {
  const id = world.state.id('V')
  return {
    id,
    kind: body['type'] === 'home' ? 'home' : 'modal',
    user,
    rootViewId: below?.rootViewId ?? id,
    previousViewId: below?.id ?? null,
    hash: `${world.state.now()}.${id}`,
    body,
  }
}

const triggerUser = (world: MethodWorld, args: JsonObject): string => {
  const used = world.state.useTrigger(
    textArgument(args, 'trigger_id') ?? textArgument(args, 'interactivity_pointer') ?? '',
  )
  if ('error' in used) throw new ApiRefusal(used.error)
  return used.user
}

/** Puts a view on top of the stack of open ones. */
export const pushView = (world: MethodWorld, user: string, body: JsonObject): View => {
  const stack = world.state.stackOf(user)
  const top = world.state.views.get(stack.at(-1) ?? '')
  if (top === undefined) throw new ApiRefusal('view_not_found')
  if (stack.length >= BLOCK_LIMITS.view.stack) throw new ApiRefusal('push_limit_reached')
  const view = newView(world, user, body, top)
  world.state.addView(view, 'push')
  return view
}

const open = (world: MethodWorld, args: JsonObject): JsonObject => {
  const body = viewBody(world, objectArgument(args, 'view', 'invalid_arguments'), 'modal')
  const view = newView(world, triggerUser(world, args), body, null)
  world.state.addView(view, 'open')
  return { view: publicView(world, view) }
}

const push = (world: MethodWorld, args: JsonObject): JsonObject => {
  const body = viewBody(world, objectArgument(args, 'view', 'invalid_arguments'), 'modal')
  return { view: publicView(world, pushView(world, triggerUser(world, args), body)) }
}

const refuseStaleHash = (args: JsonObject, view: View | undefined): void => {
  const hash = textArgument(args, 'hash')
  if (hash !== null && view !== undefined && hash !== view.hash) throw new ApiRefusal('hash_conflict')
}

const update = (world: MethodWorld, args: JsonObject): JsonObject => {
  const externalId = textArgument(args, 'external_id')
  const view =
    externalId === null
      ? world.state.views.get(neededText(args, 'view_id'))
      : [...world.state.views.values()].find((each) => each.body['external_id'] === externalId)
  const body = viewBody(world, objectArgument(args, 'view', 'invalid_arguments'), view?.kind ?? 'modal')
  if (view === undefined) throw new ApiRefusal('not_found')
  refuseStaleHash(args, view)
  world.state.changeView(view, body)
  return { view: publicView(world, view) }
}

const publish = (world: MethodWorld, args: JsonObject): JsonObject => {
  const user = neededText(args, 'user_id')
  if (!world.state.people.has(user)) throw new ApiRefusal('invalid_user_id')
  const body = viewBody(world, objectArgument(args, 'view', 'invalid_arguments'), 'home')
  const old = world.state.homes.get(user)
  refuseStaleHash(args, old)
  const fresh = newView(world, user, body, null)
  const view: View = old === undefined ? fresh : { ...fresh, id: old.id, rootViewId: old.rootViewId }
  world.state.setHome(view)
  return { view: publicView(world, view) }
}

/** Methods of the family `views.`. */
export const viewMethods: Record<string, ApiMethod> = {
  'views.open': botMethod([], open),
  'views.push': botMethod([], push),
  'views.update': botMethod([], update),
  'views.publish': botMethod([], publish),
}
