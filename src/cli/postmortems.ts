import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { checkPage, standingPages } from '../app/postmortem/checkPage.ts'
import { sha256 } from '../app/hash.ts'
import { draftIncidentPage } from '../app/postmortem/incidentPage.ts'
import { changePageStatus } from '../app/postmortem/pageStatus.ts'
import { publishPostmortem } from '../app/postmortem/publish.ts'
import { UsageError } from '../domain/errors.ts'
import { PAGE_STATUSES } from '../domain/pageStatus.ts'
import { createMedic } from '../wire.ts'
import type { Medic } from '../wire.ts'
import { printReport } from './publishReport.ts'

export interface PostmortemOptions {
  /** True for all targets, else their names. */
  readonly publish?: true | readonly string[]
  readonly dryRun?: boolean
  readonly html?: string
  readonly status?: string
}

/** `medic postmortem`: exactly one of printing, checking, publishing, moving and saving as a page. */
export const runPostmortem = async (
  incident: string,
  file: string | undefined,
  options: PostmortemOptions,
): Promise<number> => {
  const asked = [options.publish, options.html, options.status].filter((option) => option !== undefined).length
  if (asked > 1) throw new UsageError('postmortem: expected one of --publish, --html and --status')
  if (options.dryRun === true && options.publish === undefined)
    throw new UsageError('postmortem: --dry-run belongs to --publish')
  if (incident === 'check') return checkPostmortem(file)
  if (file !== undefined) throw new UsageError(`postmortem: "${file.slice(0, 100)}" is one word too many`)
  if (options.publish !== undefined) return publish(incident, options)
  if (options.html !== undefined) return saveHtml(incident, options.html)
  if (options.status !== undefined) return moveStatus(incident, options.status)
  process.stdout.write(await storedDraft(incident))
  return 0
}

const publish = (incidentId: string, options: PostmortemOptions): Promise<number> =>
  interruptible(async (signal) => {
    await using medic = await createMedic({})
    const targets = options.publish === true || options.publish === undefined ? [] : options.publish
    const dryRun = options.dryRun === true
    const report = await publishPostmortem(
      await medic.publishTools(),
      { incidentId, targets, dryRun, requestedBy: person(medic) },
      signal,
    )
    return printReport(report, dryRun)
  })

const moveStatus = (incidentId: string, state: string): Promise<number> =>
  interruptible(async (signal) => {
    const status = PAGE_STATUSES.find((known) => known === state)
    if (status === undefined)
      throw new UsageError(`--status "${state.slice(0, 100)}": expected ${PAGE_STATUSES.join(', ')}`)
    await using medic = await createMedic({})
    const change = await changePageStatus(
      await medic.publishTools(),
      { incidentId, status, person: person(medic) },
      signal,
    )
    process.stdout.write(
      change.from === change.to
        ? `${incidentId}: is ${change.to} already\n`
        : `${incidentId}: ${change.from} -> ${change.to}\n`,
    )
    return change.report === null ? 0 : printReport(change.report, false)
  })

const saveHtml = async (incidentId: string, path: string): Promise<number> => {
  await using medic = await createMedic({})
  const [{ renderHtmlPage }, tools] = await Promise.all([import('../render/htmlPage.ts'), medic.publishTools()])
  const page = await draftIncidentPage(tools, incidentId)
  await writeFile(path, renderHtmlPage(page.markdown, page.incident.title, new Map(), sha256), { mode: 0o640 })
  process.stderr.write(`${path}: one page, nothing is loaded from anywhere\n`)
  return 0
}

/** Wording rules, facts without evidence and open questions; exit 1 when there is any. */
const checkPostmortem = (name: string | undefined): Promise<number> =>
  interruptible(async (signal) => {
    if (name === undefined) throw new UsageError('postmortem check: expected a file or an incident')
    const pages = existsSync(name)
      ? [{ where: name, markdown: await readFile(name, 'utf8') }]
      : await recordedPages(name, signal)
    let isClean = true
    for (const { where, markdown } of pages) {
      const { problems, openQuestions } = checkPage(markdown)
      for (const problem of problems)
        process.stdout.write(`${where}:${problem.line}: ${problem.rule}: ${problem.text}\n`)
      if (openQuestions > 0)
        process.stdout.write(
          `${where}: ${openQuestions} question${openQuestions === 1 ? '' : 's'} for people still open\n`,
        )
      if (problems.length === 0 && openQuestions === 0) process.stdout.write(`${where}: nothing to mend\n`)
      else isClean = false
    }
    return isClean ? 0 : 1
  })

const recordedPages = async (id: string, signal: AbortSignal) => {
  await using medic = await createMedic({})
  const store = await medic.openStore()
  const pages = await standingPages({ store, publishers: await medic.publishers() }, id, signal)
  if (pages.length > 0) return pages
  throw noPostmortem(id)
}

const storedDraft = async (id: string): Promise<string> => {
  await using medic = await createMedic({})
  const store = await medic.openStore()
  const found = await store.findPostmortem(id)
  if (found !== undefined) return found.markdown
  throw noPostmortem(id)
}

const noPostmortem = (id: string): UsageError =>
  new UsageError(`no postmortem for "${id.slice(0, 100)}"`, { hint: '`medic incident list` lists what was recorded' })

const person = (medic: Medic): string => `${medic.settings.userName} (terminal)`

/** Ctrl-C ends git and ssh too, and leaves no half page. */
const interruptible = async (action: (signal: AbortSignal) => Promise<number>): Promise<number> => {
  const stop = new AbortController()
  const interrupt = (): void => stop.abort()
  process.once('SIGINT', interrupt)
  process.once('SIGTERM', interrupt)
  try {
    return await action(stop.signal)
  } finally {
    process.off('SIGINT', interrupt)
    process.off('SIGTERM', interrupt)
  }
}
