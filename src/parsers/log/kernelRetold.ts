import type { LogLine } from './line.ts'

/** A line as the kernel printed it: out of another's sentence, and out of an indented block that has no stamps. */
export const plain = (line: LogLine): LogLine => {
  if (line.text.includes('OOMKilling') || MEMBER.test(line.text)) return retold(line)
  return line.text.startsWith('  ') ? { ...line, text: line.text.trimStart() } : line
}

/**
 * node-problem-detector and the events of Kubernetes hand the kernel's sentence on inside one of their own:
 *   5m  Warning  OOMKilling  node/n1  Memory cgroup out of memory: Killed process 1012 (app) total-vm:…
 */
const retold = (line: LogLine): LogLine => {
  const at = line.text.search(/(?:Memory cgroup o|O)ut of memory: Kill(?:ed)? process \d/)
  if (at < 0) return line
  const end = line.text.indexOf('}', at)
  const text = line.text.slice(at, end < 0 ? undefined : end).trimEnd()
  return { ...line, text: text.replace(/["'],?$/, ''), quoted: true }
}

/** The same sentence as a member of an object that was printed over many lines. */
const MEMBER = /^\s{0,40}["']?(?:message|msg|note|log|text)["']?: {1,4}["']?(?:Memory cgroup o|O)ut of memory: Kill/i
