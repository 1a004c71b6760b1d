import { joinName, joinSentence } from './sentences.ts'
import type { LineEnd } from './sentences.ts'

/**
 * Puts hard-wrapped kernel lines together again. A line is continued only if it is the beginning of a known template
 * that is not complete yet, and only by a text that can stand at that place: a wrong join would invent numbers.
 */
export const joinWrapped = (indented: string, rest: string, amongStamped: boolean, end: LineEnd): string | null => {
  const begun = indented.trimStart()
  if (begun.length + rest.length > MAX_JOINED || rest === '') return null
  const name = amongStamped ? joinName(begun, rest) : null
  if (name !== null) return name
  if (OWN_LINE.test(rest) && !OPEN_NAME.test(begun) && !(HALF_HEAD.test(begun) && rest.startsWith('Kill'))) return null
  const retold = begun.includes('OOMKilling') ? RETOLD.exec(begun)?.[0].length : undefined
  const front = begun.slice(0, retold ?? 0)
  const sentence = joinSentence(begun.slice(front.length), rest, end)
  if (sentence !== null) return front + sentence
  const template = TEMPLATES.find((candidate) => candidate.begins.test(begun))
  if (template === undefined || template.complete.test(begun)) return null
  // Where no line has a stamp, a line without one says nothing about being the rest of another.
  const continues = amongStamped ? template.continues : (template.alone ?? template.continues)
  if (!continues.test(rest)) return null
  return begun + (template.blank(begun, rest) ? ' ' : '') + rest
}

/** They print one line for each message: what stands below without a time is its rest. */
const TELLERS: ReadonlySet<string> = new Set(['systemd', 'systemd-oomd', 'earlyoom', 'nohang', 'kubelet'])
/** A sentence that is over; what follows is somebody else's. */
const OVER = /(?:[.!"'}%]|status=\d{1,3}(?:\/[\w-]{1,20})?|with reclaim activity|MiB)$/
/** No mail is wider. */
const WIDEST_WRAP = 132

/** The message of a program that tells of kills, which a mail broke at a blank: the next word had no room any more. */
export const joinTold = (source: string | null, told: string, rest: string, lengths: LineLengths): string | null => {
  if (source === null || !TELLERS.has(source) || rest === '' || OVER.test(told)) return null
  const [next = ''] = rest.split(' ', 1)
  const isFull = lengths.longest <= WIDEST_WRAP && lengths.line + 1 + next.length > lengths.longest
  return isFull && told.length + rest.length <= MAX_JOINED ? `${told} ${rest}` : null
}

/** How long the line is, and the longest until now. */
export interface LineLengths {
  readonly line: number
  readonly longest: number
}

/** What an event of Kubernetes has in front of the kernel's sentence. */
const RETOLD = /^.{1,400}?(?=(?:Memory cgroup o|O)ut of memory: Kill)/

/** What begins like this is a line of a report itself. */
const OWN_LINE =
  /^(?:(?:Memory cgroup o|O)ut of memory: |Kill(?:ed)? process \d|oom_reaper: |oom-kill:|Tasks? (?:in|state)|Mem-[Ii]nfo|Call [Tt]race|CPU: \d|Hardware name|memory: usage|swap: usage|kmem: usage|memory\+swap: usage|\[ {0,10}(?:pid|\d{1,10})? {0,3}\])/

/** A name goes on, and may hold brackets. */
const OPEN_NAME = /process \d{1,10} \([^)]{1,15}$/

/** What a report's kill begins with; the kill itself may have been broken off. */
const HALF_HEAD = /^(?:Memory cgroup o|O)ut of memory:$/

/** Longest line a wrapped template can have; a zone line has about 700 bytes. */
const MAX_JOINED = 4096

interface Template {
  readonly begins: RegExp
  readonly complete: RegExp
  readonly continues: RegExp
  /** The same where no line is stamped, if that has to be stricter. */
  readonly alone?: RegExp
  /** Whether the wrap took a blank away. */
  readonly blank: (begun: string, rest: string) => boolean
}

const endsInBlank = (begun: string): boolean => begun.endsWith(' ')

/** The last of the words is whole. */
const COLUMN =
  / (?:uid|tgid|total_vm|rss|rss_anon|rss_file|rss_shmem|nr_ptes|nr_pmds|nr_puds|pgtables_bytes|swapents|cpu|oom_adj|oom_score_adj)$/

const TEMPLATES: readonly Template[] = [
  {
    begins: /^.{1,40}\[\d{1,10}\]: segfault at [0-9a-f]{1,16}\b/,
    complete: / error [0-9a-f]{1,5} in \S{1,200}\[\S{1,60}\]/,
    continues: /^(?:ip|sp|error|in) \S|^[0-9a-f]{8,16}(?: sp| error|$)|^[0-9a-f]{1,5} in \S/,
    blank: (begun) => !endsInBlank(begun),
  },
  {
    // V8's last words, and the collections above them.
    begins: /^.{0,60}FATAL ERROR: [A-Z]\w/,
    complete: /out of memory/,
    continues:
      /^(?:near heap limit|limit Allocation|Allocation failed|failed - |- JavaScript|JavaScript heap|heap out|out of memory|of memory$|memory$)/,
    blank: (begun) => !endsInBlank(begun),
  },
  {
    begins: /^\[\d{1,10}:0x[0-9a-f]{4,16}\] {1,8}\d{1,15} ms: (?:Mark|Scav)/,
    complete: / MB, \d/,
    continues: /^(?:\(\d{1,9}\.\d\) |MB, |-> \d|\d{1,9}\.\d \(\d)/,
    blank: (begun) => !endsInBlank(begun),
  },
  {
    // Somebody left fields out: the others still have their names.
    begins: /^oom-kill:constraint=/,
    complete: /,uid=\d{1,10}$/,
    continues: /^(?:task|pid|uid|task_memcg|oom_memcg|mems_allowed)=/,
    blank: (begun) => !endsInBlank(begun),
  },
  {
    // Sizes that only some kernels print stand behind those of all.
    begins: /^(?:(?:[Mm]emory cgroup o|O)ut of memory(?: \([a-z_]{1,40}\))?: )?Killed process\b/,
    complete: /oom_score_adj:-?\d{1,4}$/,
    continues: /^(?:total-vm|anon-rss|file-rss|shmem-rss|vsz|UID|pgtables|oom_score_adj):-?\d/,
    blank: (begun) => !endsInBlank(begun),
  },
  {
    begins: /^.{1,40}?: (?:page allocation failure|vmalloc)[:.]/,
    complete: /mems_allowed=[\d,-]{1,200}$/,
    continues: /^(?:order:\d|mode:0x|nodemask=|cpuset=|mems_allowed=|GFP_|__GFP_|\||\(|\d{1,12} bytes|bytes)/,
    blank: (begun) => !endsInBlank(begun) && !/[|(]$/.test(begun),
  },
  {
    // A line of the summary: only whole words are joined, and each line has its own last one.
    begins: /^(?:active_anon|active_file|unevictable|slab_reclaimable|mapped|free|active):\d/i,
    complete:
      /(?:isolated_anon|isolated_file|writeback|unstable|slab_unreclaimable|pagetables|bounce|free_cma|free_pcp):\d{1,15}$/,
    continues:
      /^(?:(?:in)?active_(?:anon|file)|isolated_(?:anon|file)|dirty|writeback|unstable|slab_unreclaimable|shmem|pagetables|bounce|free_pcp|free_cma):\d/,
    blank: (begun) => !endsInBlank(begun),
  },
  {
    // A zone or node line: only whole `name:value` words are joined.
    begins: /^(?:Node \d{1,4} (?:[A-Za-z0-9]{1,12} free:|active_anon:)|(?:DMA|DMA32|Normal|HighMem|Movable) free:\d)/,
    complete: /(?:free_cma:\d{1,19}kB|all_unreclaimable\? (?:yes|no)(?: .*)?)$/,
    continues: /^[a-z_A-Z()]{2,24}[:?] ?/,
    blank: (begun) => !endsInBlank(begun),
  },
  {
    begins: /^(?:Node \d{1,4} [A-Za-z0-9]{1,12}|DMA|DMA32|Normal|HighMem|Movable): \d{1,10}\*/,
    complete: / = \d{1,19}kB$/,
    continues: /^(?:\d{1,10}\*|\([UMECHIR]{1,6}\)|= \d)/,
    blank: (begun) => !endsInBlank(begun),
  },
  {
    // FreeBSD's sentence, wrapped by a mail.
    begins: /^pid \d{1,10} \(.{1,40}\),(?: (?:jid|uid) \d{1,10},){0,2}$/,
    complete: /was killed: /,
    continues: /^(?:(?:jid|uid) \d{1,10}, |was killed: )/,
    blank: () => true,
  },
  {
    // The table's header; a mail breaks it at a blank, a console anywhere.
    begins: /^\[ {1,6}pid {1,6}\] /,
    complete: / name$/,
    continues: /^[a-z_][a-z_ ]{0,200}$/,
    blank: (begun) => !endsInBlank(begun) && COLUMN.test(begun),
  },
  {
    // A table row: the name continues, numbers never do.
    begins: /^\[ {0,10}\d{1,10}\] {1,10}\d{1,10} {1,10}\d{1,10} {1,10}\d{1,19} .{0,200}[^\d\s].{0,15}$/,
    complete: /^$/,
    continues: /^[A-Za-z(][^=:[\]]{0,14}$/,
    blank: (begun) => !endsInBlank(begun),
  },
]
