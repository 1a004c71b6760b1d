/** `docker inspect -f '{{.State.ExitCode}} oom={{.State.OOMKilled}}' web`: a person's own words round the answer. */
const COMMAND = /\binspect\b.{0,400}?(?:-f|--format)[ =](["'])(.{0,400}?\{\{ ?\.State\.OOMKilled ?\}\}.{0,400}?)\1/
const FIELD = /\{\{.{1,80}?\}\}/g

/** How the answer to such a command reads when the killer was there; null for a line that is no such command. */
export const inspectedAnswer = (text: string): RegExp | null => {
  const template = COMMAND.exec(text)?.[2]
  if (template === undefined) return null
  const fields = [...template.matchAll(FIELD)]
  const words = template.split(FIELD)
  const parts = words.map((word, at) => {
    const field = fields[at]?.[0] ?? null
    const value = field === null ? '' : field.includes('.State.OOMKilled') ? 'true' : '.{0,200}?'
    return `${RegExp.escape(word)}${value}`
  })
  return new RegExp(`^["']?${parts.join('')}["']?\\s{0,4}$`)
}
