/**
 * Puts hard-wrapped kernel lines together again. A line is continued only if it is the beginning of a known template
 * that is not complete yet, and only by a text that can stand at that place: a wrong join would invent numbers.
 */
export const joinWrapped = (indented: string, rest: string, amongStamped: boolean): string | null => {
  const begun = indented.trimStart()
  if (begun.length + rest.length > MAX_JOINED || rest === '' || OWN_LINE.test(rest)) return null
  const template = TEMPLATES.find((candidate) => candidate.begins.test(begun))
  if (template === undefined || template.complete.test(begun)) return null
  // Where no line has a stamp, a line without one says nothing about being the rest of another.
  const continues = amongStamped ? template.continues : (template.alone ?? template.continues)
  if (!continues.test(rest)) return null
  return begun + (template.blank(begun, rest) ? ' ' : '') + rest
}

/** What begins like this is a line of a report itself. */
const OWN_LINE =
  /^(?:(?:Memory cgroup o|O)ut of memory: |Kill(?:ed)? process \d|oom_reaper: |oom-kill:|Tasks? (?:in|state)|Mem-[Ii]nfo|Call [Tt]race|CPU: \d|Hardware name|memory: usage|swap: usage|kmem: usage|memory\+swap: usage|\[ {0,10}(?:pid|\d{1,10})? {0,3}\])/

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

/** A number or word cut in the middle is joined without a blank, a new word with one. */
const KILL_WORD =
  /^(?:total-vm|anon-rss|file-rss|shmem-rss|vsz|UID|pgtables|oom_score_adj|process|\(|score|or |sacrifice|\d{1,10} \()/
const INVOKED_WORD = /^(?:invoked|oom-killer|gfp_mask|nodemask|order|oom_score_adj|oomkilladj|oom_adj)/
/** The last of the words is whole. */
const COLUMN =
  / (?:uid|tgid|total_vm|rss|rss_anon|rss_file|rss_shmem|nr_ptes|nr_pmds|nr_puds|pgtables_bytes|swapents|cpu|oom_adj|oom_score_adj)$/
const ANY_WORD = /^[a-z(_]/

const TEMPLATES: readonly Template[] = [
  {
    begins: /^oom-kill:constraint=/,
    complete: /,uid=\d{1,10}$/,
    continues: /^[^[]/,
    alone: /^(?:\S{1,400}$|.{0,400}\b(?:task|pid|uid|task_memcg|oom_memcg|mems_allowed)=)/,
    blank: (begun, rest) => !endsInBlank(begun) && rest.startsWith('('),
  },
  {
    begins:
      /^(?:(?:(?:[Mm]emory cgroup o|O)ut of memory(?: \([a-z_]{1,40}\))?: )?Killed process\b|(?:Memory cgroup o|O)ut of memory: Killed ?$)/,
    complete: /oom_score_adj:-?\d{1,4}$/,
    continues:
      /^(?:(?:total-vm|anon-rss|file-rss|shmem-rss|vsz|UID|pgtables|oom_score_adj|process|[a-z_-]{1,12}:)|\(|\d{1,12}(?: \(|kB|$)|kB|:\d{1,15}kB)/,
    alone: /^(?:(?:total-vm|anon-rss|file-rss|shmem-rss|vsz|UID|pgtables|oom_score_adj):-?\d|process \d{1,10} \()/,
    blank: (begun, rest) => !endsInBlank(begun) && (begun.endsWith(',') || KILL_WORD.test(rest)),
  },
  {
    begins: /^(?:(?:Memory cgroup o|O)ut of memory:|Out of memory in UB(?: \d{1,10})?:(?: OOM)?)$/,
    complete: /[Kk]illed process \d/,
    continues: /^(?:OOM )?[Kk]ill(?:ed)? process /,
    blank: () => true,
  },
  {
    begins: /^(?:Memory cgroup o|O)ut of memory: Kill(?: process\b|$)/,
    complete: /child$/,
    continues: /^(?:process \d|\d{1,10} \(|\(|score|or |sacrifice|child)/,
    blank: (begun) => !endsInBlank(begun),
  },
  {
    begins: /^.{1,15} invoked(?: oom-killer:|$)/,
    complete: /(?:oom_score_adj|oom_scoe_adj|oom_adj|oomkilladj)=-?\d{1,4}$/,
    continues: /^(?:oom-killer:|gfp_mask=|nodemask=|order=|oom|GFP_|__GFP_|\||\()/,
    blank: (begun, rest) => !endsInBlank(begun) && (begun.endsWith(',') || INVOKED_WORD.test(rest)),
  },
  {
    begins: /^.{1,40}?: (?:page allocation failure|vmalloc)[:.]/,
    complete: /mems_allowed=[\d,-]{1,200}$/,
    continues: /^(?:order:\d|mode:0x|nodemask=|cpuset=|mems_allowed=|GFP_|__GFP_|\||\(|\d{1,12} bytes|bytes)/,
    blank: (begun) => !endsInBlank(begun) && !/[|(]$/.test(begun),
  },
  {
    begins: /^(?:memory|memory\+swap|swap|kmem): usage/,
    complete: /failcnt \d{1,19}$/,
    continues: /^(?:\d{1,19}kB|limit|failcnt|\d{1,19}$)/,
    blank: (begun) => !endsInBlank(begun),
  },
  {
    begins: /^Task in \//,
    // The owner is the task's group or above it; a path that is not was broken inside.
    complete: /^Task in (\/\S{0,1000}?)(?:\/\S{0,1000})? killed as a result of limit of \1$/,
    continues:
      /^(?:\/|killed|as|a |result|of|limit|[\w.:\\-]{0,200}\/\S{0,1000}(?:$| killed as a result)|[0-9a-f]{2,64}(?:\.scope)?$)/,
    blank: (begun, rest) =>
      !endsInBlank(begun) &&
      (rest.startsWith('/') || !/ \/\S*$/.test(begun) || /^(?:killed|as|a|result|of|limit)\b/.test(rest)),
  },
  {
    begins: /^Tasks in \//,
    complete: / set$/,
    continues: ANY_WORD,
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
