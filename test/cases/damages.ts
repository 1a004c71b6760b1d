/** A way in which a log reaches a person other than it was printed. */
export interface Damage {
  readonly name: string
  /** Nothing is lost by it: the same kinds and victims must be found. */
  readonly keepsAll: boolean
  readonly apply: (text: string) => string
}

const eachLine =
  (change: (line: string, index: number) => string) =>
  (text: string): string =>
    text
      .replace(/\n$/, '')
      .split('\n')
      .map((line, index) => change(line, index))
      .join('\n')

const wrapped = (line: string): string => {
  const parts: string[] = []
  let rest = line
  while (rest.length > WIDTH) {
    const blank = rest.lastIndexOf(' ', WIDTH)
    if (blank <= 0) break
    parts.push(rest.slice(0, blank))
    rest = rest.slice(blank + 1)
  }
  return [...parts, rest].join('\n')
}

/** Where mail programs break lines. */
const WIDTH = 72

const lines = (text: string): readonly string[] => text.replace(/\n$/, '').split('\n')

/** The same text quoted, boxed, broken, cut, doubled and mixed. */
export const damages: readonly Damage[] = [
  { name: 'with carriage returns', keepsAll: true, apply: (text) => text.replaceAll('\n', '\r\n') },
  { name: 'quoted in a mail', keepsAll: true, apply: eachLine((line) => `> ${line}`) },
  { name: 'quoted twice', keepsAll: true, apply: eachLine((line) => `>> ${line}`) },
  { name: 'indented as a code block', keepsAll: true, apply: eachLine((line) => `    ${line}`) },
  { name: 'in a fence', keepsAll: true, apply: (text) => `look:\n\`\`\`\n${text}\n\`\`\`\nwhat is it?` },
  { name: 'in colour', keepsAll: true, apply: eachLine((line) => `\x1b[33m${line}\x1b[0m`) },
  { name: 'by docker compose', keepsAll: true, apply: eachLine((line) => `worker-1  | ${line}`) },
  { name: 'by kubectl with prefix', keepsAll: true, apply: eachLine((line) => `[pod/a-5b9c/main] ${line}`) },
  {
    name: 'in a JSON log of docker',
    keepsAll: true,
    apply: eachLine((line) =>
      JSON.stringify({ log: `${line}\n`, stream: 'stderr', time: '2026-11-12T09:15:02.713Z' }),
    ),
  },
  { name: 'wrapped at 72 columns', keepsAll: false, apply: eachLine(wrapped) },
  { name: 'without its first third', keepsAll: false, apply: (text) => lines(text).slice(lines(text).length / 3).join('\n') },
  { name: 'without its last line', keepsAll: false, apply: (text) => lines(text).slice(0, -1).join('\n') },
  { name: 'cut in the middle of a line', keepsAll: false, apply: (text) => text.slice(0, Math.floor(text.length * 0.9)) },
  { name: 'cut at 80 columns', keepsAll: false, apply: eachLine((line) => line.slice(0, 80)) },
  {
    name: 'with lines of another program between',
    keepsAll: true,
    apply: eachLine((line, index) => (index % 3 === 2 ? `${line}\nNov 12 09:15:02 host sshd[812]: Accepted publickey for root` : line)),
  },
]
