// Slack's text formats as DOM nodes. Text enters the page through textContent only.

const EMOJI = {
  white_check_mark: '✅',
  heavy_check_mark: '✔️',
  x: '❌',
  warning: '⚠️',
  rotating_light: '🚨',
  no_entry: '⛔',
  no_entry_sign: '🚫',
  octagonal_sign: '🛑',
  hourglass: '⌛',
  hourglass_flowing_sand: '⏳',
  arrows_counterclockwise: '🔄',
  mag: '🔍',
  stethoscope: '🩺',
  ambulance: '🚑',
  fire: '🔥',
  bulb: '💡',
  lock: '🔒',
  key: '🔑',
  wrench: '🔧',
  hammer_and_wrench: '🛠️',
  memo: '📝',
  page_facing_up: '📄',
  clipboard: '📋',
  paperclip: '📎',
  bar_chart: '📊',
  chart_with_upwards_trend: '📈',
  clock1: '🕐',
  alarm_clock: '⏰',
  stopwatch: '⏱️',
  timer_clock: '⏲️',
  eyes: '👀',
  see_no_evil: '🙈',
  wave: '👋',
  tada: '🎉',
  skull: '💀',
  boom: '💥',
  computer: '💻',
  desktop_computer: '🖥️',
  floppy_disk: '💾',
  link: '🔗',
  question: '❓',
  grey_question: '❔',
  information_source: 'ℹ️',
  red_circle: '🔴',
  large_orange_circle: '🟠',
  large_yellow_circle: '🟡',
  large_green_circle: '🟢',
  large_blue_circle: '🔵',
  white_circle: '⚪',
  black_circle: '⚫',
  large_orange_diamond: '🔶',
  small_blue_diamond: '🔹',
  zzz: '💤',
  repeat: '🔁',
  fast_forward: '⏩',
  double_vertical_bar: '⏸️',
  black_square_for_stop: '⏹️',
}

/** An element with a class and children; strings become text nodes. */
export const make = (tag, className = '', ...children) => {
  const node = document.createElement(tag)
  if (className !== '') node.className = className
  node.append(...children.filter((child) => child !== null && child !== undefined))
  return node
}

/** A name of an emoji as the character, or as it was written. */
export const emoji = (name) => EMOJI[name.replace(/::skin-tone-\d$/, '')] ?? `:${name}:`

// Slack draws emoji as pictures. The signs of state are drawn here too, so that they show on a machine without an emoji font.
const DISC = 'M8 1a7 7 0 1 0 0 14A7 7 0 1 0 8 1'
const TICK = 'M6.7 12.2 2.9 8.4l1.6-1.6 2.2 2.2 4.8-4.8 1.6 1.6z'
const CROSS = 'M3.2 4.8 4.8 3.2 8 6.4l3.2-3.2 1.6 1.6L9.6 8l3.2 3.2-1.6 1.6L8 9.6l-3.2 3.2-1.6-1.6L6.4 8z'
const BOX = 'M3 1h10a2 2 0 0 1 2 2v10a2 2 0 0 1-2 2H3a2 2 0 0 1-2-2V3a2 2 0 0 1 2-2'
const SAND = 'M3 1h10v2c0 3-3 4-4 5 1 1 4 2 4 5v2H3v-2c0-3 3-4 4-5-1-1-4-2-4-5z'
const SIGNS = {
  '🔴': [[DISC, '#dd2e44']],
  '🟠': [[DISC, '#f4900c']],
  '🟡': [[DISC, '#fdcb58']],
  '🟢': [[DISC, '#2bac76']],
  '🔵': [[DISC, '#1d9bd1']],
  '⚪': [[DISC, '#d5d7da']],
  '⚫': [[DISC, '#31373d']],
  '✅': [
    [BOX, '#2bac76'],
    [TICK, '#fff'],
  ],
  '❌': [[CROSS, '#dd2e44']],
  '⚠': [
    ['M8 1 15.5 15H.5z', '#f7b731'],
    ['M7.2 5.5h1.6l-.3 5h-1zM7.2 11.5h1.6V13H7.2z', '#1d1c1d'],
  ],
  '🛑': [
    ['M5 1h6l4 4v6l-4 4H5l-4-4V5z', '#dd2e44'],
    ['M4 7h8v2H4z', '#fff'],
  ],
  '⛔': [
    [DISC, '#dd2e44'],
    ['M4 7h8v2H4z', '#fff'],
  ],
  '🚫': [
    [DISC, '#dd2e44'],
    ['M8 3a5 5 0 1 0 0 10A5 5 0 1 0 8 3', '#fff'],
    ['M3.6 4.9 4.9 3.6l7.5 7.5-1.3 1.3z', '#dd2e44'],
  ],
  '🚨': [
    ['M3 11V8a5 5 0 0 1 10 0v3z', '#dd2e44'],
    ['M2 12h12v3H2z', '#66757f'],
  ],
  '⏳': [[SAND, '#b8860b']],
  '⌛': [[SAND, '#b8860b']],
  '🔍': [
    ['M6.5 1a5.5 5.5 0 1 0 0 11 5.5 5.5 0 1 0 0-11', '#66757f'],
    ['M6.5 3a3.5 3.5 0 1 0 0 7 3.5 3.5 0 1 0 0-7', '#d6ecf8'],
    ['m10 11.4 1.4-1.4 4 4-1.4 1.4z', '#66757f'],
  ],
  '🔁': [
    [BOX, '#1d9bd1'],
    [
      'M4 7.5a4 4 0 0 1 6.8-2.9L12 3.5V7H8.5l1.1-1.2A2.4 2.4 0 0 0 5.6 7.5zM12 8.5a4 4 0 0 1-6.8 2.9L4 12.5V9h3.5l-1.1 1.2a2.4 2.4 0 0 0 4-1.7z',
      '#fff',
    ],
  ],
  '🖐': [
    [DISC, '#fdcb58'],
    ['M5 5h1.2v3H5zM7.4 3.5h1.2V8H7.4zM9.8 5H11v3H9.8zM5 8h6v2a3 3 0 0 1-6 0z', '#7a5200'],
  ],
  '🔧': [['M10.5 1.5a4 4 0 0 0-3.9 5.1L1.5 11.7l2.8 2.8 5.1-5.1A4 4 0 0 0 14.4 4.4L12 6.8 9.2 4l2.4-2.4z', '#66757f']],
  '🔌': [['M5 1h1.5v4H5zM9.5 1H11v4H9.5zM3.5 5h9v3a4.5 4.5 0 0 1-3.7 4.4V15H7.2v-2.6A4.5 4.5 0 0 1 3.5 8z', '#66757f']],
  '🧭': [
    [DISC, '#66757f'],
    ['m11.5 4.5-2 5-5 2 2-5z', '#fff'],
  ],
  '🩺': [
    [
      'M3 1h2v1.5H4.5v4a2.5 2.5 0 0 0 5 0v-4H9V1h2v5.5a4 4 0 0 1-3.3 3.9V11a2 2 0 0 0 4 0V9.8a2 2 0 1 1 1.5 0V11a3.5 3.5 0 0 1-7 0v-.6A4 4 0 0 1 3 6.5z',
      '#0b7a5c',
    ],
  ],
  '🕘': [
    [DISC, '#66757f'],
    ['M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 1 0 0-11', '#fff'],
    ['M7.4 4h1.2v4.6H4.5V7.4h2.9z', '#66757f'],
  ],
  '📊': [['M1 13h14v2H1zM2.5 8H5v4H2.5zM6.8 3h2.5v9H6.8zM11 6h2.5v6H11z', '#1d9bd1']],
  '🗂': [['M1 3h5l1.5 2H15v9H1zm1.5 4v5.5h11V7z', '#b8860b']],
  '🔒': [['M3 7h1V5a4 4 0 0 1 8 0v2h1v8H3zm3 0h4V5a2 2 0 0 0-4 0z', 'currentColor']],
  '👁': [
    ['M8 3c3.5 0 6 2.5 7.5 5-1.5 2.5-4 5-7.5 5S2 10.5.5 8C2 5.5 4.5 3 8 3', 'currentColor'],
    ['M8 5a3 3 0 1 0 0 6 3 3 0 1 0 0-6', '#fff'],
    ['M8 6.5a1.5 1.5 0 1 0 0 3 1.5 1.5 0 1 0 0-3', 'currentColor'],
  ],
  '📄': [
    ['M3 1h7l3 3v11H3z', '#b9c3cb'],
    ['M5 6h6v1.2H5zM5 9h6v1.2H5zM5 12h4v1.2H5z', '#fff'],
  ],
  '📝': [
    ['M3 1h7l3 3v11H3z', '#b9c3cb'],
    ['M5 6h6v1.2H5zM5 9h6v1.2H5zM5 12h4v1.2H5z', '#fff'],
  ],
  '⏹': [
    [BOX, '#1d9bd1'],
    ['M5 5h6v6H5z', '#fff'],
  ],
  '⏸': [
    [BOX, '#1d9bd1'],
    ['M4.5 4h2.5v8H4.5zM9 4h2.5v8H9z', '#fff'],
  ],
}
const ALIKE = { '🔎': '🔍', '🔄': '🔁', '✋': '🖐' }
const SIGN_PATTERN = new RegExp(`(${[...Object.keys(SIGNS), ...Object.keys(ALIKE)].join('|')})\\uFE0F?`, 'u')
const SVG = 'http://www.w3.org/2000/svg'

const sign = (character) => {
  const picture = document.createElementNS(SVG, 'svg')
  picture.setAttribute('viewBox', '0 0 16 16')
  picture.setAttribute('class', 'sign')
  picture.setAttribute('role', 'img')
  picture.setAttribute('aria-label', character)
  for (const [shape, fill] of SIGNS[ALIKE[character] ?? character]) {
    const path = document.createElementNS(SVG, 'path')
    path.setAttribute('d', shape)
    path.setAttribute('fill', fill)
    path.setAttribute('fill-rule', 'evenodd')
    picture.append(path)
  }
  return picture
}

/** Text as nodes, its signs of state drawn. */
export const words = (text) =>
  text
    .split(SIGN_PATTERN)
    .map((part, index) => (index % 2 === 1 ? sign(part) : document.createTextNode(part)))
    .filter((node) => node.nodeType !== Node.TEXT_NODE || node.data !== '')

const withEmoji = (text) => text.replace(/:([a-z0-9_+-]{1,40}):/g, (whole, name) => EMOJI[name] ?? whole)

const unescaped = (text) => text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')

/** A link that only goes to the web. */
export const link = (url, label) => {
  if (!/^(https?:|mailto:)/i.test(url)) return document.createTextNode(label)
  const node = make('a', '', label)
  node.href = url
  node.target = '_blank'
  node.rel = 'noopener noreferrer'
  return node
}

/** A time in the reader's zone, by Slack's format tokens. */
export const dateText = (epoch, format, world) => {
  const date = new Date(Number(epoch) * 1000)
  const show = (options) => new Intl.DateTimeFormat('en-US', { timeZone: world.timeZone, ...options }).format(date)
  const tokens = {
    date_num: () => show({ year: 'numeric', month: '2-digit', day: '2-digit' }),
    date: () => show({ year: 'numeric', month: 'long', day: 'numeric' }),
    date_short: () => show({ year: 'numeric', month: 'short', day: 'numeric' }),
    date_long: () => show({ weekday: 'long', year: 'numeric', month: 'long', day: 'numeric' }),
    date_pretty: () => show({ year: 'numeric', month: 'long', day: 'numeric' }),
    date_short_pretty: () => show({ year: 'numeric', month: 'short', day: 'numeric' }),
    date_long_pretty: () => show({ weekday: 'long', year: 'numeric', month: 'long', day: 'numeric' }),
    time: () => show({ hour: 'numeric', minute: '2-digit' }),
    time_secs: () => show({ hour: 'numeric', minute: '2-digit', second: '2-digit' }),
    ago: () => `${Math.max(0, Math.round((Date.now() - date.getTime()) / 60_000))} minutes ago`,
  }
  return format.replace(/\{(\w+)\}/g, (whole, token) => tokens[token]?.() ?? whole)
}

const reference = (inner, world) => {
  const [target, label] = inner.split(/\|(.*)/s)
  if (target.startsWith('@')) return make('span', 'mention', `@${world.personName(target.slice(1))}`)
  if (target.startsWith('#')) return make('span', 'mention', `#${world.channelName(target.slice(1))}`)
  if (/^!(here|channel|everyone)$/.test(target)) return make('span', 'mention loud', `@${target.slice(1)}`)
  if (target.startsWith('!subteam^')) return make('span', 'mention', label ?? `@${target.slice(9)}`)
  if (target.startsWith('!date^')) {
    const [, epoch, format, url] = target.split('^')
    const shown = dateText(epoch, format ?? '', world)
    return url === undefined ? document.createTextNode(shown) : link(url, shown)
  }
  return link(unescaped(target), unescaped(label ?? target))
}

const STYLES = [
  ['b', /(?<![\w*])\*(?=\S)([^*\n]*[^*\s])\*(?![\w*])/],
  ['i', /(?<![\w_])_(?=\S)([^_\n]*[^_\s])_(?![\w_])/],
  ['s', /(?<![\w~])~(?=\S)([^~\n]*[^~\s])~(?![\w~])/],
]

const styled = (text, world) => {
  const code = /`([^`\n]+)`/.exec(text)
  if (code !== null) return around(text, code, make('code', '', unescaped(code[1])), (part) => styled(part, world))
  const angle = /<([^<>\n]+)>/.exec(text)
  const hits = STYLES.map(([tag, pattern]) => ({ tag, hit: pattern.exec(text) })).filter(({ hit }) => hit !== null)
  const first = hits.sort((a, b) => a.hit.index - b.hit.index)[0]
  if (first !== undefined && (angle === null || first.hit.index < angle.index)) {
    return around(text, first.hit, make(first.tag, '', ...styled(first.hit[1], world)), (part) => styled(part, world))
  }
  if (angle !== null) return around(text, angle, reference(angle[1], world), (part) => styled(part, world))
  return text === '' ? [] : words(withEmoji(unescaped(text)))
}

const around = (text, hit, node, rest) => [
  ...rest(text.slice(0, hit.index)),
  node,
  ...rest(text.slice(hit.index + hit[0].length)),
]

/** Slack's mrkdwn as nodes. */
export const mrkdwn = (text, world) =>
  text.split(/```\n?([\s\S]*?)```/).flatMap((part, index) => {
    if (index % 2 === 1) return [make('pre', '', unescaped(part.replace(/\n$/, '')))]
    return part.split(/((?:^|\n)(?:&gt;|>) ?[^\n]*(?:\n(?:&gt;|>) ?[^\n]*)*)/).flatMap((piece, at) => {
      if (at % 2 === 0) return styled(piece, world)
      const quoted = piece.replace(/^\n/, '').replace(/^(&gt;|>) ?/gm, '')
      return [make('blockquote', '', ...styled(quoted, world))]
    })
  })

/** Plain text: emoji names come alive, nothing else. */
export const plain = (text, withNames = true) => make('span', '', ...words(withNames ? withEmoji(text) : text))

/** A text object of Block Kit. */
export const textObject = (object, world) => {
  if (object.type === 'mrkdwn') return make('span', 'text', ...mrkdwn(object.text, world))
  return make('span', 'text', plain(object.text, object.emoji !== false))
}

const WRAPS = [
  ['bold', 'b'],
  ['italic', 'i'],
  ['strike', 's'],
  ['underline', 'u'],
  ['code', 'code'],
]

const richPiece = (piece, world) => {
  const bare = () => {
    switch (piece.type) {
      case 'text':
        return make('span', '', ...words(piece.text))
      case 'link':
        return link(piece.url, piece.text ?? piece.url)
      case 'emoji':
        return make('span', '', ...words(emoji(piece.name)))
      case 'user':
        return make('span', 'mention', `@${world.personName(piece.user_id)}`)
      case 'channel':
        return make('span', 'mention', `#${world.channelName(piece.channel_id)}`)
      case 'usergroup':
        return make('span', 'mention', `@${piece.usergroup_id}`)
      case 'broadcast':
        return make('span', 'mention loud', `@${piece.range}`)
      case 'date':
        return document.createTextNode(dateText(piece.timestamp, piece.format, world))
      default:
        return document.createTextNode('')
    }
  }
  return WRAPS.reduce((node, [style, tag]) => (piece.style?.[style] === true ? make(tag, '', node) : node), bare())
}

const pieces = (element, world) => element.elements.map((piece) => richPiece(piece, world))

const richElement = (element, world) => {
  if (element.type === 'rich_text_preformatted') return make('pre', '', ...pieces(element, world))
  if (element.type === 'rich_text_quote') return make('blockquote', '', ...pieces(element, world))
  if (element.type !== 'rich_text_list') return make('div', 'text', ...pieces(element, world))
  const list = make(element.style === 'ordered' ? 'ol' : 'ul')
  if (element.offset > 0) list.start = element.offset + 1
  if (element.indent > 0) list.style.marginLeft = `${element.indent * 24}px`
  list.append(...element.elements.map((item) => make('li', 'text', ...pieces(item, world))))
  return list
}

/** A rich_text block. */
export const richText = (block, world) =>
  make('div', 'b-rich', ...block.elements.map((element) => richElement(element, world)))

/** The little Markdown that our own markdown blocks use: headings, lists, code, bold, links. */
export const markdown = (source, world) => {
  const node = make('div', 'b-rich')
  for (const [index, part] of source.split(/```\w*\n?([\s\S]*?)```/).entries()) {
    if (index % 2 === 1) {
      node.append(make('pre', '', part.replace(/\n$/, '')))
      continue
    }
    for (const line of part.split('\n')) {
      const heading = /^#{1,6} (.*)/.exec(line)
      const item = /^\s*(?:[-*]|\d+\.) (.*)/.exec(line)
      const asSlack = (text) =>
        mrkdwn(text.replace(/\[([^\]]*)\]\(([^)\s]+)\)/g, '<$2|$1>').replace(/\*\*([^*]+)\*\*/g, '*$1*'), world)
      if (heading !== null) node.append(make('div', 'b-header', ...asSlack(heading[1])))
      else if (item !== null) node.append(make('ul', '', make('li', 'text', ...asSlack(item[1]))))
      else if (line.trim() !== '') node.append(make('div', 'text', ...asSlack(line)))
    }
  }
  return node
}
