import type { LogLine } from '../lines/line.ts'

/** A line as the kernel printed it: out of another's sentence, and out of an indented block that has no stamps. */
export const plain = (line: LogLine): LogLine => {
  if (line.text.includes('OOMKilling') || MEMBER.test(line.text)) return retold(line)
  if (line.text.includes(' limit exceeded: ')) return hookTold(line)
  // An old tracker fills every line up with blanks.
  return line.text.startsWith('  ') || line.text.endsWith('  ') ? { ...line, text: line.text.trim() } : line
}

/**
 * node-problem-detector and the events of Kubernetes hand the kernel's sentence on inside one of their own:
 *   5m  Warning  OOMKilling  node/n1  Memory cgroup out of memory: Killed process 1012 (app) total-vm:…
 */
const retold = (line: LogLine): LogLine => {
  const at = line.text.search(/(?:Memory cgroup o|O)ut of memory: Kill(?:ed)? process \d/)
  if (at < 0) return line
  const end = line.text.slice(at).search(/[}"']/)
  return { ...line, text: line.text.slice(at, end < 0 ? undefined : at + end).trimEnd(), quoted: true }
}

/** PBS copies the decisive line into the job's output: `Cgroup mem limit exceeded: oom-kill:constraint=…`. */
const hookTold = (line: LogLine): LogLine => {
  const match = /^Cgroup (?:mem|memsw|memory) limit exceeded: (?=oom-kill:|Memory cgroup out of|(Killed process))/.exec(
    line.text,
  )
  if (match === null) return line
  const scope = match[1] === undefined ? '' : 'Memory cgroup out of memory: '
  return { ...line, text: scope + line.text.slice(match[0].length), quoted: true }
}

/** The same sentence as a member of an object, or a field of an event, that was printed one a line. */
const MEMBER =
  /^\s{0,40}["']?(?:message|msg|note|log|text)["']?: {0,20}["']?(?:\(combined from similar events\): )?(?:Memory cgroup o|O)ut of memory: Kill/i
