import { createInterface } from 'node:readline/promises'
import { changeKey } from '../app/change/approvalTools.ts'
import { changesOf } from '../app/change/changingSteps.ts'
import { hold } from '../app/holder.ts'
import type { TriageRequest } from '../app/triage.ts'
import { ExpectedError, UsageError } from '../domain/errors.ts'
import type { Medic } from '../wire.ts'

/** Kept until the run has ended: no other change is made on the host meanwhile. */
export interface Consent extends AsyncDisposable {
  readonly beforeChange: NonNullable<TriageRequest['beforeChange']>
}

/**
 * A runbook that changes something, from a terminal: the person whose keys reach the host sees the exact text, says yes,
 * and that it begins is written down. Null for a runbook that only reads. Throws ExpectedError, and then nothing was done.
 */
export const askConsent = async (
  medic: Medic,
  request: Pick<TriageRequest, 'host' | 'runbook' | 'parameters' | 'requestedBy'>,
  isApproved: boolean,
): Promise<Consent | null> => {
  const { host, runbook, parameters, requestedBy } = request
  const steps = changesOf(runbook)
  if (steps.length === 0) return null
  const store = await medic.openStore()
  const held = await hold(store, changeKey(host.name), Date.now)
  if (held === undefined) throw new ExpectedError(`${host.name}: another change is under way there`)
  try {
    process.stderr.write(planText(request, steps))
    if (!isApproved) await ask(host.name, runbook.id)
  } catch (error) {
    await held[Symbol.asyncDispose]()
    throw error
  }
  return {
    beforeChange: async () => {
      if (held.signal.aborted) throw new ExpectedError(`${host.name}: another process has taken this change over`)
      await store.appendAudit({
        atMs: Date.now(),
        actor: requestedBy,
        verb: 'begin',
        subject: `${runbook.id} ${host.name}`,
        detail: {
          runbookHash: runbook.hash,
          parameters: JSON.stringify(parameters),
          approved: isApproved ? '--approve' : 'typed the name of the host',
        },
      })
    },
    [Symbol.asyncDispose]: async () => held[Symbol.asyncDispose](),
  }
}

const planText = (
  { host, runbook, parameters }: Pick<TriageRequest, 'host' | 'runbook' | 'parameters'>,
  steps: ReturnType<typeof changesOf>,
): string => {
  const given = Object.entries(parameters).map(([name, value]) => `  ${name} = ${JSON.stringify(value)}`)
  const told = steps.flatMap(({ name, body, undo }) => [
    `  ${name}:`,
    ...body
      .trimEnd()
      .split('\n')
      .map((line) => `    ${line}`),
    ...(undo === null ? [] : [`    undone by: ${undo}`]),
  ])
  return [`${runbook.id} changes ${host.name}:`, ...told, ...given, ''].join('\n')
}

const ask = async (host: string, runbook: string): Promise<void> => {
  if (!process.stdin.isTTY || !process.stderr.isTTY) {
    throw new UsageError(`${runbook} changes ${host}, and nobody is here to be asked`, {
      hint: 'run it in a terminal, or add --approve',
    })
  }
  const lines = createInterface({ input: process.stdin, output: process.stderr })
  try {
    const gone = new Promise<string>((resolve) => {
      lines.once('close', () => resolve(''))
      lines.once('SIGINT', () => resolve(''))
    })
    const answer = await Promise.race([lines.question('Type the name of the host to go on: '), gone])
    if (answer.trim() !== host) throw new ExpectedError(`${host}: not changed: its name was not typed`)
  } finally {
    lines.close()
  }
}
