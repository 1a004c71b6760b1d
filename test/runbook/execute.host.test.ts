import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { Evidence } from '../../src/domain/evidence.ts'
import type { Host } from '../../src/domain/host.ts'
import { findFileParser, findParser, PARSERS } from '../../src/parsers/registry.ts'
import { execute } from '../../src/runbook/execute.ts'
import { loadLibrary } from '../../src/runbook/library.ts'
import { checkParameters } from '../../src/runbook/parameters.ts'
import { localTransport } from '../../src/transports/local.ts'

const THIS_MACHINE: Host = {
  name: 'localhost',
  transport: 'local',
  ssh: null,
  replay: null,
  sudo: false,
  site: null,
  groups: [],
  tags: {},
}

const library = await loadLibrary(
  [join(import.meta.dirname, '..', '..', 'runbooks')],
  new Set(PARSERS.map((parser) => parser.id)),
)

/** A step that this machine has no answer for says so in words of its own. */
const ABSENT =
  /systemd|journal|not found|not readable|could not be read|no process|control group|No such file|terminal/i

it('ships runbooks without a problem', () => {
  expect(library.problems).toEqual([])
})

it.each(library.runbooks.map((runbook) => [runbook.id, runbook] as const))(
  '%s runs on this machine',
  async (_, runbook) => {
    const signal = new AbortController().signal
    await using connection = await localTransport.connect(THIS_MACHINE, signal)
    const given = runbook.parameters.some((parameter) => parameter.name === 'unit') ? { unit: 'no-such-unit' } : {}
    const evidence: Evidence[] = []
    const run = execute({
      runbook,
      parameters: checkParameters(runbook, given, Date.now()),
      connection,
      parsers: { findParser, findFileParser },
      clean: (text) => ({ text, redactions: 0 }),
      findSuspects: () => [],
      signal,
      now: Date.now,
    })
    for await (const event of run) if (event.type === 'evidence') evidence.push(event.evidence)

    const numbers = evidence.map((one) => Number(one.id.slice(1))).toSorted((one, other) => one - other)
    expect(numbers).toEqual(numbers.map((_number, index) => index + 1))
    for (const { step, command, result, reading } of evidence) {
      const said = `${step} ${command}: ${reading.status === 'parsed' ? '' : reading.reason}\n${result.stderr}\n${result.stdout}`
      if (result.outcome !== 'exited' || result.exitCode !== 0 || reading.status === 'unparsed')
        expect(said).toMatch(ABSENT)
    }
  },
)
