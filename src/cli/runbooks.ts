import { RunbookError } from '../domain/errors.ts'
import { findRunbook } from '../runbook/library.ts'
import { createMedic, runbookParserIds } from '../wire.ts'

export const listRunbooks = async (options: { readonly json?: boolean }): Promise<number> => {
  await using medic = await createMedic({})
  const { runbooks, problems } = await medic.library()
  if (options.json === true) {
    const rows = runbooks.map(({ id, title, description, slash, parameters }) => ({
      id,
      title,
      description,
      slash,
      parameters,
    }))
    process.stdout.write(`${JSON.stringify({ schema: 'medic.runbooks/1', runbooks: rows })}\n`)
  } else {
    const width = Math.max(...runbooks.map((runbook) => runbook.id.length))
    for (const runbook of runbooks) process.stdout.write(`${runbook.id.padEnd(width)}  ${runbook.description}\n`)
  }
  for (const problem of problems) process.stderr.write(`${problem.path}:${problem.line}: ${problem.message}\n`)
  return problems.length > 0 ? 64 : 0
}

export const showRunbook = async (name: string): Promise<number> => {
  await using medic = await createMedic({})
  const runbook = findRunbook(await medic.library(), name)
  const out: string[] = [`${runbook.id}: ${runbook.title}`, runbook.description, '']
  for (const parameter of runbook.parameters) {
    const fallback = parameter.default === null || parameter.default === '' ? '' : ` (default ${parameter.default})`
    out.push(`  ${parameter.name}=<${parameter.type}>  ${parameter.description}${fallback}`)
  }
  for (const phase of runbook.phases) {
    out.push('', phase.title)
    for (const step of phase.steps) {
      const marks = [
        step.each === null ? '' : 'each suspect',
        step.when === null ? '' : `when ${step.when}`,
        step.risk === 'read' ? '' : step.risk,
        step.sudo ? 'sudo' : '',
      ].filter((mark) => mark !== '')
      out.push(`  ${step.name}${marks.length > 0 ? ` (${marks.join(', ')})` : ''}  ${firstSentence(step.prose)}`)
    }
  }
  out.push('', `file: ${runbook.path}`, '')
  process.stdout.write(out.join('\n'))
  return 0
}

/** Files, or everything that would be loaded. All problems of all files at once. */
export const lintRunbooks = async (files: readonly string[]): Promise<number> => {
  await using medic = await createMedic({})
  const problems: { path: string; line: number; message: string }[] = []
  let count = 0
  if (files.length === 0) {
    const library = await medic.library()
    count = library.runbooks.length
    problems.push(...library.problems)
  } else {
    const { readRunbook } = await import('../runbook/library.ts')
    for (const file of files) {
      try {
        await readRunbook(file, runbookParserIds())
        count += 1
      } catch (error) {
        if (!(error instanceof RunbookError)) throw error
        problems.push(...error.problems)
      }
    }
  }
  for (const problem of problems) process.stdout.write(`${problem.path}:${problem.line}: ${problem.message}\n`)
  if (problems.length === 0) process.stdout.write(`${count} runbook${count === 1 ? '' : 's'}, no problems\n`)
  return problems.length > 0 ? 64 : 0
}

const firstSentence = (prose: string): string => /^[^.]*\.?/.exec(prose.replaceAll(/\s+/g, ' '))?.[0] ?? ''
