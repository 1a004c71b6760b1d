import { access, constants, mkdir, statfs } from 'node:fs/promises'
import { ExpectedError } from '../domain/errors.ts'
import { createMedic } from '../wire.ts'
import type { Medic } from '../wire.ts'
import type { Check } from './check.ts'
import { storeChecks } from './doctorStore.ts'
import { painterFor } from './painter.ts'

/** Tries everything Medic needs and says how to mend what fails. Exit 0 all well, 1 something to mend. */
export const runDoctor = async (
  expression: string | undefined,
  options: { readonly json?: boolean },
): Promise<number> => {
  const checks: Check[] = [nodeCheck()]
  try {
    await using medic = await createMedic({})
    checks.push({
      what: 'settings',
      status: 'ok',
      detail: medic.settings.configPath ?? 'no medic.yaml; defaults are used',
      mend: null,
    })
    checks.push(
      await homeCheck(medic),
      ...(await storeChecks(medic)),
      ...(await runbookChecks(medic)),
      await templateCheck(medic),
      ...(await slackChecksOf(medic)),
      ...(await publishChecks(medic)),
    )
    if (expression !== undefined) {
      for (const host of medic.inventory.select(expression)) checks.push(await hostCheck(medic, host.name))
    }
  } catch (error) {
    checks.push(failed('settings', error))
  }
  if (options.json === true) {
    process.stdout.write(`${JSON.stringify({ schema: 'medic.doctor/1', checks })}\n`)
  } else print(checks)
  return checks.some((check) => check.status === 'fail') ? 1 : 0
}

/** The Slack packages are loaded only when there is something to try. */
const slackChecksOf = async (medic: Medic): Promise<readonly Check[]> => {
  const { slackChecks } = await import('./doctorSlack.ts')
  return slackChecks(medic.settings.slack, medic.settings.policy)
}

const print = (checks: readonly Check[]): void => {
  const paint = painterFor(process.stdout)
  const mark = { ok: paint.green('ok  '), warn: paint.yellow('warn'), fail: paint.red('FAIL') }
  for (const check of checks) {
    process.stdout.write(`${mark[check.status]}  ${check.what}: ${check.detail}\n`)
    if (check.mend !== null) process.stdout.write(`      ${paint.dim(`mend: ${check.mend}`)}\n`)
  }
}

const failed = (what: string, error: unknown): Check => ({
  what,
  status: 'fail',
  detail: error instanceof Error ? error.message : String(error),
  mend: error instanceof ExpectedError ? error.hint : null,
})

const nodeCheck = (): Check => {
  const fresh = Number(process.versions.node.split('.')[0]) >= 24
  return {
    what: 'node',
    status: fresh ? 'ok' : 'fail',
    detail: process.version,
    mend: fresh
      ? null
      : 'run `npm ci` and start Medic by `npm run medic --` or src/cli/medic: both use the pinned Node 24',
  }
}

const homeCheck = async (medic: Medic): Promise<Check> => {
  const { home } = medic.settings
  try {
    if (medic.settings.databaseUrl === null) await medic.openStore()
    else await mkdir(home, { recursive: true })
    await access(home, constants.W_OK)
    const { bavail, bsize } = await statfs(home)
    const freeMib = Math.floor((bavail * bsize) / 1024 / 1024)
    return {
      what: 'MEDIC_HOME',
      status: freeMib < 100 ? 'warn' : 'ok',
      detail: `${home}, ${freeMib} MiB free`,
      mend: freeMib < 100 ? 'free some space, or set MEDIC_HOME to another folder' : null,
    }
  } catch (error) {
    return { ...failed('MEDIC_HOME', error), mend: 'set MEDIC_HOME to a folder you may write to' }
  }
}

const runbookChecks = async (medic: Medic): Promise<readonly Check[]> => {
  try {
    const { runbooks, problems } = await medic.library()
    return [
      { what: 'runbooks', status: 'ok', detail: runbooks.map((runbook) => runbook.id).join(', '), mend: null },
      ...problems.map((problem) => ({
        what: 'runbook',
        status: 'fail' as const,
        detail: `${problem.path}:${problem.line}: ${problem.message}`,
        mend: '`medic runbook lint` lists every problem',
      })),
    ]
  } catch (error) {
    return [failed('runbooks', error)]
  }
}

const templateCheck = async (medic: Medic): Promise<Check> => {
  try {
    const { template } = await medic.postmortemTools()
    return { what: 'template', status: 'ok', detail: template.path, mend: null }
  } catch (error) {
    return failed('template', error)
  }
}

/** Each target is reached and asked whether it would take a page; nothing is written. */
const publishChecks = async (medic: Medic): Promise<readonly Check[]> => {
  if (medic.settings.publish.targets.length === 0) return []
  const checks: Check[] = []
  const publishers = await medic.publishers()
  for (const publisher of publishers) {
    const what = `publish ${publisher.name}`
    try {
      checks.push({ what, status: 'ok', detail: await publisher.check(AbortSignal.timeout(60_000)), mend: null })
    } catch (error) {
      checks.push(failed(what, error))
    }
  }
  return checks
}

/** A login and one file: enough to know that triage will work. */
const hostCheck = async (medic: Medic, name: string): Promise<Check> => {
  const host = medic.inventory.find(name)
  const stop = AbortSignal.timeout(25_000)
  try {
    const { connect } = await medic.triageTools(host)
    await using connection = await connect(host, stop)
    const limits = { limit: { bytes: 256, keep: 'head' as const }, timeoutMs: 5_000 }
    for await (const file of connection.readFiles(['/proc/loadavg'], limits, stop)) {
      if (file.status !== 'read') {
        return {
          what: `host ${name}`,
          status: 'warn',
          detail: `logged in, but /proc/loadavg: ${file.reason}`,
          mend: null,
        }
      }
    }
    return { what: `host ${name}`, status: 'ok', detail: connection.description, mend: null }
  } catch (error) {
    return failed(`host ${name}`, error)
  }
}
