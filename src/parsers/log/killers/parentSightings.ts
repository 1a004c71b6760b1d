import type { Sighting } from './sighting.ts'

/**
 * `was terminated by signal `, `exited with code `, `died with `: what happened, not what may or would happen.
 * A signal's name or number follows.
 */
export const ENDED =
  String.raw`^(?!.{0,400}\b(?:means?|indicates?|usually|typically|for example|[Ii]f|should)\b).{0,2000}?(?<!\()` +
  String.raw`(?<!\b(?:be|get|gets|getting|being|is|are|if|when|once|may|usually|typically|often|[Pp]rocesses|[Cc]hildren|[Ww]orkers) )` +
  String.raw`\b(?:exited|failed|terminated|killed|signaled|signalled|died|crashed)(?: unexpectedly| prematurely| abnormally)? ` +
  String.raw`(?:with|by|from|of|on)(?: (?:exit )?(?:code|signal|the signal))?:? `

/** The parent says that it sent the signal itself, and why. */
export const NO_REASON = String.raw`(?!["')>\]]{0,3} (?:after|because|due to (?:a )?time|on timeout|when|if|is|means?)\b)`

/** What a parent of any name says of the signal that ended its child. */
export const PARENT_SIGNALS: readonly Sighting[] = [
  // A negative status is a signal's number where no shell stands between, as Python's subprocess has it.
  {
    needle: '-9',
    reporter: 'a parent',
    pattern:
      /(?:\b(?:exit|status|return) ?(?:status|code)(?: was)?|\b(?:exited|ended|finished|failed|terminated) with (?:exit ?code|status)|\bStatus code was|\bOS return value|\bexitcode|"rc"|\bexited unexpectedly \(code|^Command ".{1,4000}" failed with error code)["']?:? {0,2}-9(?![\d-]|\.\d| (?:is|means?)\b)/,
    seenAs: 'signal',
  },
  {
    needle: 'SIGKILL',
    reporter: 'a parent',
    pattern: new RegExp(String.raw`${ENDED}["'<([]{0,2}(?:Signals\.)?SIGKILL\b${NO_REASON}`),
    seenAs: 'signal',
  },
  {
    needle: 'signal',
    reporter: 'a parent',
    pattern: new RegExp(String.raw`${ENDED}(?<=signal:? )["'(]?9\b(?![%]|\.\d)${NO_REASON}`),
    seenAs: 'signal',
  },
  {
    needle: 'signal',
    reporter: 'a parent',
    pattern:
      /\b(?:died|failed|terminated|exited|crashed) due to signal 9\b(?! (?:after|because))|\b[Ee]xited with signal code 9\b|\b(?:was|been) killed \(signal 9\)/,
    seenAs: 'signal',
  },
  {
    needle: 'SIGKILL',
    reporter: 'a parent',
    pattern:
      /\bexit(?:ed)?:? {0,2}(?:exit)?[cC]ode ?[=:] ?null, (?:pid ?[=:] ?(\d{1,10}), )?signal ?[=:] ?["']?SIGKILL\b/,
    seenAs: 'signal',
  },
  {
    needle: 'ProcessSignaled(9)',
    reporter: 'julia',
    pattern: /\bfailed process: Process\(`.{1,4000}`, ProcessSignaled\(9\)\)/,
    seenAs: 'signal',
  },
  // Stack and cabal print Haskell's exit code.
  {
    needle: 'ExitFailure ',
    reporter: 'stack',
    pattern:
      /(?:^\s{0,12}|\b(?:exited with(?: code)?|[Tt]he exception was|exit code):? {0,2})ExitFailure (?:\(-9\)|9)(?:\s{0,4}$| \()/,
    seenAs: 'signal',
  },
  {
    needle: 'i.e. SIGKILL)',
    reporter: 'cabal',
    pattern: /\bprocess was killed \(i\.e\. SIGKILL\)/,
    seenAs: 'signal',
  },
  // Node's cluster and its followers: `worker 991 died (SIGKILL). restarting...`
  {
    needle: 'SIGKILL)',
    reporter: 'node',
    pattern:
      /\b(?:worker|child|process)(?: (?:#|pid:? ?)?(\d{1,10}))? (?:died|exited|terminated|crashed)[:,]? \((?:code:? null,? )?(?:signal:? )?SIGKILL\)/i,
    seenAs: 'signal',
  },
  {
    needle: 'SIGKILL',
    reporter: 'vscode',
    pattern:
      /xtension host (?:\(\w{1,30} pid: (\d{1,10})\) )?terminated unexpectedly\. Code: {1,2}null,? {1,2}Signal: {1,2}SIGKILL\b/,
    seenAs: 'signal',
  },
]

const ENDED_WITH =
  /(?:(?<!\b(?:for|as|an?|any|every|the|or|means?|exits? with|will|now|would|should|to) )\bexit(?:ed)?(?: with)?(?: ?status| ?code)?:?|\bExited with code|\bin Docker Container:|\bstarting java failed with|\bnon-zero (?:code:|exit value)|\bexited with exit value|(?<!\b(?:a|any|every|the|or|for|with) )\breturn code:|\b(?:end|ended|finished|stopped) with return code:?|\berrno|\bExit [Cc]ode:|"?\b[eE]xitCode"?[=:]|(?<!\b(?:as|like|an?|for|says?|see) )\bExited) {0,8}[(['"]?(?<!^\s{0,8}(?:If|When|Whenever|Why|What|How) .{0,200}|\b(?:got|want|[Ee]xpected|[Rr]eceived:|[Aa]ctual):? {0,2}["'`]?[\w ]{0,20})STATUS\b(?!, [\w ]{1,40},|: (?:the|an?|your)\b| \(?(?:=|128 ?\+)|["'`]? (?:\*\/|(?:but|typically|usually|often|generally|commonly|and|means?|is|was|which|usually|because|or|if|when|can|could|indicates?)\b))/

/** `exit code: 137`, `non-zero code: 139`: the words round a status, whichever it is. */
export const endedWith = (status: string): RegExp => new RegExp(ENDED_WITH.source.replace('STATUS', status))

/** What it says of the status, which is only a number. */
export const PARENT_STATUSES: readonly Sighting[] = [
  {
    needle: 'was sent code 137!',
    reporter: 'gunicorn',
    pattern: /Worker \(pid: ?(\d{1,10})\) was sent code 137!/,
    seenAs: 'status',
  },
  {
    needle: ' received signal 9.',
    reporter: 'apt',
    pattern: /\bSub-process \S{1,200} received signal 9\./,
    seenAs: 'signal',
  },
  {
    needle: '137',
    reporter: 'a parent',
    pattern:
      /"rc": 137\b.{0,2000}[" n]Killed"|\bExit code 137 returned from process\b|\bExit status: 137\. Diagnostics\b|\bExit code is 137\s{0,4}$|^exit_status {1,12}137\b/,
    seenAs: 'status',
  },
  {
    needle: '137',
    reporter: 'a parent',
    pattern: endedWith('137'),
    seenAs: 'status',
  },
]
