// Block Kit as DOM nodes.

import { control } from './controls.js'
import { make, markdown, plain, richText, textObject } from './markup.js'

const picture = (block) => {
  const image = make('img')
  image.alt = block.alt_text
  image.src = block.slack_file?.id === undefined ? (block.image_url ?? '') : `/page/files/${block.slack_file.id}`
  return image
}

const section = (block, place, world) => {
  const words = make('div', 'words')
  if (block.text !== undefined) words.append(textObject(block.text, world))
  if (block.fields !== undefined) {
    words.append(make('div', 'fields', ...block.fields.map((field) => textObject(field, world))))
  }
  const beside = block.accessory
  if (beside === undefined) return make('div', 'b-section', words)
  return make('div', 'b-section', words, beside.type === 'image' ? picture(beside) : control(beside, place, world))
}

const context = (block, place, world) =>
  make(
    'div',
    'b-context',
    ...block.elements.map((element) => (element.type === 'image' ? picture(element) : textObject(element, world))),
  )

const cell = (content, world) => {
  if (content.type === 'rich_text') return richText(content, world)
  return plain(content.text ?? String(content.value), false)
}

const table = (block, place, world) => {
  const node = make('table')
  if (block.caption !== undefined) node.append(make('caption', '', block.caption))
  for (const [index, row] of block.rows.entries()) {
    const cells = row.map((content, column) => {
      const settings = block.column_settings?.[column]
      const isNumber = content.type === 'raw_number'
      const classes = [settings?.align ?? (isNumber ? 'right' : ''), settings?.is_wrapped === true ? 'wrapped' : '']
      return make(index === 0 ? 'th' : 'td', classes.filter(Boolean).join(' '), cell(content, world))
    })
    node.append(make('tr', '', ...cells))
  }
  return make('div', 'scroll', node)
}

const TASK_MARK = { complete: '✓', error: '✕', pending: '', in_progress: '' }

const task = (block, world) => {
  const state = make('span', `state ${block.status}`, TASK_MARK[block.status] ?? '')
  state.setAttribute('role', 'img')
  state.setAttribute('aria-label', block.status.replace('_', ' '))
  const about = make('div', 'about', make('div', 'name', plain(block.title)))
  for (const part of [block.details, block.output]) {
    if (part !== undefined) about.append(make('div', 'output', richText(part, world)))
  }
  return make('li', `task ${block.status}`, state, about)
}

const plan = (block, place, world) =>
  make(
    'div',
    'b-plan',
    make('div', 'heading', plain(block.title)),
    make('ul', '', ...(block.tasks ?? []).map((each) => task(each, world))),
  )

const input = (block, place, world) => {
  const note = block.optional === true ? make('span', 'optional', ' (optional)') : null
  const name = make('div', 'label', plain(block.label.text), note)
  const inside = control(block.element, { ...place.within(block), actsAtOnce: block.dispatch_action === true }, world)
  inside.setAttribute('aria-label', block.label.text)
  const hint = block.hint === undefined ? null : make('div', 'hint', plain(block.hint.text))
  const problem = make('div', 'problem')
  problem.dataset.problem = block.block_id
  return make('div', 'b-input', name, inside, hint, problem)
}

const container = (block, place, world) => {
  const inside = make('div', 'inside', ...blocks(block.child_blocks, place, world))
  const heading =
    block.rich_text_title === undefined ? plain(block.title?.text ?? '') : richText(block.rich_text_title, world)
  const node = make('div', 'b-container', make('div', 'heading', heading), inside)
  if (block.is_collapsible === true) {
    inside.hidden = block.default_collapsed === true
    node.firstChild.addEventListener('click', () => {
      inside.hidden = !inside.hidden
    })
  }
  return node
}

const card = (block, place, world) =>
  make(
    'div',
    'b-card',
    ...[block.title, block.subtitle, block.body]
      .filter(Boolean)
      .map((part) => make('div', '', textObject(part, world))),
    make('div', 'b-actions', ...(block.actions ?? []).map((each) => control(each, place, world))),
  )

const KINDS = {
  header: (block) => make('div', 'b-header', plain(block.text.text)),
  divider: () => make('hr', 'b-divider'),
  section,
  context,
  rich_text: (block, place, world) => richText(block, world),
  actions: (block, place, world) =>
    make('div', 'b-actions', ...block.elements.map((each) => control(each, place, world))),
  table,
  data_table: table,
  plan,
  task_card: (block, place, world) => make('div', 'b-plan', make('ul', '', task(block, world))),
  image: (block) =>
    make(
      'div',
      'b-image',
      block.title === undefined ? null : make('div', 'caption', plain(block.title.text)),
      picture(block),
    ),
  input,
  markdown: (block, place, world) => markdown(block.text, world),
  alert: (block, place, world) => make('div', `b-alert ${block.level ?? ''}`, textObject(block.text, world)),
  container,
  card,
  carousel: (block, place, world) => make('div', '', ...block.elements.map((each) => card(each, place, world))),
}

/** A list of blocks; one kind we do not know is named instead of breaking the rest. */
export const blocks = (list, place, world) =>
  list.map((block) => {
    const kind = KINDS[block.type]
    const here = place.within(block)
    const node = kind === undefined ? make('div', '', `(${block.type} block)`) : kind(block, here, world)
    node.classList.add('block')
    return node
  })
