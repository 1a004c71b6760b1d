import { BLOCK_LIMITS as LIMITS } from '../../../src/slack/blockLimits.ts'
import {
  anything,
  boolean,
  byType,
  integer,
  list,
  number,
  object,
  oneOf,
  optional,
  required,
  text,
  type Check,
  type Field,
} from './blockChecks.ts'

const LONG = Number.MAX_SAFE_INTEGER
const typed = (type: string, fields: Record<string, Field>, also?: (value: Record<string, unknown>) => string | null) =>
  object({ type: required(oneOf(type)), ...fields }, also)

export const id = text(1, LIMITS.idLength)
const url = text(1, LIMITS.button.urlLength)

/** A `plain_text` object of at most so many characters. */
export const plainText = (max: number): Check =>
  typed('plain_text', { text: required(text(1, max)), emoji: optional(boolean) })

export const mrkdwnText = (max: number): Check =>
  typed('mrkdwn', { text: required(text(1, max)), verbatim: optional(boolean) })

/** A text object of either kind. */
export const anyText = (max: number): Check => byType({ plain_text: plainText(max), mrkdwn: mrkdwnText(max) })

const confirm = object({
  title: required(plainText(LIMITS.confirm.titleLength)),
  text: required(anyText(LIMITS.confirm.textLength)),
  confirm: required(plainText(LIMITS.confirm.buttonLength)),
  deny: required(plainText(LIMITS.confirm.buttonLength)),
  style: optional(oneOf('primary', 'danger')),
})

const option = (textCheck: Check, mayHaveUrl = false): Check =>
  object({
    text: required(textCheck),
    value: required(text(1, LIMITS.option.valueLength)),
    description: optional(plainText(LIMITS.option.descriptionLength)),
    ...(mayHaveUrl ? { url: optional(url) } : {}),
  })

/** An option of a select menu, also in the answer to a `block_suggestion`. */
export const selectOption = option(plainText(LIMITS.option.textLength))
const boxOption = option(anyText(LIMITS.option.textLength))
const options = list(selectOption, 1, LIMITS.select.options)
/** A group of options with a label. */
export const optionGroup = object({ label: required(plainText(LIMITS.option.textLength)), options: required(options) })

const placeholder = optional(plainText(LIMITS.placeholderLength))
const actionable = { action_id: optional(id), confirm: optional(confirm), focus_on_load: optional(boolean) }
const dispatchConfig = optional(
  object({ trigger_actions_on: optional(list(oneOf('on_enter_pressed', 'on_character_entered'), 1, 2)) }),
)
const many = { max_selected_items: optional(integer(1, LONG)) }
const filter = { filter: optional(anything), default_to_current_conversation: optional(boolean) }

const staticOptions = {
  options: optional(options),
  option_groups: optional(list(optionGroup, 1, LIMITS.select.optionGroups)),
}
const oneOptionSource = (value: Record<string, unknown>): string | null =>
  (value['options'] === undefined) === (value['option_groups'] === undefined)
    ? 'must provide exactly one of options or option_groups'
    : null

const button = typed('button', {
  text: required(plainText(LIMITS.button.textLength)),
  action_id: optional(id),
  value: optional(text(1, LIMITS.button.valueLength)),
  url: optional(url),
  style: optional(oneOf('primary', 'danger')),
  confirm: optional(confirm),
  accessibility_label: optional(text(1, LIMITS.button.accessibilityLabelLength)),
})

const slackFile = object({ id: optional(text(1, LONG)), url: optional(url) }, (value) =>
  (value['id'] === undefined) === (value['url'] === undefined) ? 'must provide exactly one of id or url' : null,
)
/** The picture fields that the image block and the image element share. */
export const imageSource = { image_url: optional(text(1, LIMITS.image.urlLength)), slack_file: optional(slackFile) }
export const oneImageSource = (value: Record<string, unknown>): string | null =>
  (value['image_url'] === undefined) === (value['slack_file'] === undefined)
    ? 'must provide exactly one of image_url or slack_file'
    : null

export const imageElement = typed(
  'image',
  { ...imageSource, alt_text: required(text(1, LIMITS.image.altTextLength)) },
  oneImageSource,
)

const overflow = typed('overflow', {
  action_id: optional(id),
  confirm: optional(confirm),
  options: required(list(option(plainText(LIMITS.option.textLength), true), 1, LIMITS.overflow.options)),
})

const boxes = (type: string, initial: Record<string, Field>): Check =>
  typed(type, { ...actionable, options: required(list(boxOption, 1, LIMITS.checkboxes.options)), ...initial })

const selects: Record<string, Check> = {
  static_select: typed(
    'static_select',
    { ...actionable, placeholder, ...staticOptions, initial_option: optional(selectOption) },
    oneOptionSource,
  ),
  multi_static_select: typed(
    'multi_static_select',
    { ...actionable, ...many, placeholder, ...staticOptions, initial_options: optional(options) },
    oneOptionSource,
  ),
  external_select: typed('external_select', {
    ...actionable,
    placeholder,
    min_query_length: optional(integer(0, LONG)),
    initial_option: optional(selectOption),
  }),
  multi_external_select: typed('multi_external_select', {
    ...actionable,
    ...many,
    placeholder,
    min_query_length: optional(integer(0, LONG)),
    initial_options: optional(options),
  }),
  users_select: typed('users_select', { ...actionable, placeholder, initial_user: optional(text(1, LONG)) }),
  multi_users_select: typed('multi_users_select', {
    ...actionable,
    ...many,
    placeholder,
    initial_users: optional(anything),
  }),
  conversations_select: typed('conversations_select', {
    ...actionable,
    ...filter,
    placeholder,
    initial_conversation: optional(text(1, LONG)),
    response_url_enabled: optional(boolean),
  }),
  multi_conversations_select: typed('multi_conversations_select', {
    ...actionable,
    ...many,
    ...filter,
    placeholder,
    initial_conversations: optional(anything),
  }),
  channels_select: typed('channels_select', {
    ...actionable,
    placeholder,
    initial_channel: optional(text(1, LONG)),
    response_url_enabled: optional(boolean),
  }),
  multi_channels_select: typed('multi_channels_select', {
    ...actionable,
    ...many,
    placeholder,
    initial_channels: optional(anything),
  }),
}

const choices: Record<string, Check> = {
  ...selects,
  checkboxes: boxes('checkboxes', { initial_options: optional(list(boxOption, 1, LIMITS.checkboxes.options)) }),
  radio_buttons: boxes('radio_buttons', { initial_option: optional(boxOption) }),
  datepicker: typed('datepicker', { ...actionable, placeholder, initial_date: optional(text(10, 10)) }),
  timepicker: typed('timepicker', {
    ...actionable,
    placeholder,
    initial_time: optional(text(5, 5)),
    timezone: optional(text(1, LONG)),
  }),
  datetimepicker: typed('datetimepicker', { ...actionable, initial_date_time: optional(integer(0, LONG)) }),
}

/** What may stand beside the text of a section. */
export const accessory = byType({ ...choices, button, overflow, image: imageElement, workflow_button: anything })

/** What may stand in an actions block. */
export const actionsElement = byType({
  ...choices,
  button,
  overflow,
  workflow_button: anything,
  rich_text_input: anything,
})

const typedText = (type: string, extra: Record<string, Field>): Check =>
  typed(type, {
    action_id: optional(id),
    placeholder,
    focus_on_load: optional(boolean),
    dispatch_action_config: dispatchConfig,
    ...extra,
  })

/** What may stand in an input block. */
export const inputElement = byType({
  ...choices,
  plain_text_input: typedText('plain_text_input', {
    multiline: optional(boolean),
    initial_value: optional(text(0, LIMITS.input.valueLength)),
    min_length: optional(integer(0, LIMITS.input.valueLength)),
    max_length: optional(integer(1, LIMITS.input.valueLength)),
  }),
  number_input: typedText('number_input', {
    is_decimal_allowed: required(boolean),
    initial_value: optional(text(1, LONG)),
    min_value: optional(text(1, LONG)),
    max_value: optional(text(1, LONG)),
  }),
  email_text_input: typedText('email_text_input', { initial_value: optional(text(0, LONG)) }),
  url_text_input: typedText('url_text_input', { initial_value: optional(text(0, LONG)) }),
  rich_text_input: typedText('rich_text_input', { initial_value: optional(anything) }),
  file_input: typed('file_input', {
    action_id: optional(id),
    filetypes: optional(list(text(1, LONG), 1, LONG)),
    max_files: optional(integer(1, 10)),
  }),
})

const feedbackButton = object({
  text: required(plainText(LIMITS.button.textLength)),
  value: required(text(1, LIMITS.button.valueLength)),
  accessibility_label: optional(text(1, LIMITS.button.accessibilityLabelLength)),
})

/** What may stand in a context_actions block. */
export const contextActionsElement = byType({
  feedback_buttons: typed('feedback_buttons', {
    action_id: optional(id),
    positive_button: required(feedbackButton),
    negative_button: required(feedbackButton),
  }),
  icon_button: typed('icon_button', {
    action_id: optional(id),
    icon: required(oneOf('trash')),
    text: required(plainText(LIMITS.button.textLength)),
    value: optional(text(1, LIMITS.button.valueLength)),
    confirm: optional(confirm),
    accessibility_label: optional(text(1, LIMITS.button.accessibilityLabelLength)),
    visible_to_user_ids: optional(list(text(1, LONG), 1, LONG)),
  }),
})

export const buttons = list(button, 1, LIMITS.card.buttons)

const style = optional(
  object({
    bold: optional(boolean),
    italic: optional(boolean),
    strike: optional(boolean),
    underline: optional(boolean),
    code: optional(boolean),
    highlight: optional(boolean),
    client_highlight: optional(boolean),
    unlink: optional(boolean),
  }),
)
const richPiece = (type: string, fields: Record<string, Field>): Check => typed(type, { ...fields, style })
const richText = richPiece('text', { text: required(text(1, LONG)) })
const richLink = richPiece('link', {
  url: required(url),
  text: optional(text(1, LONG)),
  unsafe: optional(boolean),
})
const richElement = byType({
  text: richText,
  link: richLink,
  emoji: richPiece('emoji', { name: required(text(1, LONG)), unicode: optional(text(1, LONG)), url: optional(url) }),
  user: richPiece('user', { user_id: required(text(1, LONG)) }),
  usergroup: richPiece('usergroup', { usergroup_id: required(text(1, LONG)) }),
  channel: richPiece('channel', { channel_id: required(text(1, LONG)) }),
  team: richPiece('team', { team_id: required(text(1, LONG)) }),
  broadcast: richPiece('broadcast', { range: required(oneOf('here', 'channel', 'everyone')) }),
  color: richPiece('color', { value: required(text(1, LONG)) }),
  date: richPiece('date', {
    timestamp: required(number),
    format: required(text(1, LONG)),
    url: optional(url),
    fallback: optional(text(1, LONG)),
  }),
})
const border = optional(integer(0, 1))
const richSection = typed('rich_text_section', { elements: required(list(richElement, 1, LONG)) })

/** The elements of a rich_text block. */
export const richTextElements = list(
  byType({
    rich_text_section: richSection,
    rich_text_list: typed('rich_text_list', {
      style: required(oneOf('bullet', 'ordered')),
      elements: required(list(richSection, 1, LONG)),
      indent: optional(integer(0, 8)),
      offset: optional(integer(0, LONG)),
      border,
    }),
    rich_text_quote: typed('rich_text_quote', { elements: required(list(richElement, 1, LONG)), border }),
    rich_text_preformatted: typed('rich_text_preformatted', {
      elements: required(list(byType({ text: richText, link: richLink }), 1, LONG)),
      border,
      language: optional(text(1, LONG)),
    }),
  }),
  1,
  LONG,
)
