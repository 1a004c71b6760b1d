import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { UsageError } from '../domain/errors.ts'
import { countTodos } from '../render/postmortem.ts'
import { lintWording } from '../render/wording.ts'
import { createMedic } from '../wire.ts'

export const printPostmortem = async (id: string): Promise<number> => {
  process.stdout.write(await markdownOf(id))
  return 0
}

/** Wording rules, facts without evidence and open questions; exit 1 when there is any. */
export const checkPostmortem = async (name: string | undefined): Promise<number> => {
  if (name === undefined) throw new UsageError('postmortem check: expected a file or an incident')
  const markdown = existsSync(name) ? await readFile(name, 'utf8') : await markdownOf(name)
  const problems = lintWording(markdown)
  for (const problem of problems) process.stdout.write(`${name}:${problem.line}: ${problem.rule}: ${problem.text}\n`)
  const open = countTodos(markdown)
  if (open > 0) process.stdout.write(`${name}: ${open} question${open === 1 ? '' : 's'} for people still open\n`)
  if (problems.length === 0 && open === 0) process.stdout.write(`${name}: nothing to mend\n`)
  return problems.length > 0 || open > 0 ? 1 : 0
}

const markdownOf = async (id: string): Promise<string> => {
  await using medic = await createMedic({})
  const store = await medic.openStore()
  const found = await store.findPostmortem(id)
  if (found !== undefined) return found.markdown
  throw new UsageError(`no postmortem for "${id.slice(0, 100)}"`, {
    hint: '`medic incident list` lists what was recorded',
  })
}
