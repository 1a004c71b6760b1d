/** A line of a program's source (`return errors.New("cannot allocate memory")`) is not what it printed. */
const IS_CODE =
  /\b(?:errors\.New|fmt\.\w{1,12}|f?printf|puts|console\.\w{1,8}|log(?:ger)?\.\w{1,12}|perror|strerror|println?!?|raise \w{1,40}|throw new \w{1,40})\(["']/

/** A sentence with a subject (`if it cannot allocate memory`) or about the words themselves (`the "Cannot …" error`). */
const IS_TOLD =
  /\b(?:it|they|we|you|that|which|who|function|method|and|or|to) cannot allocate memory|\b(?:the|an?|about) ["'`“‘][Cc]annot allocate memory/

/** mlock answers in the same words when `ulimit -l` forbids to pin pages: the memory is there. */
const IS_LOCK = /\bmlock|\block(?:ing)? (?:\w{1,20} )?memory\b/i

/** A manual says when it is given: `an error (ENOMEM) is returned`, `errno 12 (ENOMEM) — Out of Memory`. */
const IN_MANUAL = /\b(?:an?|the) (?:error|errno) \(ENOMEM|\(ENOMEM\) (?:[—–-] |(?:is|are|will|may|can)\b)/

/** Somebody writes about a refused allocation: prose, a manual, a program's source. */
export const isAboutRefusals = (text: string): boolean =>
  /^\s{0,8}(?:if|when|see|the error|this|[-*] fix(?:ed|es)?)\b/i.test(text) ||
  IS_CODE.test(text) ||
  IS_TOLD.test(text) ||
  IN_MANUAL.test(text)

export const isAboutLocks = (text: string): boolean => IS_LOCK.test(text)
