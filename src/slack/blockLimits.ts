/**
 * Every limit of Block Kit in one place. The builders cut to these numbers, the fake workspace of the tests refuses
 * what exceeds them. Source: Slack's Block Kit reference; a number marked "reported" was observed by others and is not
 * documented. All counts are code points.
 */
export const BLOCK_LIMITS = {
  blocksPerMessage: 50,
  blocksPerView: 100,
  /** block_id, action_id and callback_id. */
  idLength: 255,
  textLength: 3000,
  headerLength: 150,
  section: { textLength: 3000, fields: 10, fieldLength: 2000 },
  context: { elements: 10 },
  contextActions: { elements: 5 },
  actions: { elements: 25 },
  button: { textLength: 75, visibleLength: 30, valueLength: 2000, urlLength: 3000, accessibilityLabelLength: 75 },
  confirm: { titleLength: 100, textLength: 300, buttonLength: 30 },
  select: { options: 100, optionGroups: 100 },
  overflow: { options: 5 },
  checkboxes: { options: 10 },
  option: { textLength: 75, valueLength: 150, descriptionLength: 75 },
  placeholderLength: 150,
  input: { labelLength: 2000, hintLength: 2000, valueLength: 3000 },
  image: { altTextLength: 2000, titleLength: 2000, urlLength: 3000, uploadAltTextLength: 1000 },
  markdown: { messageLength: 12_000 },
  /** Tables per message and the refusal of empty cells are reported. */
  table: { rows: 100, columns: 20, cellLength: 10_000, perMessage: 1 },
  /** Rows count the header row. */
  dataTable: { rows: 201, columns: 20, cellLength: 20_000, pageSize: 100 },
  dataVisualization: { titleLength: 50, series: 6, points: 20, labelLength: 20, axisLabelLength: 50, perMessage: 2 },
  /** Not documented: sizes that read well and stay far from the limit of the whole message. */
  plan: { tasks: 50, titleLength: 150 },
  /** Not documented for blocks; the 256 are those of a streamed task. */
  taskCard: { titleLength: 256 },
  container: { titleLength: 150, children: 10 },
  alert: { textLength: 200 },
  card: { titleLength: 150, subtitleLength: 150, bodyLength: 200, buttons: 3 },
  carousel: { cards: 10 },
  view: { titleLength: 24, submitLength: 24, closeLength: 24, metadataLength: 3000, stack: 3, jsonBytes: 250_000 },
  message: {
    /** What we keep to: chat.update refuses more with msg_too_long. */
    textLength: 4000,
    /** Where posting cuts. */
    postedTextLength: 40_000,
    /** Reported: about here msg_blocks_too_long begins. */
    contentLength: 13_200,
    /** Our own budget, below the reported limit. */
    contentBudget: 12_000,
  },
  manifest: { nameLength: 35, descriptionLength: 140, commandLength: 32, usageHintLength: 1000 },
} as const

/** The length of a text as Slack counts it: code points, so that an emoji outside the basic plane is one. */
export const characterCount = (text: string): number => {
  let count = 0
  for (const _ of text) count++
  return count
}

/** Keys whose strings nobody reads: they do not count as content. */
const SILENT_KEYS = new Set([
  'type',
  'block_id',
  'action_id',
  'callback_id',
  'task_id',
  'value',
  'status',
  'style',
  'url',
  'image_url',
  'align',
])

/** The characters a reader would see in these blocks, the number that `BLOCK_LIMITS.message.contentLength` speaks of. */
export const blockContentLength = (blocks: unknown): number => {
  if (typeof blocks === 'string') return characterCount(blocks)
  if (Array.isArray(blocks)) return blocks.reduce((sum: number, each) => sum + blockContentLength(each), 0)
  if (typeof blocks !== 'object' || blocks === null) return 0
  return Object.entries(blocks).reduce(
    (sum, [key, value]) => (SILENT_KEYS.has(key) ? sum : sum + blockContentLength(value)),
    0,
  )
}
