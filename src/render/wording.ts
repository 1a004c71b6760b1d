/** A sentence a reviewer would send back; `line` is 1-based. */
export interface WordingProblem {
  readonly line: number
  readonly rule: string
  readonly text: string
}

interface WordRule {
  readonly rule: string
  readonly pattern: RegExp
}

/** The house's rules for postmortems; the words come from what reviewers complain about. */
const WORDS: readonly WordRule[] = [
  {
    rule: 'no hindsight: write what was known then',
    pattern: /\b(?:should|could|ought to) have (?!been seen earlier)/i,
  },
  {
    rule: 'no blame: write the condition that made it easy',
    pattern: /\b(?:careless(?:ly)?|negligen(?:t|ce)|human error|mistake of|forgot to|neglected to|fault of)\b/i,
  },
  { rule: 'no "failed to" about people or teams: write what happened', pattern: /\bfailed to\b/i },
  {
    rule: 'no "obviously", "just", "simply": they hide a reason',
    pattern: /\b(?:obviously|clearly|just|simply|of course|merely)\b/i,
  },
  {
    rule: 'no adjective of size where a number can stand',
    pattern:
      /\b(?:huge(?! ?pages?)|massive(?:ly)?|enormous(?:ly)?|tiny|significant(?:ly)?|dramatic(?:ally)?|a lot of|very (?:large|small|high|low))\b/i,
  },
  { rule: 'roles, never names', pattern: /(?<![\w\\`/.])\\?@[A-Za-z][\w.-]+/ },
]

/** Beginnings that name no single thing to be done. */
const VAGUE = /^(?:improve|enhance|consider|investigate|look into|think about|be more|monitor|ensure|try to|better)\b/i

/** A line of fact may stand without a mark only when it says that nothing was there. */
const WITHOUT_MARK =
  /^(?:[-*] )?(?:\*\*[^*]+\*\* ?)?(?:None\b|none\b|Not collected\b|Not checked\b|Contributing factors: none\b|Reported by the run record\b|\*\*TODO\(human\):\*\*|E\d)/

/** Regions whose every sentence is a statement of fact. */
const FACT_REGIONS = new Set(['summary', 'impact', 'detection', 'timeline', 'causes', 'memory', 'response'])

/** Evidence of a run, or the record of what a person approved. */
const MARK = /\[E\d+(?:, E\d+)*\]|\[approval [\w-]+\\?\]/

interface Position {
  region: string | null
  fence: string | null
  heading: string
  tableRow: number
}

/** Checks a draft or a person's page; text in code or in quotes is evidence and is left alone. */
export const lintWording = (markdown: string): readonly WordingProblem[] => {
  const problems: WordingProblem[] = []
  const position: Position = { region: null, fence: null, heading: '', tableRow: 0 }
  for (const [index, raw] of markdown.split('\n').entries()) {
    if (move(position, raw)) continue
    const prose = raw.replace(/(`+)(?!`).*?(?<!`)\1(?!`)/g, 'code').replace(/"[^"]*"/g, '"quoted"')
    const say = (rule: string): void => {
      problems.push({ line: index + 1, rule, text: raw.trim().slice(0, 200) })
    }
    for (const { rule, pattern } of WORDS) if (pattern.test(prose)) say(rule)
    if (/^#{1,6} .*\broot cause/i.test(prose))
      say('no "root cause" heading: trigger, direct cause, contributing factors')
    if (isFact(position, prose) && !MARK.test(prose)) say('a sentence of fact ends in an evidence mark')
    if (position.heading === 'Action items' && position.tableRow > 2) lintAction(prose, say)
  }
  return problems
}

/** Follows fences, regions, headings and tables; true when the line itself holds nothing to check. */
const move = (position: Position, raw: string): boolean => {
  const ticks = /^`{3,}/.exec(raw)?.[0] ?? null
  if (position.fence !== null) {
    if (raw === position.fence) position.fence = null
    return true
  }
  if (ticks !== null) {
    position.fence = ticks
    return true
  }
  const region = /^<!-- (\/?)auto:([a-z0-9-]+)/.exec(raw)
  if (region !== null) {
    position.region = region[1] === '/' ? null : (region[2] ?? null)
    return true
  }
  position.tableRow = raw.startsWith('|') ? position.tableRow + 1 : 0
  const heading = /^#{1,6} (.*)$/.exec(raw)
  if (heading !== null) position.heading = heading[1] ?? ''
  return raw.trim() === ''
}

const isFact = (position: Position, prose: string): boolean => {
  if (position.region === null || !FACT_REGIONS.has(position.region)) return false
  if (prose.startsWith('#') || (position.tableRow > 0 && position.tableRow <= 2)) return false
  if (/^(?:\*\*[^*]+:\*\*|[^[]*:)$/.test(prose.trim())) return false
  if (prose.startsWith('**Ruled out:**')) return false
  return !WITHOUT_MARK.test(prose.trim())
}

const lintAction = (row: string, say: (rule: string) => void): void => {
  const cells = row.split(/(?<!\\)\|/).map((cell) => cell.trim())
  const action = cells[2] ?? ''
  const doneWhen = cells[5] ?? ''
  if (VAGUE.test(action)) say('an action starts with a verb and names one thing; this one cannot be finished')
  if (!/^[A-Z][a-z]+\b/.test(action)) say('an action starts with a verb')
  if (doneWhen === '' || doneWhen === 'TODO' || doneWhen === '(empty)') say('an action says when it is done')
}
