import type { Claim } from '../domain/finding.ts'
import type { FactView } from '../parsers/facts.ts'
import type { EventOf } from '../parsers/log/events.ts'
import { logParser } from '../parsers/log/log.ts'
import { createKillIndex, type KillIndex, knownKillsOf } from './killers.ts'
import { isNear, type Placed, placedOf } from './nearness.ts'
import type { Rule } from './rule.ts'
import { claimOf, type Telling, tellingsOf } from './tellings.ts'
import { type UnitEnding, unitEndingsOf } from './unitEndings.ts'

type Command = Telling<EventOf<'kill-command'>>

/** A process ended by SIGKILL and nothing in the logs says who sent it. A `kill -9` near by is cited, not proven. */
export const killedUnknownSenderRule: Rule = {
  id: 'killed-unknown-sender',
  kinds: ['killed-unknown-sender'],
  needs: [logParser],
  wants: [],
  explains: ['crash-loop', 'unit-failed'],
  check: (facts) => {
    const isExplained = createKillIndex(knownKillsOf(facts))
    const commands = tellingsOf(facts, 'kill-command', { key: (event) => event.command })
    return [...unitClaims(facts, isExplained, commands), ...processClaims(facts, isExplained, commands)]
  },
}

/** These results name who did it. */
const EXPLAINED = new Set(['oom-kill', 'timeout', 'watchdog'])

const unitClaims = (facts: FactView, isExplained: KillIndex, commands: readonly Command[]): readonly Claim[] =>
  unitEndingsOf(facts).flatMap((ending) => {
    const { exit } = ending
    if (exit === null || !isSigkill(exit) || ending.killedBySystemd || EXPLAINED.has(ending.result ?? '')) return []
    const isRelayed = exit.code === 'exited'
    const sighting = { placed: ending.placed, pid: exit.pid, unit: ending.unit, container: null, isRelayed }
    return isExplained(sighting) ? [] : [unitClaim(ending, exit, commandNear(commands, ending.placed, exit.pid))]
  })

/** 128 + 9: a shell relayed the signal, or the program chose the number. */
const RELAYED = 137

const isSigkill = (exit: EventOf<'unit-exit'>): boolean =>
  exit.code === 'exited' ? exit.status === RELAYED : exit.signal === 'SIGKILL'

/** A person's command and the death follow at once (lab: 0.2 s); the logs' clocks may differ a little. */
const COMMAND_MS = 10_000

const commandNear = (commands: readonly Command[], placed: Placed, pid: number | null): Command | undefined =>
  commands.find(
    (command) =>
      (pid === null || command.event.pids.length === 0 || command.event.pids.includes(pid)) &&
      isNear(placedOf(command), placed, COMMAND_MS),
  )

const NOT_SHOWN = 'killed by SIGKILL, sender not shown'

const unitClaim = (ending: UnitEnding, exit: EventOf<'unit-exit'>, command: Command | undefined): Claim => {
  const isRelayed = exit.code === 'exited'
  return claimOf('killed-unknown-sender', ending.telling, {
    summary: `${exit.process} process of ${ending.unit} was ${NOT_SHOWN}${probably(command)}`,
    confidence: isRelayed ? 'possible' : command === undefined ? 'likely' : 'certain',
    unit: ending.unit,
    why: whyOf(command),
    victims: [{ pid: exit.pid, comm: exit.comm ?? null, unit: ending.unit, anonRssBytes: null }],
    citations: [...ending.citations, ...(command?.citations ?? [])],
    doubts: isRelayed ? ['status 137 is only a number: a child shell relayed a SIGKILL, or the program chose it'] : [],
  })
}

const probably = (command: Command | undefined): string =>
  command === undefined ? '' : `; \`${command.event.command}\` was run within seconds of it`

const whyOf = (command: Command | undefined): string =>
  command === undefined
    ? 'no line of the kernel, oomd, earlyoom, a time-out or a watchdog explains it'
    : 'the command is the probable sender: the log does not tie it to this process'

const processClaims = (facts: FactView, isExplained: KillIndex, commands: readonly Command[]): readonly Claim[] =>
  withoutEchoes(
    tellingsOf(facts, 'process-killed', {
      key: (event) => `${event.reporter} ${event.pid ?? ''} ${event.container ?? ''}`,
    }),
  ).flatMap((telling) => {
    const { pid, container, reporter, seenAs } = telling.event
    const comm = telling.event.comm ?? null
    const placed = placedOf(telling)
    if (isExplained({ placed, pid, unit: null, container })) return []
    const command = commandNear(commands, placed, pid)
    const who = container === null ? `a process${pid === null ? '' : ` (pid ${pid})`}` : `container ${container}`
    return [
      claimOf('killed-unknown-sender', telling, {
        summary: `${reporter} saw ${who} ${NOT_SHOWN}${probably(command)}`,
        confidence: seenAs === 'status' ? 'possible' : command === undefined ? 'likely' : 'certain',
        unit: reporter === 'docker' ? null : (telling.event.unit ?? telling.subject),
        container,
        why: whyOf(command),
        victims:
          pid === null
            ? []
            : [{ pid, comm, unit: reporter === 'systemd' ? telling.event.unit : null, anonRssBytes: null }],
        citations: [...telling.citations, ...(command?.citations ?? [])],
        doubts: seenAs === 'status' ? ['exit code 137 is only a number'] : [],
      }),
    ]
  })

type Sighted = Telling<EventOf<'process-killed'>>

/**
 * A reporter that speaks twice of one end gives the pid in one of its lines (airflow's exit code, then its verdict). The
 * nearest such line before and after is enough: sightings stand in their order, and a long log holds thousands.
 */
const withoutEchoes = (sighted: readonly Sighted[]): readonly Sighted[] => {
  const before = namedUpTo(sighted)
  const after = namedUpTo(sighted.toReversed()).toReversed()
  return sighted.filter(
    (one, at) =>
      one.event.pid !== null ||
      one.event.container !== null ||
      ![before[at], after[at]].some(
        (other) => other !== undefined && isNear(placedOf(one), placedOf(other), COMMAND_MS),
      ),
  )
}

/** For each sighting the last one up to it in which its reporter gave a pid. */
const namedUpTo = (sighted: readonly Sighted[]): readonly (Sighted | undefined)[] => {
  const last = new Map<string, Sighted>()
  return sighted.map((one) => {
    if (one.event.pid !== null) last.set(one.event.reporter, one)
    return last.get(one.event.reporter)
  })
}
