import type { AllMiddlewareArgs, App, SlackCommandMiddlewareArgs } from '@slack/bolt'
import { prepareRun } from '../../app/prepareRun.ts'
import { ExpectedError, UsageError } from '../../domain/errors.ts'
import { answering, ephemeral } from '../answering.ts'
import { dryRunMessage, hostsMessage, notice, requestLine, statusMessage, usageMessage } from '../blocks/notices.ts'
import { normalise, parseCommand, parseRun, type Command } from '../commandText.ts'
import { deliveryKey, type DeliveryBook } from '../delivery.ts'
import { refusalOf, type Actor, type Desk } from '../desk.ts'
import { linkTo } from '../links.ts'
import { cancelRun, findRequest, startRun } from '../runs/startRun.ts'
import { isOutsider, OUTSIDER } from '../people.ts'
import type { Draft } from '../outbox/draft.ts'

type CommandArgs = SlackCommandMiddlewareArgs & AllMiddlewareArgs

const RUNBOOK_COMMAND = '/runbook'

/** Every slash command: one per runbook that asks for its own, and `/runbook NAME HOST` for all of them. */
export const listenToCommands = (app: App, desk: Desk, book: DeliveryBook): void => {
  const commands = new Map(
    desk.library.runbooks.flatMap((runbook) => (runbook.slash === null ? [] : [[runbook.slash, runbook.id]])),
  )
  for (const [command, runbook] of commands) {
    app.command(command, (args) => onCommand(desk, book, args, runbook))
  }
  app.command(RUNBOOK_COMMAND, (args) => onCommand(desk, book, args, null))
}

/** Stores the delivery, acknowledges at once (with the answer when that is all), then works. */
const onCommand = async (desk: Desk, book: DeliveryBook, args: CommandArgs, runbook: string | null): Promise<void> => {
  const { command, context, body } = args
  const claim = await book.claim(deliveryKey(context, body))
  if (claim === 'again') return acknowledge(desk, args, null)
  if (claim === 'silent') return acknowledge(desk, args, STORE_SILENT)
  if (isOutsider(context, body)) return acknowledge(desk, args, OUTSIDER)
  const plan = planOf(desk, command.command, command.text, runbook)
  if ('answer' in plan) return acknowledge(desk, args, plan.answer)
  await acknowledge(desk, args, null)
  const actor: Actor = {
    user: command.user_id,
    channel: command.channel_id,
    answer: answering({
      respond: args.respond,
      client: desk.client,
      channel: command.channel_id,
      user: command.user_id,
      threadTs: null,
      log: desk.log,
    }),
  }
  await plan.work(actor)
}

const STORE_SILENT = notice(
  'Medic cannot write down your command just now, so nothing was started.',
  'Try again in a minute, or run `medic triage HOST` in a terminal.',
)

/** An answer that can stand in the acknowledgement, or work to do after it. */
type Plan = { readonly answer: Draft } | { readonly work: (actor: Actor) => Promise<void> }

const planOf = (desk: Desk, name: string, text: string, runbook: string | null): Plan => {
  try {
    if (runbook === null) return planRunbook(desk, text)
    const host = desk.inventory.list()[0]?.name ?? 'demo'
    const example = `${name} ${host} --since 2h`
    const command = parseCommand(text, example)
    return planCommand(desk, name, command, runbook)
  } catch (error) {
    if (error instanceof ExpectedError) return { answer: notice(error.message, error.hint) }
    throw error
  }
}

/** `/runbook NAME HOST key=value` */
const planRunbook = (desk: Desk, text: string): Plan => {
  const [name, ...words] = normalise(text)
    .split(' ')
    .filter((word) => word !== '')
  if (name === undefined || ['help', 'list', '?', '-h', '--help'].includes(name)) {
    return {
      answer: usageMessage(
        `${RUNBOOK_COMMAND} NAME`,
        desk.library.runbooks.map((one) => `${RUNBOOK_COMMAND} ${one.id} HOST   ${one.description.slice(0, 70)}`),
      ),
    }
  }
  if (words.length === 0)
    throw new UsageError(`${name}: which host?`, { hint: `for example: ${RUNBOOK_COMMAND} ${name} demo` })
  return planCommand(
    desk,
    `${RUNBOOK_COMMAND} ${name}`,
    parseRun(words, `${RUNBOOK_COMMAND} ${name} demo key=value`),
    name,
  )
}

export const planCommand = (desk: Desk, name: string, command: Command, runbook: string): Plan => {
  if (command.type === 'help') {
    const host = desk.inventory.list()[0]?.name ?? 'demo'
    return {
      answer: usageMessage(name, [
        `${name} ${host} queue_worker --since 2h`,
        `${name} demo  (a recorded kill, no server needed)`,
      ]),
    }
  }
  if (command.type === 'list') {
    return {
      work: async (actor) => {
        const refusal = await refusalOf(desk, actor, 'read', null)
        await actor.answer(refusal === null ? hostsMessage(desk.inventory.list()) : notice(`Not shown: ${refusal}.`))
      },
    }
  }
  if (command.type === 'status') return { work: (actor) => showStatus(desk, command.run, actor) }
  if (command.type === 'cancel') {
    return {
      work: async (actor) => {
        const request = await findRequest(desk, command.run)
        if (request === undefined)
          await actor.answer(notice(`There is no run "${command.run}".`, '`status` lists the runs'))
        else await cancelRun(desk, request, actor)
      },
    }
  }
  const { host, parameters } = command
  const prepared = prepareRun({ ...desk, nowMs: desk.now() }, { host, runbook, parameters })
  if (command.dryRun) return { answer: dryRunMessage(prepared.host, prepared.runbook, prepared.parameters) }
  return {
    work: async (actor) => {
      await startRun(desk, { prepared, actor, threadTs: null, after: null })
    },
  }
}

const showStatus = async (desk: Desk, run: string | null, actor: Actor): Promise<void> => {
  const refusal = await refusalOf(desk, actor, 'read', null)
  if (refusal !== null) {
    await actor.answer(notice(`Not shown: ${refusal}.`))
    return
  }
  const one = run === null ? undefined : await findRequest(desk, run)
  if (run !== null && one === undefined) {
    await actor.answer(notice(`There is no run "${run}".`, '`status` alone lists the runs'))
    return
  }
  const requests = one === undefined ? await desk.runs.list({ limit: 10 }) : [one]
  const lines = await Promise.all(
    requests.map(async (request) => requestLine(request, await linkTo(desk, request.headId))),
  )
  await actor.answer(statusMessage(lines))
}

const acknowledge = async (desk: Desk, { ack }: CommandArgs, answer: Draft | null): Promise<void> => {
  try {
    await (answer === null ? ack() : ack(ephemeral(answer)))
  } catch (error) {
    // The socket has just gone. Read-only work may go on; changes were stored before.
    desk.log.info({ error: String(error) }, 'an acknowledgement was lost')
  }
}
