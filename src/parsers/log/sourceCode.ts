import type { LogEvent } from './events.ts'
import { stripPrefixes } from './lines/prefix.ts'

/**
 * Lines of a program's source hold its messages word for word, and nobody printed them:
 *   const oomError = "container init was OOM-killed (memory limit too low?)"
 *   elif 'No space left on device' in result['stderr']:
 *   {12, "ENOMEM", "cannot allocate memory"},
 */
const SHAPES: readonly RegExp[] = [
  // Comments and directives of the C family.
  /^(?:\/\/|\/\*)\s|^#\s{0,8}(?:if|ifdef|ifndef|define|elif|undef|include)\s.{0,200}[A-Z_]|^\*\s{1,12}[@\\][a-z]{3,12}\b|^\*\s{3,30}- [A-Z_]{6,40}: /,
  // Branches: `} else if (…`, `catch (const std::bad_alloc&)`, Python's `elif … :`.
  /^(?:\} ?)?(?:else )?(?:if|while|for|switch|(?:__)?catch) ?\(/,
  /^(?:if|elif|while|except|with|assert|case) .{0,400}:$/,
  // Statements.
  /^(?:export )?(?:const|let|var) [\w$]{1,60}(?: ?: ?[\w<>[\]]{1,60})?(?: = |;$)/,
  /^\w{1,40}(?:, \w{1,40}){0,3} := /,
  /^(?:throw|raise) .{0,400}[);]$|^(?:throw|raise) [\w:.]{1,80}\(/,
  /^return (?!code|status|value).{0,400}[);]$/,
  /\w?(?:throw|THROW) ?\((?:std::\w{1,40})?\)/,
  // Calls that print or check.
  /^(?:System\.(?:out|err)\.\w{1,10}|console\.\w{1,8}|f?printf|puts|print(?:ln)?|fmt\.\w{1,10}|t\.\w{2,14}(?=\()|self\.assert\w{0,20}|assert\w{0,20}|expect|errors\.New|(?:throw|panic|describe|it|test)(?=\(["'`])) ?\(/,
  /^(?:[ADPV]?LOG\(\w{1,20}\)|(?:std::)?c(?:err|out)) {0,2}<< /,
  /^(?:\w{1,20}\.){0,2}(?:log|logger|logging|LOG|LOGGER)\.\w{1,10}\(f?["'`]/,
  // Regular expressions that a test looks for.
  /^\/.{1,300}\/[gimsu]{0,5}\);$/,
  // A quoted text alone: an element of a list, the value of an entry, what a comment tells of.
  /^'[^']{1,200}',$/,
  /^[\w.]{1,60}\[[^\]]{1,40}\] = (["']).{0,300}\1;?$/,
  /^# {1,4}(?:\w{2,8} ){0,2}(["']).{1,300}\1\.?$/,
  // Tables of errors: their number, their name, their text.
  /^\{?\d{1,4} ?[,:]\s{1,12}(?:"E[A-Z\d]{2,15}",\s{1,4})?"[^"]{1,120}"\}?,$/,
  /^E[A-Z\d]{2,15}(?: - \w{1,30})?:\s{1,20}"[^"]{1,120}",$/,
  /^E[A-Z\d]{2,15}\s{2,20}"[^"]{1,120}"$/,
  /^XX?\(E[A-Z\d]{2,15}, "/,
  /^\w{3,40}\s?=\s{1,12}E[A-Z\d]{2,15},$/,
]

/** A change of a source (`+  throw …`) and a search in one (`main.go:12: …`) set something in front. */
const IN_FRONT =
  /^[+-]?\s{0,120}(?:[\w./-]{1,200}\.(?:cc?|cpp|hh?|hpp|go|py|js|ts|rs|java|rb|php)[:-]\d{1,7}[:-]\s{0,120})?/

const isSource = (raw: string): boolean => {
  const text = stripPrefixes(raw).text.slice(0, 1_000).replace(IN_FRONT, '').trimEnd()
  return SHAPES.some((shape) => shape.test(text))
}

/** Whether an event rests on nothing but source code. Asked of the few events, not of every line. */
export const restsOnSource = (event: LogEvent, isAmongCode: boolean): boolean =>
  event.cited.length > 0 && event.cited.every(({ text }) => isSource(text) || (isAmongCode && LITERAL.test(text)))

/** A text in a list of texts, as tests have them: `        "Mar 10 10:00:00 host kernel: Killed process 111 (x)",`. */
const LITERAL = /^[> ]{0,40}\s{2,80}[brfu]{0,2}(["'`]).{1,4000}\1[,;)\]]{1,3}\s{0,8}$/

/** The head of a function, an import, a typed list or a statement: the text is, or holds, a program. */
const CODE =
  /^\s{0,40}(?:(?:async )?def \w{1,60}\(.{0,200}:|func (?:\(\w.{0,40}\) )?\w{1,80}\(|(?:pub )?fn \w{1,60}[<(]|import [\w{*"'.]|from [\w.]{1,80} import |#include [<"]|use \w{1,40}::|(?:export |async ){0,2}function \w{0,60}\(|(?:describe|it|test)\(["'`]|package [\w.]{1,80};?$|(?:\w{1,40}(?::| =| :=) {1,8})?(?:\[\]\w{1,40}|new \w{1,40}\[\]|vec!) ?[{[]$|let (?:mut )?\w{1,60}(?:: [\w<>&:]{1,60})? = |(?:const|var) \w{1,60} = |assert(?:_eq|_ne)?!? ?\(|\.\w{2,40}\($)/
/** A program shows itself early. */
const MAX_CODE_LINES = 2000

/** Sees lines go by, and knows whether code was among them. */
export const codeWatch = (): { see: (line: string) => void; isAmongCode: () => boolean } => {
  let seen = false
  let lines = 0
  return {
    see: (line) => {
      if (seen || lines >= MAX_CODE_LINES) return
      lines += 1
      seen = line.length < 300 && CODE.test(line)
    },
    isAmongCode: () => seen,
  }
}
