/**
 * The process a parent speaks of, where its sentence names exactly one: `process 29417 terminated abnormally`,
 * `pid 4711, terminated by signal 9`. Only for sentences whose own pattern has no place for it.
 */
export const pidIn = (reporter: string, sentence: string): string | undefined => {
  if (reporter !== 'a parent') return undefined
  const found = [...sentence.matchAll(NAMED)].map((match) => match[1])
  return found.length === 1 ? found[0] : undefined
}

const NAMED = /\b(?:[Pp]id|PID|[Pp]rocess)(?: |[:=] ?| \()(\d{1,10})(?![\w.:%/-]\w)/g
