import { isMap, isPair, isScalar, parseDocument } from 'yaml'
import { ConfigError } from '../../domain/errors.ts'
import { expandRange } from './ansibleRange.ts'

type Vars = ReadonlyMap<string, string>

/** A host as an Ansible inventory describes it, with the variables of its groups. */
export interface AnsibleHost {
  readonly name: string
  /** Every group it is in, by itself or through a child group. */
  readonly groups: readonly string[]
  readonly vars: Vars
}

/** Variables beside the inventory: `group_vars/web.yml`, `host_vars/db1.yml`. Empty when there is no such file. */
export type ReadVars = (kind: 'group_vars' | 'host_vars', name: string) => Vars

interface Group {
  readonly hosts: Set<string>
  readonly children: Set<string>
  readonly vars: Map<string, string>
}

/** A range such as `[1:99999999]` must not fill the memory. */
export const MOST_HOSTS = 20_000

/** Reads an inventory file as it is, INI or YAML. Throws ConfigError with file and line. */
export const parseAnsible = (text: string, path: string, readVars: ReadVars): readonly AnsibleHost[] => {
  const book = new Book(path)
  if (/\.ya?ml$/.test(path) || /^(?:---|all:|[A-Za-z_]\w*:\s*$)/m.test(text)) readYaml(book, text)
  else readIni(book, text)
  return book.hosts(readVars)
}

class Book {
  readonly path: string
  readonly #groups = new Map<string, Group>()
  readonly #hostVars = new Map<string, Map<string, string>>()

  constructor(path: string) {
    this.path = path
  }

  group(name: string): Group {
    const known = this.#groups.get(name)
    if (known !== undefined) return known
    const made: Group = { hosts: new Set(), children: new Set(), vars: new Map() }
    this.#groups.set(name, made)
    return made
  }

  add(pattern: string, group: string, line: number): readonly Map<string, string>[] {
    const names = expandRange(pattern, MOST_HOSTS)
    if (names === null || this.#hostVars.size + names.length > MOST_HOSTS)
      throw new ConfigError(`${this.path}:${line}: "${pattern.slice(0, 80)}": more than ${MOST_HOSTS} hosts`)
    return names.map((name) => {
      this.group(group).hosts.add(name)
      const vars = this.#hostVars.get(name) ?? new Map<string, string>()
      this.#hostVars.set(name, vars)
      return vars
    })
  }

  hosts(readVars: ReadVars): readonly AnsibleHost[] {
    const files = new Map<string, Vars>()
    const varsOf = (group: string): Vars => {
      const read = files.get(group) ?? readVars('group_vars', group)
      files.set(group, read)
      return new Map([...(this.#groups.get(group)?.vars ?? []), ...read])
    }
    return [...this.#hostVars].map(([name, own]) => {
      const groups = this.#groupsOf(name)
      const vars = new Map<string, string>()
      // Far groups first, so that a child's word goes before its parent's; a host's own word is the last.
      for (const layer of [varsOf('all'), ...groups.map(varsOf), own, readVars('host_vars', name)])
        for (const [key, value] of layer) vars.set(key, value)
      return { name, groups: groups.filter((group) => group !== 'all' && group !== 'ungrouped'), vars }
    })
  }

  /** Parents before children. */
  #groupsOf(host: string): readonly string[] {
    const found = new Map<string, number>()
    const climb = (group: string, height: number): void => {
      // A circle of groups is cut where it would climb for ever.
      if (height > 50 || (found.get(group) ?? -1) >= height) return
      found.set(group, height)
      for (const [parent, { children }] of this.#groups) if (children.has(group)) climb(parent, height + 1)
    }
    for (const [group, { hosts }] of this.#groups) if (hosts.has(host)) climb(group, 0)
    return [...found].toSorted(([, one], [, other]) => other - one).map(([group]) => group)
  }
}

const readIni = (book: Book, text: string): void => {
  let group = 'ungrouped'
  let part: 'hosts' | 'vars' | 'children' = 'hosts'
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.trim()
    if (line === '' || line.startsWith('#') || line.startsWith(';')) continue
    const header = /^\[([^\]:\s]{1,200})(?::(vars|children))?\]\s*(?:#.*)?$/.exec(line)
    if (header !== null) {
      group = header[1] ?? ''
      part = (header[2] as 'vars' | 'children' | undefined) ?? 'hosts'
      book.group(group)
    } else if (part === 'children') book.group(group).children.add(wordsOf(line)[0] ?? '')
    else if (part === 'vars') {
      const [key, value] = pairOf(line, /\s*=\s*/)
      if (key === undefined)
        throw new ConfigError(`${book.path}:${index + 1}: expected name=value, got "${line.slice(0, 80)}"`)
      book.group(group).vars.set(key, unquoted(value))
    } else readHostLine(book, group, line, index + 1)
  }
}

const readHostLine = (book: Book, group: string, line: string, number: number): void => {
  const [first = '', ...words] = wordsOf(line)
  // `db1:2222` names a port; a range holds its colon in brackets.
  const port = /^(.*[^:\]]|.*\]):(\d{1,5})$/.exec(first)
  for (const vars of book.add(port?.[1] ?? first, group, number)) {
    if (port?.[2] !== undefined) vars.set('ansible_port', port[2])
    for (const word of words) {
      const [key, value] = pairOf(word, /=/)
      if (key === undefined)
        throw new ConfigError(`${book.path}:${number}: expected name=value, got "${word.slice(0, 80)}"`)
      vars.set(key, value)
    }
  }
}

const pairOf = (text: string, sign: RegExp): readonly [string, string] | readonly [undefined, ''] => {
  const match = sign.exec(text)
  if (match === null || match.index === 0) return [undefined, '']
  return [text.slice(0, match.index).trim(), text.slice(match.index + match[0].length)]
}

/** Words as a shell would see them; an unquoted `#` begins a comment. */
const wordsOf = (line: string): readonly string[] => {
  const words: string[] = []
  let word: string | null = null
  let quote = ''
  for (const [index, char] of Array.from(line).entries()) {
    if (quote !== '') {
      if (char === quote) quote = ''
      else word = `${word ?? ''}${char}`
    } else if (char === '"' || char === "'") {
      quote = char
      word ??= ''
    } else if (/\s/.test(char)) {
      if (word !== null) words.push(word)
      word = null
    } else if (char === '#' && word === null && index > 0) break
    else word = `${word ?? ''}${char}`
  }
  if (word !== null) words.push(word)
  return words
}

const unquoted = (text: string): string =>
  /^(["'])(.*)\1\s*(?:#.*)?$/.exec(text)?.[2] ?? text.replace(/\s+#.*$/, '').trim()

const readYaml = (book: Book, text: string): void => {
  // Failsafe: `22` stays text; a vault's tag is no reason to stop.
  const document = parseDocument(text, { schema: 'failsafe', logLevel: 'silent', prettyErrors: true })
  const [problem] = document.errors
  if (problem !== undefined) throw new ConfigError(`${book.path}: ${problem.message.split('\n')[0] ?? ''}`)
  if (document.contents !== null && !isMap(document.contents))
    throw new ConfigError(`${book.path}: expected groups, such as "all:"`)
  for (const [name, value] of entriesOf(document.contents)) readYamlGroup(book, name, value, 0)
}

const readYamlGroup = (book: Book, name: string, value: unknown, depth: number): void => {
  if (depth > 50) throw new ConfigError(`${book.path}: groups stand too deep in each other`)
  const group = book.group(name)
  for (const [key, part] of entriesOf(value)) {
    if (key === 'vars') for (const [variable, text] of scalarsOf(part)) group.vars.set(variable, text)
    else if (key === 'hosts') readYamlHosts(book, name, part)
    else if (key === 'children') {
      for (const [child, below] of entriesOf(part)) {
        group.children.add(child)
        readYamlGroup(book, child, below, depth + 1)
      }
    }
  }
}

const readYamlHosts = (book: Book, group: string, part: unknown): void => {
  for (const [pattern, own] of entriesOf(part)) {
    for (const vars of book.add(pattern, group, 1))
      for (const [variable, text] of scalarsOf(own)) vars.set(variable, text)
  }
}

const entriesOf = (node: unknown): readonly (readonly [string, unknown])[] =>
  isMap(node)
    ? node.items.flatMap((item) =>
        isPair(item) && isScalar(item.key) ? [[String(item.key.value), item.value] as const] : [],
      )
    : []

const scalarsOf = (node: unknown): readonly (readonly [string, string])[] =>
  entriesOf(node).flatMap(([key, value]) =>
    isScalar(value) && typeof value.value === 'string' ? [[key, value.value] as const] : [],
  )

/** Flat variables of a `group_vars` or `host_vars` file; nested ones are no business of a connection. */
export const parseVars = (text: string): Vars =>
  new Map(scalarsOf(parseDocument(text, { schema: 'failsafe', logLevel: 'silent' }).contents))
