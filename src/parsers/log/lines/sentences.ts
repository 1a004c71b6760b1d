/**
 * The kernel's decisive sentences, word by word, to say whether a text is the beginning of one: then a broken line may
 * be joined with the next, and only in the way in which the sentence goes on.
 */

/** Reads on at `at`, and hands what is left to `next`. A text that ends before the sentence does is its beginning. */
type Word = (text: string, at: number, next: Next) => boolean
type Next = (at: number) => boolean

/** These letters; a blank may be several, as some kernels print two. */
const say =
  (letters: string): Word =>
  (text, at, next) => {
    let position = at
    for (const letter of letters) {
      if (position === text.length) return true
      if (text.charAt(position) !== letter) return false
      position += 1
      if (letter === ' ') while (text.charAt(position) === ' ') position += 1
    }
    return next(position)
  }

/** As many characters of this sort as there are, one at least. */
const run =
  (sort: RegExp): Word =>
  (text, at, next) => {
    let position = at
    while (position < text.length && sort.test(text.charAt(position))) position += 1
    return position === text.length || (position > at && next(position))
  }

/** A process's name, which may hold anything. */
const name: Word = (text, at, next) => {
  for (let end = at + 1; end <= at + LONGEST_NAME; end += 1) {
    if (end >= text.length || next(end)) return true
  }
  return false
}
/** 15 bytes, and some print a number behind it. */
const LONGEST_NAME = 23

/** Whatever stands before these letters, without a blank in it. */
const until =
  (...stops: readonly string[]): Word =>
  (text, at, next) => {
    const ends = stops.map((stop) => text.indexOf(stop, at)).filter((end) => end >= 0)
    const end = ends.length === 0 ? text.length : Math.min(...ends)
    return !text.slice(at, end).includes(' ') && (end === text.length || next(end))
  }

const sequence =
  (...words: readonly Word[]): Word =>
  (text, at, next) => {
    const [first, ...others] = words
    return first === undefined ? next(at) : first(text, at, (after) => sequence(...others)(text, after, next))
  }

const oneOf =
  (...words: readonly Word[]): Word =>
  (text, at, next) =>
    words.some((word) => word(text, at, next))

const maybe = (word: Word): Word => oneOf(word, sequence())

/** The same again and again, and none too. */
const repeated =
  (word: Word): Word =>
  (text, at, next) =>
    next(at) || word(text, at, (after) => after > at && repeated(word)(text, after, next))

const digits = run(/\d/)
const signed = sequence(maybe(say('-')), digits)
const word = run(/\S/)

const memoryShort = oneOf(
  say('Memory cgroup out of memory: '),
  say('Out of memory: '),
  say('Out of memory (oom_kill_allocating_task): '),
  sequence(),
)
const size = oneOf(
  ...['total-vm:', 'anon-rss:', 'file-rss:', 'shmem-rss:', 'vsz:', 'pgtables:'].map((label) =>
    sequence(say(label), digits, say('kB')),
  ),
  ...['UID:', 'UID ', 'oom_score_adj:'].map((label) => sequence(say(label), signed)),
)
const beancounterSize = oneOf(...['vm:', 'rss:', 'swap:'].map((label) => sequence(say(label), digits, say('kB'))))
const sizes = repeated(sequence(maybe(say(',')), say(' '), size))
const victim = sequence(digits, maybe(sequence(say(', UID '), digits, say(','))), say(' ('), name, say(')'))
const adjustment = oneOf(...['oom_score_adj=', 'oom_adj=', 'oomkilladj='].map((label) => sequence(say(label), signed)))
const usage = (what: string): Word =>
  sequence(say(`${what}: usage `), digits, say('kB, limit '), digits, say('kB, failcnt '), digits)

/** How far a sentence must have come to be known by its beginning, and the sentence. */
const SENTENCES: readonly (readonly [RegExp, Word])[] = [
  [
    /^(?:Memory cgroup(?: out(?: of(?: memory:?)?)?)?|Out of(?: memory:?)?)$|^(?:(?:Memory cgroup o|O)ut of memory(?: \([a-z_]{1,40}\))?: )?Killed(?:$| p)/,
    sequence(memoryShort, say('Killed process '), victim, sizes),
  ],
  [
    /^(?:Memory cgroup(?: out(?: of(?: memory:?)?)?)?|Out of(?: memory:?)?)$|^(?:Memory cgroup o|O)ut of memory: Kill(?:$| p)/,
    sequence(memoryShort, say('Kill process '), victim, say(' score '), digits, say(' or sacrifice child')),
  ],
  [
    /^Out of memory in UB\b/,
    sequence(
      say('Out of memory in UB'),
      maybe(sequence(say(' '), digits)),
      say(': '),
      maybe(say('OOM ')),
      oneOf(say('killed process '), say('Killed process ')),
      victim,
      maybe(sequence(say(' score '), digits)),
      repeated(sequence(maybe(say(',')), say(' '), beancounterSize)),
    ),
  ],
  [
    /^.{1,23} invoked(?: oom-killer:|$)/,
    sequence(
      name,
      say(' invoked oom-killer: gfp_mask=0x'),
      run(/[0-9a-f]/),
      maybe(sequence(say('('), run(/[\w|]/), say(')'))),
      maybe(sequence(say(', nodemask='), until(', '))),
      say(', order='),
      signed,
      repeated(sequence(say(', '), adjustment)),
    ),
  ],
  [
    /^oom-kill:constraint=/,
    sequence(
      say('oom-kill:constraint='),
      ...[',nodemask=', ',cpuset=', ',mems_allowed='].flatMap((label) => [until(label), say(label)]),
      until(',global_oom', ',oom_memcg='),
      oneOf(say(',global_oom'), sequence(say(',oom_memcg='), until(',task_memcg='))),
      say(',task_memcg='),
      until(',task='),
      say(',task='),
      name,
      say(',pid='),
      digits,
      say(',uid='),
      digits,
    ),
  ],
  [/^memory: usage/, usage('memory')],
  [/^memory\+swap: usage/, usage('memory+swap')],
  [/^(?:swap|kmem): usage/, oneOf(usage('swap'), usage('kmem'))],
  [/^Task in(?:$| \/)/, sequence(say('Task in '), word, say(' killed as a result of limit of '), word)],
  [/^Tasks in(?:$| \/)/, sequence(say('Tasks in '), word, say(' are going to be killed due to memory.oom.group set'))],
  [
    /^Memory cgroup stats(?:$| for)/,
    sequence(
      say('Memory cgroup stats for '),
      word,
      repeated(sequence(say(' '), run(/[a-z_]/), say(':'), digits, say('KB'))),
    ),
  ],
  [/^oom_reaper: reaped/, sequence(say('oom_reaper: reaped process '), digits, say(' ('), name, say('), now'), sizes)],
]

/** Most lines are none of these, and need no closer look. */
const SPEAKS = /^(?:M|O|Kill|oom|memory|swap|kmem|Task)| invoked/

const isBeginning = (text: string, sentence: Word): boolean => sentence(text, 0, (at) => at === text.length)

/** Where a line ends: somewhere, at the right edge of the text, or at an edge at which most of its lines end. */
export type LineEnd = 'open' | 'edge' | 'cut'

/** At an edge a number or a path may have lost its end, and nothing would show it. */
const TORN = /(?:\d|\/\S*)$/

/**
 * A sentence's broken line and the next one as one, null when the next is not its rest. Where the break can have been
 * a blank or none, the way of the text decides: a terminal breaks at its edge, a mail program at a blank. What a
 * window cut off is lost, and the next line is not its rest.
 */
export const joinSentence = (begun: string, rest: string, end: LineEnd): string | null => {
  if (!SPEAKS.test(begun)) return null
  // No mail program breaks a number.
  if (end === 'open' && /\d$/.test(begun) && /^\d/.test(rest)) return null
  for (const [known, sentence] of SENTENCES) {
    if (!known.test(begun) || !isBeginning(begun, sentence)) continue
    const glued = begun + rest
    const spaced = `${begun} ${rest}`
    const isTorn = end === 'cut' || TORN.test(begun)
    const ways = end === 'open' ? [spaced, glued] : isTorn ? [glued] : [glued, spaced]
    const joined = ways.find((way) => isBeginning(way, sentence))
    if (joined !== undefined) return joined
  }
  return null
}
