import { asText, type JsonObject } from './records.ts'

/** An interactive element with the block it stands in. */
export interface PlacedElement {
  readonly element: JsonObject
  readonly blockId: string
}

const objects = (value: unknown): JsonObject[] =>
  Array.isArray(value)
    ? (value as unknown[]).filter((each): each is JsonObject => typeof each === 'object' && each !== null)
    : []

/** Every element a person could touch, in the order of the screen. */
export const interactiveElements = (blocks: readonly JsonObject[]): PlacedElement[] =>
  blocks.flatMap((block) => {
    const blockId = asText(block['block_id'])
    const here = [
      ...(block['type'] === 'actions' || block['type'] === 'context_actions' ? objects(block['elements']) : []),
      ...objects([block['accessory'], block['element']]),
      ...(block['type'] === 'card' ? objects(block['actions']) : []),
    ].filter((element) => element['type'] !== 'image')
    return [
      ...here.map((element) => ({ element, blockId })),
      ...interactiveElements([
        ...objects(block['child_blocks']),
        ...(block['type'] === 'carousel' ? objects(block['elements']) : []),
      ]),
    ]
  })

/** What the state of an element looks like before anybody touched it. */
const initialState = (element: JsonObject): JsonObject => {
  const type = String(element['type'])
  if (type.startsWith('multi_')) return { type, selected_options: objects(element['initial_options']) }
  switch (type) {
    case 'checkboxes':
      return { type, selected_options: objects(element['initial_options']) }
    case 'static_select':
    case 'external_select':
    case 'radio_buttons':
      return { type, selected_option: element['initial_option'] ?? null }
    case 'users_select':
      return { type, selected_user: element['initial_user'] ?? null }
    case 'conversations_select':
      return { type, selected_conversation: element['initial_conversation'] ?? null }
    case 'channels_select':
      return { type, selected_channel: element['initial_channel'] ?? null }
    case 'datepicker':
      return { type, selected_date: element['initial_date'] ?? null }
    case 'timepicker':
      return { type, selected_time: element['initial_time'] ?? null }
    default:
      return { type, value: element['initial_value'] ?? null }
  }
}

/** A value typed or chosen by a person, in the shape Slack sends for this element. */
export const chosenState = (element: JsonObject, value: unknown): JsonObject => {
  const state = initialState(element)
  const key = Object.keys(state).find((each) => each !== 'type') ?? 'value'
  if (key === 'selected_options') {
    return {
      ...state,
      [key]: objects(value).length > 0 ? value : (value as unknown[]).map((each) => optionOf(element, String(each))),
    }
  }
  if (key === 'selected_option' && typeof value === 'string') return { ...state, [key]: optionOf(element, value) }
  return { ...state, [key]: value }
}

/** The option of an element with this value (or this text). */
export const optionOf = (element: JsonObject, wanted: string): JsonObject => {
  const options = [
    ...objects(element['options']),
    ...objects(element['option_groups']).flatMap((group) => objects(group['options'])),
  ]
  const found = options.find(
    (option) => option['value'] === wanted || (option['text'] as JsonObject | undefined)?.['text'] === wanted,
  )
  if (found !== undefined) return found
  const known = options.map((option) => String(option['value'])).join(', ')
  throw new Error(`fake workspace: no option "${wanted}" in ${String(element['action_id'])}, expected one of ${known}`)
}

/** `state.values` of some blocks: what stands in their inputs, with the given values put in by block or action id. */
export const stateValues = (
  blocks: readonly JsonObject[],
  values: JsonObject = {},
): Record<string, Record<string, JsonObject>> => {
  const result: Record<string, Record<string, JsonObject>> = {}
  const unused = new Set(Object.keys(values))
  for (const { element, blockId } of interactiveElements(blocks)) {
    const type = String(element['type'])
    if (['button', 'overflow', 'workflow_button', 'icon_button', 'feedback_buttons'].includes(type)) continue
    const actionId = asText(element['action_id'], blockId)
    const key = [actionId, blockId].find((each) => Object.hasOwn(values, each))
    if (key !== undefined) unused.delete(key)
    result[blockId] ??= {}
    result[blockId][actionId] = key === undefined ? initialState(element) : chosenState(element, values[key])
  }
  if (unused.size > 0) throw new Error(`fake workspace: no input called ${[...unused].join(', ')}`)
  return result
}

/** Slack's own client refuses a form whose needed field is empty: the ids of those blocks. */
export const emptyRequiredBlocks = (
  blocks: readonly JsonObject[],
  values: Record<string, Record<string, JsonObject>>,
): string[] =>
  blocks.flatMap((block) => {
    if (block['type'] !== 'input' || block['optional'] === true) return []
    const blockId = String(block['block_id'])
    const [state] = Object.values(values[blockId] ?? {})
    const given = Object.entries(state ?? {}).find(([key]) => key !== 'type')?.[1]
    return given === null || given === undefined || given === '' || (Array.isArray(given) && given.length === 0)
      ? [blockId]
      : []
  })
