// The Slack-like view: state kept by server-sent events, acts sent to the workspace's driver.

import { blocks } from './blocks.js'
import { closePopover, openPopover } from './controls.js'
import { make, mrkdwn, words } from './markup.js'

const at = (id) => document.getElementById(id)
const params = new URLSearchParams(location.search)
// A permalink of a message: /archives/CHANNEL/pTS, a reply with its thread in the query.
const [, linkedChannel, seconds, micros] = /^\/archives\/(\w+)\/p(\d+)(\d{6})$/.exec(location.pathname) ?? []
const linkedThread = params.get('thread_ts') ?? (seconds === undefined ? null : `${seconds}.${micros}`)

const state = {
  people: new Map(),
  channels: new Map(),
  messages: new Map(),
  ephemerals: new Map(),
  homes: new Map(),
  stacks: new Map(),
  unread: new Set(),
  botUserId: '',
  me: params.get('as') ?? '',
  place: linkedChannel ?? params.get('in') ?? '',
  thread: linkedThread,
  /** How many replies the open thread shows, and whether the next one answers what this person did there. */
  shownReplies: 0,
  followsThread: false,
  sockets: 0,
  overHttp: false,
}

const SHORTCUTS = [
  ['triage_from_message', 'Triage this'],
  ['explain_log', 'Explain this log'],
]

const me = () => state.people.get(state.me)
const world = {
  personName: (id) => state.people.get(id)?.name ?? id,
  channelName: (id) => state.channels.get(id)?.name ?? id,
  get timeZone() {
    return me()?.tz ?? 'UTC'
  },
}

const complain = (text) => {
  at('complaint').textContent = text ?? ''
}

/** Sends one act; the answer, or null when it was refused. */
const act = async (what) => {
  complain('')
  state.followsThread = what.do === 'click' || what.thread !== undefined
  const answer = await fetch('/page/act', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ user: state.me, channel: state.place, ...what }),
  })
  const body = await answer.json()
  if (!body.ok) complain(body.error)
  return body.ok ? body : null
}

/** Where the controls of some blocks stand: `target` names the message or view. */
const placeFor = (target) => {
  const readers = new Map()
  const values = () =>
    Object.fromEntries([...readers].map(([key, read]) => [key, read()]).filter(([, value]) => value !== null))
  const within = (block) => ({
    actsAtOnce: true,
    within,
    values,
    // Inputs of one form may share an action id; controls beside each other share their block.
    value: (element, read) =>
      readers.set(block.type === 'input' ? block.block_id : (element.action_id ?? block.block_id), read),
    click: (actionId, more) => act({ do: 'click', ...target, actionId, values: values(), ...more }),
    suggest: async (actionId, query) => (await act({ do: 'suggest', ...target, actionId, query }))?.options ?? [],
  })
  return { ...within({}), values }
}

const clock = (ts) =>
  new Intl.DateTimeFormat('en-US', { timeZone: world.timeZone, hour: 'numeric', minute: '2-digit' }).format(
    Number(ts) * 1000,
  )

const COLORS = ['#4a154b', '#1264a3', '#b35c00', '#5b2c6f', '#8d2b2b']

const avatar = (userId) => {
  const isBot = userId === state.botUserId
  const person = state.people.get(userId)
  const name = person?.realName ?? 'Slackbot'
  const initials = name
    .split(' ')
    .map((word) => word[0])
    .join('')
  const node = make('span', 'avatar', isBot ? '✚' : initials)
  const index = [...state.people.keys()].indexOf(userId)
  node.style.background = isBot ? '#0b7a5c' : (COLORS[index] ?? '#616061')
  node.setAttribute('aria-hidden', 'true')
  return node
}

const fileNode = (file) => {
  const isImage = file.mimetype.startsWith('image/')
  const url = `/page/files/${file.id}`
  if (isImage) {
    const image = make('img')
    image.src = url
    image.alt = file.alt_txt ?? file.title
    return make('div', 'b-image', make('div', 'caption', file.title), image)
  }
  const about = make(
    'span',
    '',
    make('b', '', file.title),
    make('small', '', `${file.name} · ${file.size.toLocaleString('en-US')} bytes`),
  )
  const open = make('a', '', make('span', 'kind', file.filetype), about)
  open.href = url
  open.target = '_blank'
  return make('div', 'file', open, file.preview === null ? null : make('pre', '', file.preview))
}

const content = (message, target) => {
  const list = message.blocks ?? []
  const body =
    list.length > 0 ? blocks(list, placeFor(target), world) : [make('div', 'text', ...mrkdwn(message.text, world))]
  return [...body, ...(message.files ?? []).map(fileNode)]
}

const repliesOf = (message) =>
  messagesIn(message.channel).filter((each) => each.thread_ts === message.ts && each.ts !== message.ts)

const messagesIn = (channel) => state.messages.get(channel) ?? []

const tools = (message) => {
  const reply = make('button', '', 'Reply in thread')
  reply.addEventListener('click', () => openThread(message.thread_ts ?? message.ts))
  const more = make('button', '', '⋯')
  more.setAttribute('aria-label', 'Message shortcuts')
  more.addEventListener('click', () => {
    const choices = SHORTCUTS.map(([callbackId, name]) => {
      const choice = make('button', '', name)
      choice.addEventListener('click', () => {
        closePopover()
        void act({ do: 'shortcut', ts: message.ts, channel: message.channel, callbackId })
      })
      return choice
    })
    openPopover(more, ...choices)
  })
  return make('div', 'tools', reply, more)
}

const cache = new Map()

/** A message node, made again only when the message changed: a half-typed input inside survives. */
const messageNode = (message, options) => {
  const replies = options.inThread || options.isEphemeral ? [] : repliesOf(message)
  const key = `${options.inThread ? 'thread' : 'channel'} ${message.ts}`
  const signature = JSON.stringify([message, replies.length, replies.at(-1)?.ts, options, state.me])
  const known = cache.get(key)
  if (known?.signature === signature) return known.node
  const node = freshNode(message, replies, options)
  cache.set(key, { signature, node })
  return node
}

const freshNode = (message, replies, { isGrouped, isEphemeral }) => {
  const isBot = message.user === state.botUserId || message.from === 'app'
  const speaker = message.from === 'slackbot' ? 'slackbot' : isBot ? state.botUserId : message.user
  const body = make('div', 'body')
  if (isEphemeral) body.append(make('div', 'only-you', ...words('👁 Only visible to you')))
  if (!isGrouped) {
    const name = message.from === 'slackbot' ? 'Slackbot' : (state.people.get(speaker)?.realName ?? speaker)
    const badge = isBot ? make('span', 'app', 'APP') : null
    body.append(make('div', 'who', make('b', '', name), badge, make('time', '', clock(message.ts))))
  }
  body.append(...content(message, { ts: message.ts, channel: message.channel }))
  if (message.edited !== undefined && (message.blocks ?? []).length === 0)
    body.append(make('span', 'edited', ' (edited)'))
  if (replies.length > 0) {
    const count = `${replies.length} ${replies.length === 1 ? 'reply' : 'replies'}`
    const open = make('button', 'replies-link', count, make('span', '', `Last reply at ${clock(replies.at(-1).ts)}`))
    open.addEventListener('click', () => openThread(message.ts))
    body.append(open)
  }
  const classes = ['message', isGrouped ? 'grouped' : '', isEphemeral ? 'ephemeral' : '']
  const node = make('article', classes.filter(Boolean).join(' '), avatar(speaker), body)
  node.dataset.ts = message.ts
  if (!isEphemeral) node.append(tools(message))
  return node
}

const GROUP_SECONDS = 300

const messageList = (list, inThread) => {
  let before = null
  return list.map((message, index) => {
    const isEphemeral = message.from !== undefined
    const isGrouped =
      before !== null &&
      // The first reply stands below a line: it names its writer again.
      !(inThread && index === 1) &&
      before.user === message.user &&
      before.from === message.from &&
      Number(message.ts) - Number(before.ts) < GROUP_SECONDS
    before = message
    return messageNode(message, { inThread, isGrouped, isEphemeral })
  })
}

const isAtBottom = (node) => node.scrollHeight - node.scrollTop - node.clientHeight < 80

/** Puts children in place without touching those that stay, and keeps the bottom in sight when that is wanted. */
const fill = (node, children, isFollowing) => {
  const wanted = new Set(children)
  for (const child of Array.from(node.childNodes)) if (!wanted.has(child)) child.remove()
  for (const [index, child] of children.entries()) {
    if (node.childNodes[index] !== child) node.insertBefore(child, node.childNodes[index] ?? null)
  }
  if (isFollowing) node.scrollTop = node.scrollHeight
}

const ephemeralsIn = (channel, threadTs) =>
  [...state.ephemerals.values()].filter(
    (each) => each.channel === channel && each.user === state.me && (each.thread_ts ?? null) === threadTs,
  )

const inOrder = (list) => [...list].sort((a, b) => Number(a.ts) - Number(b.ts))

const dayLine = make('div', 'day', make('span', '', 'Today'))

const renderMain = () => {
  if (state.place === 'home') return renderHome()
  const channel = state.channels.get(state.place)
  if (channel === undefined) return
  const mark = channel.kind === 'public' ? '# ' : channel.kind === 'private' ? '🔒 ' : ''
  at('title').replaceChildren(
    make('b', '', ...words(`${mark}${channel.name}`)),
    make('span', '', `${channel.members.length} members`),
  )
  const roots = messagesIn(channel.id).filter((each) => each.thread_ts === undefined || each.thread_ts === each.ts)
  const list = inOrder([...roots, ...ephemeralsIn(channel.id, null)])
  at('composer').hidden = false
  at('words').placeholder = `Message #${channel.name}: try /oom-triage demo`
  fill(
    at('messages'),
    list.length === 0
      ? [make('p', 'empty', 'Nothing here yet. Type /oom-triage demo below.')]
      : [dayLine, ...messageList(list, false)],
    isAtBottom(at('messages')),
  )
}

const renderHome = () => {
  at('title').replaceChildren(avatar(state.botUserId), make('b', '', 'Medic'), make('span', '', 'Home'))
  const view = state.homes.get(state.me)
  const key = `home ${view?.hash ?? ''} ${state.me}`
  at('composer').hidden = true
  if (cache.get('home')?.signature !== key) {
    const list = view?.body.blocks ?? []
    const inside =
      list.length === 0
        ? [make('p', 'empty', 'Medic has not published a home yet.')]
        : blocks(list, placeFor({ viewId: view.id }), world)
    cache.set('home', { signature: key, node: make('div', 'home', ...inside) })
  }
  fill(at('messages'), [cache.get('home').node], false)
}

const renderThread = () => {
  const pane = at('thread')
  const { thread } = state
  pane.hidden = thread === null || state.place === 'home'
  if (pane.hidden) return
  const list = messagesIn(state.place).filter((each) => each.ts === thread || each.thread_ts === thread)
  const [root, ...replies] = messageList(inOrder([...list, ...ephemeralsIn(state.place, thread)]), true)
  at('thread-where').textContent = `#${world.channelName(state.place)}`
  const count = list.length - 1
  const line = make('div', 'thread-count', `${count} ${count === 1 ? 'reply' : 'replies'}`)
  const children = [...(root === undefined ? [] : [root]), ...(replies.length > 0 ? [line, ...replies] : [])]
  const isLonger = count > state.shownReplies
  fill(at('replies'), children, isLonger && state.followsThread)
  if (isLonger) state.followsThread = false
  if (state.shownReplies === 0 && replies.length > 0) {
    // The verdict is the first reply: it stays in sight while the rest arrives below it.
    at('replies').scrollTop = line.offsetTop - at('replies').offsetTop
  }
  state.shownReplies = count
}

const openThread = (ts) => {
  Object.assign(state, { thread: ts, shownReplies: 0, followsThread: false })
  render()
}

let shownModal = ''

const renderModal = () => {
  const view = state.stacks.get(state.me)?.at(-1)
  const key = view === undefined ? '' : `${view.id} ${view.hash}`
  if (key === shownModal) return
  shownModal = key
  at('overlay').replaceChildren(...(view === undefined ? [] : [modalNode(view)]))
}

const modalNode = (view) => {
  const { body } = view
  const place = placeFor({ viewId: view.id })
  const inside = make('div', 'inside', ...blocks(body.blocks, place, world))
  const close = () => void act({ do: 'close', viewId: view.id })
  const cross = make('button', 'plain', '✕')
  cross.setAttribute('aria-label', 'Close')
  cross.addEventListener('click', close)
  const cancel = make('button', 'button', body.close?.text ?? (body.submit === undefined ? 'Close' : 'Cancel'))
  cancel.addEventListener('click', close)
  const footer = make('footer', '', cancel)
  if (body.submit !== undefined) {
    const submit = make('button', 'button primary', body.submit.text)
    submit.addEventListener('click', async () => {
      submit.disabled = true
      const problems = inside.querySelectorAll('.problem')
      for (const each of problems) each.textContent = ''
      const answer = await act({ do: 'submit', viewId: view.id, values: place.values() })
      submit.disabled = false
      for (const each of problems) each.textContent = answer?.ack?.errors?.[each.dataset.problem] ?? ''
    })
    footer.append(submit)
  }
  const node = make('div', 'modal', make('header', '', body.title.text, cross), inside, footer)
  node.setAttribute('role', 'dialog')
  node.setAttribute('aria-label', body.title.text)
  return node
}

const sideButton = (label, isCurrent, onClick, ...before) => {
  const button = make('button', '', ...before, label)
  button.type = 'button'
  button.setAttribute('aria-current', String(isCurrent))
  button.addEventListener('click', onClick)
  return button
}

const goTo = (place) => {
  state.place = place
  state.thread = null
  state.unread.delete(place)
  render()
  at('messages').scrollTop = at('messages').scrollHeight
  if (place === 'home') void act({ do: 'home', channel: [...state.channels.keys()][0] })
}

const become = (id) => {
  state.me = id
  cache.clear()
  render()
}

const renderSide = () => {
  const channels = [...state.channels.values()].filter(
    (channel) => channel.kind !== 'im' && channel.members.includes(state.me),
  )
  at('channels').replaceChildren(
    ...channels.map((channel) => {
      const mark = make('span', 'mark', ...words(channel.kind === 'private' ? '🔒' : '#'))
      const button = sideButton(channel.name, state.place === channel.id, () => goTo(channel.id), mark)
      if (state.unread.has(channel.id)) button.classList.add('unread')
      return make('li', '', button)
    }),
  )
  at('apps').replaceChildren(
    make(
      'li',
      '',
      sideButton('Medic', state.place === 'home', () => goTo('home'), avatar(state.botUserId)),
    ),
  )
  const people = [...state.people.values()].filter((person) => person.isBot !== true)
  at('people').replaceChildren(
    ...people.map((person) =>
      make(
        'li',
        '',
        sideButton(person.realName, person.id === state.me, () => become(person.id), avatar(person.id)),
      ),
    ),
  )
  const isOn = state.overHttp || state.sockets > 0
  at('link').className = isOn ? 'on' : ''
  at('link').textContent = state.overHttp
    ? 'bot over HTTP'
    : `${state.sockets} bot ${state.sockets === 1 ? 'socket' : 'sockets'}`
}

let isRenderPlanned = false
const render = () => {
  if (isRenderPlanned) return
  isRenderPlanned = true
  requestAnimationFrame(() => {
    isRenderPlanned = false
    renderSide()
    renderMain()
    renderThread()
    renderModal()
  })
}

const putMessage = (message) => {
  const list = messagesIn(message.channel)
  const index = list.findIndex((each) => each.ts === message.ts)
  if (index < 0) list.push(message)
  else list[index] = message
  state.messages.set(message.channel, list)
}

const takeSnapshot = (snapshot) => {
  state.people = new Map(snapshot.people.map((person) => [person.id, person]))
  state.channels = new Map(snapshot.channels.map((channel) => [channel.id, channel]))
  state.messages = new Map()
  for (const message of snapshot.messages) putMessage(message)
  state.ephemerals = new Map(snapshot.ephemerals.map((each) => [each.ts, each]))
  state.homes = new Map(snapshot.homes.map((view) => [view.user, view]))
  state.stacks = new Map(snapshot.stacks.map((each) => [each.user, each.views]))
  Object.assign(state, { sockets: snapshot.sockets, overHttp: snapshot.overHttp, botUserId: snapshot.botUserId })
  if (!state.people.has(state.me)) state.me = snapshot.people[0].id
  if (state.place === '') state.place = snapshot.channels[0].id
}

const MODAL_STEP = {
  open: (stack, view) => [view],
  push: (stack, view) => [...stack, view],
  update: (stack, view) => stack.map((each) => (each.id === view.id ? view : each)),
}

const takeEvent = (event) => {
  switch (event.kind) {
    case 'message':
      if (event.message.channel !== state.place) state.unread.add(event.message.channel)
      // The verdict comes as a reply: show the thread as soon as the bot opens one here.
      else if (state.thread === null && event.message.thread_ts !== undefined) openThread(event.message.thread_ts)
      putMessage(event.message)
      break
    case 'update':
      putMessage(event.message)
      break
    case 'delete':
      state.messages.set(
        event.channel,
        messagesIn(event.channel).filter((each) => each.ts !== event.ts),
      )
      break
    case 'ephemeral':
      state.ephemerals.set(event.ephemeral.ts, event.ephemeral)
      break
    case 'ephemeral-delete':
      state.ephemerals.delete(event.ts)
      break
    case 'modal': {
      const { view } = event
      state.stacks.set(view.user, MODAL_STEP[event.how](state.stacks.get(view.user) ?? [], view))
      break
    }
    case 'modal-closed':
      state.stacks.set(
        event.user,
        (state.stacks.get(event.user) ?? []).filter((each) => each.id !== event.viewId),
      )
      break
    case 'home':
      state.homes.set(event.view.user, event.view)
      break
    case 'sockets':
      state.sockets = event.open
      break
    default:
  }
  render()
}

const composer = (form, box, extra) => {
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    const text = box.value.trim()
    if (text === '') return
    box.value = ''
    at('messages').scrollTop = at('messages').scrollHeight
    void act({ do: 'say', text, ...extra() })
  })
}
composer(at('composer'), at('words'), () => ({}))
composer(at('reply-composer'), at('reply-words'), () => ({ thread: state.thread }))
at('thread-close').addEventListener('click', () => {
  state.thread = null
  render()
})

const source = new EventSource('/page/events')
source.addEventListener('snapshot', (event) => {
  takeSnapshot(JSON.parse(event.data))
  render()
})
source.addEventListener('message', (event) => takeEvent(JSON.parse(event.data)))
source.addEventListener('error', () => {
  state.sockets = 0
  render()
})
