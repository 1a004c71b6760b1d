import { BLOCK_LIMITS as LIMITS, blockContentLength, characterCount } from '../../../src/slack/blockLimits.ts'
import {
  anything,
  boolean,
  byType,
  integer,
  list,
  object,
  oneOf,
  optional,
  required,
  text,
  type BlockProblem,
  type Check,
  type Field,
} from './blockChecks.ts'
import {
  accessory,
  actionsElement,
  anyText,
  buttons,
  contextActionsElement,
  id,
  imageElement,
  imageSource,
  inputElement,
  mrkdwnText,
  oneImageSource,
  plainText,
  richTextElements,
} from './elementChecks.ts'
import { number } from './blockChecks.ts'

export type Surface = 'message' | 'modal' | 'home'

const LONG = Number.MAX_SAFE_INTEGER

const block = (
  type: string,
  fields: Record<string, Field>,
  also?: (value: Record<string, unknown>) => string | null,
): Check => object({ type: required(oneOf(type)), block_id: optional(id), ...fields }, also)

const richText = block('rich_text', { elements: required(richTextElements) })

const tableCell = byType({
  raw_text: object({ type: required(oneOf('raw_text')), text: required(text(1, LONG)) }),
  raw_number: object({ type: required(oneOf('raw_number')), value: required(number), text: optional(text(1, LONG)) }),
  rich_text: richText,
})

const rowsOf = (rows: number, columns: number): Check => list(list(tableCell, 1, columns), 1, rows)

const sameWidth = (value: Record<string, unknown>): string | null => {
  const rows = Array.isArray(value['rows']) ? (value['rows'] as unknown[]) : []
  const widths = new Set(rows.map((row) => (Array.isArray(row) ? row.length : -1)))
  return widths.size > 1 ? 'all rows must have the same number of cells' : null
}

const table = block(
  'table',
  {
    rows: required(rowsOf(LIMITS.table.rows, LIMITS.table.columns)),
    column_settings: optional(
      list(
        object({ align: optional(oneOf('left', 'center', 'right')), is_wrapped: optional(boolean) }),
        0,
        LIMITS.table.columns,
      ),
    ),
  },
  sameWidth,
)

const taskCard = block('task_card', {
  task_id: required(id),
  title: required(text(1, LIMITS.taskCard.titleLength)),
  status: required(oneOf('pending', 'in_progress', 'complete', 'error')),
  details: optional(richText),
  output: optional(richText),
  sources: optional(list(anything, 1, LONG)),
})

const header = block('header', { text: required(plainText(LIMITS.headerLength)) })
const divider = block('divider', {})
const section = block(
  'section',
  {
    text: optional(anyText(LIMITS.section.textLength)),
    fields: optional(list(anyText(LIMITS.section.fieldLength), 1, LIMITS.section.fields)),
    accessory: optional(accessory),
    expand: optional(boolean),
  },
  (value) => (value['text'] === undefined && value['fields'] === undefined ? 'must provide text or fields' : null),
)
const context = block('context', {
  elements: required(
    list(
      byType({
        image: imageElement,
        plain_text: plainText(LIMITS.textLength),
        mrkdwn: mrkdwnText(LIMITS.textLength),
      }),
      1,
      LIMITS.context.elements,
    ),
  ),
})
const actions = block('actions', { elements: required(list(actionsElement, 1, LIMITS.actions.elements)) })
const image = block(
  'image',
  {
    ...imageSource,
    alt_text: required(text(1, LIMITS.image.altTextLength)),
    title: optional(plainText(LIMITS.image.titleLength)),
  },
  oneImageSource,
)
const input = block('input', {
  label: required(plainText(LIMITS.input.labelLength)),
  element: required(inputElement),
  hint: optional(plainText(LIMITS.input.hintLength)),
  optional: optional(boolean),
  dispatch_action: optional(boolean),
})
const alert = block('alert', {
  text: required(anyText(LIMITS.alert.textLength)),
  level: optional(oneOf('default', 'info', 'warning', 'error', 'success')),
})
const card = block('card', {
  hero_image: optional(imageElement),
  icon: optional(imageElement),
  title: optional(mrkdwnText(LIMITS.card.titleLength)),
  subtitle: optional(mrkdwnText(LIMITS.card.subtitleLength)),
  body: optional(mrkdwnText(LIMITS.card.bodyLength)),
  actions: optional(buttons),
})
const everywhere: Record<string, Check> = {
  header,
  section,
  context,
  actions,
  divider,
  image,
  input,
  rich_text: richText,
  video: anything,
}

const messageOnly: Record<string, Check> = {
  table,
  card,
  file: anything,
  markdown: block('markdown', { text: required(text(1, LIMITS.markdown.messageLength)) }),
  carousel: block('carousel', { elements: required(list(card, 1, LIMITS.carousel.cards)) }),
  context_actions: block('context_actions', {
    elements: required(list(contextActionsElement, 1, LIMITS.contextActions.elements)),
  }),
  data_table: block(
    'data_table',
    {
      rows: required(rowsOf(LIMITS.dataTable.rows, LIMITS.dataTable.columns)),
      caption: required(text(1, LONG)),
      page_size: optional(integer(1, LIMITS.dataTable.pageSize)),
      row_header_column_index: optional(integer(0, LIMITS.dataTable.columns)),
    },
    sameWidth,
  ),
  data_visualization: anything,
  task_card: taskCard,
  plan: block('plan', {
    title: required(text(1, LIMITS.plan.titleLength)),
    tasks: optional(list(taskCard, 0, LIMITS.plan.tasks)),
  }),
  container: block('container', {
    title: optional(plainText(LIMITS.container.titleLength)),
    rich_text_title: optional(richText),
    subtitle: optional(anyText(LIMITS.container.titleLength)),
    child_blocks: required(
      list(byType({ actions, context, divider, header, image, input, section, table }), 1, LIMITS.container.children),
    ),
    width: optional(oneOf('narrow', 'standard', 'wide', 'full')),
    icon: optional(imageElement),
    is_collapsible: optional(boolean),
    default_collapsed: optional(boolean),
    has_header_divider: optional(boolean),
  }),
}

const BLOCKS: Record<Surface, Record<string, Check>> = {
  message: { ...everywhere, ...messageOnly },
  modal: { ...everywhere, alert },
  home: everywhere,
}

const typeOf = (each: unknown): unknown =>
  typeof each === 'object' && each !== null ? (each as Record<string, unknown>)['type'] : undefined

/** Every id that must be unique, wherever it stands. */
const repeatedIds = (blocks: readonly unknown[], pointer: string): BlockProblem[] => {
  const problems: BlockProblem[] = []
  const blockIds = new Set<string>()
  for (const [index, each] of blocks.entries()) {
    if (typeof each !== 'object' || each === null) continue
    const { block_id: blockId, elements } = each as Record<string, unknown>
    if (typeof blockId === 'string') {
      if (blockIds.has(blockId)) {
        problems.push({ pointer: `${pointer}/${index}/block_id`, message: `block_id already exists: ${blockId}` })
      }
      blockIds.add(blockId)
    }
    const actionIds = new Set<string>()
    for (const [position, element] of (Array.isArray(elements) ? (elements as unknown[]) : []).entries()) {
      const actionId =
        typeof element === 'object' && element !== null ? (element as Record<string, unknown>)['action_id'] : undefined
      if (typeof actionId !== 'string') continue
      if (actionIds.has(actionId)) {
        problems.push({
          pointer: `${pointer}/${index}/elements/${position}/action_id`,
          message: `action_id already exists: ${actionId}`,
        })
      }
      actionIds.add(actionId)
    }
  }
  return problems
}

const cellCharacters = (blocks: readonly unknown[], type: string): number =>
  blocks
    .filter((each) => typeOf(each) === type)
    .reduce((sum: number, each) => {
      return sum + blockContentLength((each as Record<string, unknown>)['rows'])
    }, 0)

const overTheWhole = (blocks: readonly unknown[], pointer: string): BlockProblem[] => {
  const problems: BlockProblem[] = []
  const markdown = blocks.filter((each) => typeOf(each) === 'markdown')
  const markdownLength = markdown.reduce((sum: number, each) => {
    const source = (each as Record<string, unknown>)['text']
    return sum + (typeof source === 'string' ? characterCount(source) : 0)
  }, 0)
  if (markdown.length > 1 && markdownLength > LIMITS.markdown.messageLength) {
    problems.push({
      pointer,
      message: `markdown blocks must be less than ${LIMITS.markdown.messageLength + 1} characters together`,
    })
  }
  for (const [type, limit] of [
    ['table', LIMITS.table.cellLength],
    ['data_table', LIMITS.dataTable.cellLength],
  ] as const) {
    if (cellCharacters(blocks, type) > limit) {
      problems.push({ pointer, message: `${type} cells must be less than ${limit + 1} characters together` })
    }
  }
  if (blocks.filter((each) => typeOf(each) === 'data_visualization').length > LIMITS.dataVisualization.perMessage) {
    problems.push({
      pointer,
      message: `no more than ${LIMITS.dataVisualization.perMessage} data_visualization blocks allowed`,
    })
  }
  return problems
}

/** What Slack would say to these blocks on this surface; empty when it takes them. `refused` types are unknown to it. */
export const validateBlocks = (
  blocks: unknown,
  surface: Surface,
  options: { readonly pointer?: string; readonly refused?: ReadonlySet<string> } = {},
): BlockProblem[] => {
  const pointer = options.pointer ?? '/blocks'
  const problems: BlockProblem[] = []
  const known = Object.entries(BLOCKS[surface]).filter(([type]) => options.refused?.has(type) !== true)
  const max = surface === 'message' ? LIMITS.blocksPerMessage : LIMITS.blocksPerView
  list(byType(Object.fromEntries(known)), 0, max)(blocks, pointer, problems)
  if (Array.isArray(blocks)) problems.push(...repeatedIds(blocks, pointer), ...overTheWhole(blocks, pointer))
  return problems
}

/** The error code and details for the blocks of a message, or null when Slack takes them. */
export const refuseMessageBlocks = (
  blocks: readonly unknown[],
  refused: ReadonlySet<string>,
): { error: string; messages: string[] } | null => {
  const problems = validateBlocks(blocks, 'message', { refused })
  if (problems.length > 0) return { error: 'invalid_blocks', messages: problemMessages(problems) }
  if (blocks.filter((each) => typeOf(each) === 'table').length > LIMITS.table.perMessage) {
    return { error: 'invalid_attachments', messages: ['[ERROR] only_one_table_allowed [json-pointer:/blocks]'] }
  }
  if (blockContentLength(blocks) > LIMITS.message.contentLength) return { error: 'msg_blocks_too_long', messages: [] }
  return null
}

/** What Slack would say to a whole view. */
export const validateView = (view: unknown): BlockProblem[] => {
  const problems: BlockProblem[] = []
  const kind = typeOf(view)
  if (kind !== 'modal' && kind !== 'home')
    return [{ pointer: '/view/type', message: `unsupported type: ${String(kind)}` }]
  const shared = {
    type: required(oneOf(kind)),
    blocks: required(anything),
    private_metadata: optional(text(0, LIMITS.view.metadataLength)),
    callback_id: optional(text(0, LIMITS.idLength)),
    external_id: optional(text(0, LIMITS.idLength)),
  }
  const modal = {
    title: required(plainText(LIMITS.view.titleLength)),
    submit: optional(plainText(LIMITS.view.submitLength)),
    close: optional(plainText(LIMITS.view.closeLength)),
    clear_on_close: optional(boolean),
    notify_on_close: optional(boolean),
    submit_disabled: optional(boolean),
  }
  object(kind === 'modal' ? { ...shared, ...modal } : shared)(view, '/view', problems)
  const { blocks, submit } = view as Record<string, unknown>
  problems.push(...validateBlocks(blocks, kind, { pointer: '/view/blocks' }))
  const hasInput = Array.isArray(blocks) && blocks.some((each) => typeOf(each) === 'input')
  if (kind === 'modal' && hasInput && submit === undefined) {
    problems.push({ pointer: '/view', message: 'missing required field: submit' })
  }
  return problems
}

/** Slack's wording of a problem list. */
export const problemMessages = (problems: readonly BlockProblem[]): string[] =>
  problems.map((problem) => `[ERROR] ${problem.message} [json-pointer:${problem.pointer}]`)
