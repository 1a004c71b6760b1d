// Buttons, menus and inputs. `place` says where a control stands: what to send, and whether touching it acts at once.

import { make, textObject } from './markup.js'

const popover = document.getElementById('popover')
const overlay = document.getElementById('overlay')

export const closePopover = () => popover.replaceChildren()

document.addEventListener('pointerdown', (event) => {
  if (!popover.contains(event.target)) closePopover()
})
document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape') closePopover()
})

/** Shows a small menu under a control. */
export const openPopover = (anchor, ...children) => {
  popover.replaceChildren(...children)
  const box = anchor.getBoundingClientRect()
  popover.style.left = `${Math.max(8, Math.min(box.left, innerWidth - popover.offsetWidth - 12))}px`
  const below = box.bottom + 4
  const fits = below + popover.offsetHeight < innerHeight
  popover.style.top = `${fits ? below : Math.max(8, box.top - popover.offsetHeight - 4)}px`
}

/** Asks before a dangerous act; resolves to whether the person agreed. */
const agreed = (confirm, world) => {
  if (confirm === undefined) return Promise.resolve(true)
  return new Promise((resolve) => {
    const before = [...overlay.childNodes]
    const answer = (value) => {
      overlay.replaceChildren(...before)
      resolve(value)
    }
    const deny = make('button', 'button', confirm.deny.text)
    deny.addEventListener('click', () => answer(false))
    const yes = make(
      'button',
      confirm.style === 'danger' ? 'button solid-danger' : 'button primary',
      confirm.confirm.text,
    )
    yes.addEventListener('click', () => answer(true))
    const dialog = make(
      'div',
      'modal',
      make('header', '', confirm.title.text),
      make('div', 'inside', textObject(confirm.text, world)),
      make('footer', '', deny, yes),
    )
    dialog.setAttribute('role', 'dialog')
    overlay.replaceChildren(dialog)
    yes.focus()
  })
}

const acting = (element, place, world) => async (more) => {
  if (!(await agreed(element.confirm, world))) return
  await place.click(element.action_id, more)
}

const button = (element, place, world) => {
  const node = make(
    element.url === undefined ? 'button' : 'a',
    `button ${element.style ?? ''}`,
    textObject(element.text, world),
  )
  if (element.accessibility_label !== undefined) node.setAttribute('aria-label', element.accessibility_label)
  node.dataset.action = element.action_id
  if (element.url !== undefined) {
    node.href = /^https?:/i.test(element.url) ? element.url : '#'
    node.target = '_blank'
    node.rel = 'noopener noreferrer'
  }
  const act = acting(element, place, world)
  node.addEventListener('click', async () => {
    if (node.tagName === 'BUTTON') node.disabled = true
    await act(element.value === undefined ? {} : { value: element.value })
    if (node.tagName === 'BUTTON') node.disabled = false
  })
  return node
}

const overflow = (element, place, world) => {
  const node = make('button', 'button narrow', '⋯')
  node.setAttribute('aria-label', 'More actions')
  node.dataset.action = element.action_id
  const act = acting(element, place, world)
  node.addEventListener('click', () => {
    const choices = element.options.map((option) => {
      const choice = make('button', '', textObject(option.text, world))
      choice.addEventListener('click', () => {
        closePopover()
        void act({ option })
      })
      return choice
    })
    openPopover(node, ...choices)
  })
  return node
}

const optionsOf = (element) => [
  ...(element.options ?? []),
  ...(element.option_groups ?? []).flatMap((group) => group.options),
]

const staticSelect = (element, place) => {
  const node = make('select', 'field')
  const empty = make('option', '', element.placeholder?.text ?? 'Choose…')
  empty.value = ''
  node.append(empty)
  for (const option of optionsOf(element)) {
    const choice = make('option', '', option.text.text)
    choice.value = option.value
    choice.selected = option.value === element.initial_option?.value
    node.append(choice)
  }
  const chosen = () => optionsOf(element).find((option) => option.value === node.value) ?? null
  place.value(element, chosen)
  node.addEventListener('change', () => {
    if (place.actsAtOnce && chosen() !== null) void place.click(element.action_id, { option: chosen() })
  })
  return node
}

const externalSelect = (element, place, world) => {
  const node = make('button', 'field', element.initial_option?.text.text ?? element.placeholder?.text ?? 'Choose…')
  node.type = 'button'
  node.dataset.action = element.action_id
  let chosen = element.initial_option ?? null
  place.value(element, () => chosen)
  node.addEventListener('click', () => {
    const query = make('input', 'field')
    query.placeholder = 'Type to search'
    const found = make('div')
    const search = async () => {
      const options = await place.suggest(element.action_id, query.value)
      const choices = options.map((option) => {
        const choice = make('button', '', textObject(option.text, world))
        choice.addEventListener('click', () => {
          chosen = option
          node.textContent = option.text.text
          closePopover()
          if (place.actsAtOnce) void place.click(element.action_id, { option })
        })
        return choice
      })
      found.replaceChildren(...(choices.length > 0 ? choices : [make('p', '', 'No results')]))
    }
    query.addEventListener('input', () => {
      if (query.value.length >= (element.min_query_length ?? 3)) void search()
    })
    openPopover(node, query, found)
    if ((element.min_query_length ?? 3) === 0) void search()
    query.focus()
  })
  return node
}

const textInput = (element, place) => {
  const node = make(element.multiline === true ? 'textarea' : 'input', 'field')
  node.value = element.initial_value ?? ''
  if (element.placeholder !== undefined) node.placeholder = element.placeholder.text
  if (element.max_length !== undefined) node.maxLength = element.max_length
  place.value(element, () => node.value || null)
  node.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && element.multiline !== true && place.actsAtOnce) {
      event.preventDefault()
      void place.click(element.action_id, { option: node.value })
    }
  })
  return node
}

const boxes = (element, place, world) => {
  const isMany = element.type === 'checkboxes'
  const initial = new Set(
    [...(element.initial_options ?? []), element.initial_option].filter(Boolean).map((option) => option.value),
  )
  const name = `choice-${Math.random().toString(36).slice(2)}`
  const inputs = element.options.map((option) => {
    const input = make('input')
    input.type = isMany ? 'checkbox' : 'radio'
    input.name = name
    input.checked = initial.has(option.value)
    return { input, option }
  })
  const chosen = () => {
    const picked = inputs.filter(({ input }) => input.checked).map(({ option }) => option)
    return isMany ? picked : (picked[0] ?? null)
  }
  place.value(element, chosen)
  return make(
    'div',
    '',
    ...inputs.map(({ input, option }) => {
      input.addEventListener('change', () => {
        if (place.actsAtOnce) void place.click(element.action_id, { option: chosen() })
      })
      return make('label', 'choice', input, textObject(option.text, world))
    }),
  )
}

const KINDS = {
  button,
  overflow,
  static_select: staticSelect,
  external_select: externalSelect,
  plain_text_input: textInput,
  number_input: textInput,
  email_text_input: textInput,
  url_text_input: textInput,
  checkboxes: boxes,
  radio_buttons: boxes,
}

/** Any interactive element. */
export const control = (element, place, world) => {
  const kind = KINDS[element.type]
  return kind === undefined ? make('span', 'button', `(${element.type})`) : kind(element, place, world)
}
