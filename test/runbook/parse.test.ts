import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RunbookError } from '../../src/domain/errors.ts'
import { parseRunbook } from '../../src/runbook/parse.ts'

const PARSERS = new Set(['free', 'log', 'ps'])

const FRONT = `---
id: demo
title: Demo
description: For the tests
---
`

const problemsOf = (text: string): string[] => {
  try {
    parseRunbook(text, 'demo.md', PARSERS)
    return []
  } catch (error) {
    if (error instanceof RunbookError) return error.message.split('\n')
    throw error
  }
}

const withSteps = (body: string): string[] => problemsOf(`${FRONT}${body}`)

describe('a good runbook', () => {
  const text = `---
id: oom-triage
title: Out of memory
description: First look
slash: /oom-triage
timeout: 3m
parameters:
  unit: {type: unit, description: Unit to look at, default: ""}
  since: {type: duration, description: How far back, default: 24h}
  depth: {type: choice, description: How deep, choices: [a, b], default: a}
---

# The host

Memory as the kernel counts it.

\`\`\`sh {name=free parse=free timeout=5s limit=64K:tail optional}
free -b
\`\`\`

Only shown:

\`\`\`sh
rm -rf /
\`\`\`

    indented {name=no}

### Not a phase

~~~files {name=kernel limit=16}
/proc/meminfo
~~~

## Suspects

\`\`\`sh {name=restart each=suspects risk=change undo="systemctl stop \\"$UNIT\\"" sudo channel=own when=free}
systemctl restart -- "$UNIT" && echo ok 2>&1
\`\`\`

\`\`\`files {name=counters each=suspects}
/sys/fs/cgroup{cgroup}/memory.events
\`\`\`
`
  const runbook = parseRunbook(text, 'runbooks/oom-triage.md', PARSERS)

  it('gives phases, steps and the lines they stand in', () => {
    expect(runbook.phases.map((phase) => [phase.title, phase.line, phase.steps.map((step) => step.name)])).toEqual([
      ['The host', 13, ['free', 'kernel']],
      ['Suspects', 35, ['restart', 'counters']],
    ])
    for (const step of runbook.phases.flatMap((phase) => phase.steps)) {
      expect(text.split('\n')[step.line - 1]).toContain(`name=${step.name}`)
    }
  })

  it('reads every key, with defaults for those left out', () => {
    const [free, kernel] = runbook.phases[0]!.steps
    expect(free).toMatchObject({
      kind: 'sh',
      body: 'free -b',
      parse: 'free',
      timeoutMs: 5000,
      limit: { bytes: 65_536, keep: 'tail' },
      optional: true,
      prose: 'Memory as the kernel counts it.',
    })
    expect(kernel).toMatchObject({ kind: 'files', timeoutMs: 15_000, limit: { bytes: 16, keep: 'both' }, parse: null })
    expect(runbook.phases[1]!.steps[0]).toMatchObject({
      each: 'suspects',
      risk: 'change',
      undo: 'systemctl stop "$UNIT"',
      sudo: true,
      channel: 'own',
      when: 'free',
    })
  })

  it('reads the front matter without guessing types', () => {
    expect(runbook).toMatchObject({ id: 'oom-triage', slash: '/oom-triage', timeoutMs: 180_000 })
    expect(runbook.hash).toMatch(/^[0-9a-f]{64}$/)
    expect(runbook.parameters).toEqual([
      { name: 'unit', type: 'unit', description: 'Unit to look at', default: '', choices: [] },
      { name: 'since', type: 'duration', description: 'How far back', default: '24h', choices: [] },
      { name: 'depth', type: 'choice', description: 'How deep', default: 'a', choices: ['a', 'b'] },
    ])
  })

  it('counts the same lines with CRLF endings', () => {
    const crlf = parseRunbook(text.replaceAll('\n', '\r\n'), 'x.md', PARSERS)
    expect(crlf.phases).toEqual(runbook.phases)
  })
})

describe('files that a step touches', () => {
  const changing = (touches: string) => `# One

\`\`\`sh {name=set risk=change undo="rm -f /x" touches="${touches}"}
true
\`\`\`
`

  it('are paths and globs, with marks for parameters', () => {
    const text = `---
id: set-limit
title: Set
description: Sets.
parameters:
  unit: {type: unit, description: Unit}
---
${changing('/etc/systemd/system/{unit}.d/*.conf /etc/app.conf')}`
    const [step] = parseRunbook(text, 'x.md', PARSERS).phases[0]!.steps
    expect(step?.touches).toEqual(['/etc/systemd/system/{unit}.d/*.conf', '/etc/app.conf'])
  })

  it.each([
    ['etc/app.conf', 'touches: bad value "etc/app.conf"'],
    ['/etc/../root/x', 'touches: bad value "/etc/../root/x"'],
    ['/etc/{unit}/x', 'touches: "{unit}" is no parameter of this runbook'],
    ['/etc/{unit', 'touches: "{unit" is no parameter of this runbook'],
  ])('are refused: %s', (touches, problem) => {
    expect(withSteps(changing(touches)).join()).toContain(problem)
  })

  it('are none where nothing is changed', () => {
    expect(withSteps('# One\n\n```sh {name=look touches=/etc/x}\ntrue\n```\n').join()).toContain(
      'touches without risk=change or risk=danger',
    )
  })
})

describe('what is refused, with its line', () => {
  it('says all problems of a file at once', () => {
    expect(
      withSteps(`# One

\`\`\`sh {name=a parse=nope timeot=5s}
free
\`\`\`

\`\`\`sh {name=a risk=change}
sleep 9 &
\`\`\`

\`\`\`files {name=f}
relative
/proc/{unit}/x
/proc/{pid}/status
\`\`\`
`),
    ).toEqual([
      'demo.md:8: step "a": unknown key "timeot", expected one of name, parse, timeout, limit, when, each, channel, sudo, pty, risk, undo, touches, optional',
      'demo.md:8: step "a": parse: bad value "nope", expected the id of a parser',
      'demo.md:12: step "a": risk=change needs undo="…"',
      'demo.md:12: step "a": the name stands already in line 8',
      'demo.md:13: step "a": "&" leaves a child behind that no time limit ends; run it in the foreground',
      'demo.md:17: step "f": "relative" is not an absolute path',
      'demo.md:18: step "f": unknown "{unit}", expected {cgroup} or {pid}',
      'demo.md:19: step "f": {pid} needs each=suspects',
    ])
  })

  it.each([
    ['a missing name', '```sh {parse=free}\nfree\n```', 'demo.md:6: step: name is missing'],
    ['an empty fence', '```sh {name=a}\n\n```', 'demo.md:6: step "a": the fence is empty'],
    ['a fence that is not closed', '```sh {name=a}\nfree\n', 'demo.md:6: step "a": the fence is not closed'],
    ['a bad time', '```sh {name=a timeout=5}\nfree\n```', 'timeout: bad value "5", expected a duration'],
    ['a bad limit', '```sh {name=a limit=2X}\nfree\n```', 'limit: bad value "2X"'],
    ['a bad each', '# A\n\n# B\n\n```sh {name=a each=units}\nfree\n```', 'each: bad value "units", expected suspects'],
    [
      'when in the first phase',
      '```sh {name=a when=node}\nfree\n```',
      '"when" in the first phase: nothing is known yet',
    ],
    ['attributes without an end', '```sh {name=a\nfree\n```', 'attributes are not closed'],
    ['a key twice', '```sh {name=a name=b}\nfree\n```', 'key "name" stands twice'],
    ['shell keys on files', '```files {name=a sudo}\n/proc/meminfo\n```', 'key "sudo" means nothing in a files fence'],
    ['a way out of the folder', '```files {name=a}\n/proc/../etc/shadow\n```', 'holds ".."'],
    [
      'a step in a list',
      '- x\n\n  ```sh {name=b}\n  ls\n  ```\n\n```sh {name=a}\nls\n```',
      'demo.md:8: a step inside a list',
    ],
    ['a file without steps', 'prose only', 'no step'],
    [
      'a hidden direction mark',
      '```sh {name=a}\nls \u202Eevil\n```',
      'demo.md:7: holds a control, zero-width or direction',
    ],
  ])('%s', (_, body, message) => {
    expect(withSteps(body).join('\n')).toContain(message)
  })

  it.each([
    ['no front matter', '# x', 'demo.md:1: front matter is missing'],
    ['an unknown key', FRONT.replace('title:', 'titel:'), 'demo.md:3: front matter: unknown key "titel"'],
    ['a key twice', FRONT.replace('title: Demo', 'id: demo'), 'demo.md:3: front matter: Map keys must be unique'],
    ['a bad id', FRONT.replace('id: demo', 'id: ../demo'), 'demo.md:2: front matter: id'],
    [
      'a bad default',
      FRONT.replace('---\n#', '#').replace(
        /---\n$/,
        'parameters:\n  since: {type: duration, description: x, default: soon}\n---\n',
      ),
      'demo.md:6: parameter "since": bad default "soon", expected a duration',
    ],
    [
      'a name the shell needs',
      FRONT.replace(/---\n$/, 'parameters:\n  path: {type: path, description: x}\n---\n'),
      'parameter "path": the name is taken',
    ],
    ['an alias bomb', FRONT.replace('title: Demo', 'title: &a x\nslash: *a'), 'demo.md:4: front matter: an alias'],
  ])('%s', (_, front, message) => {
    expect(problemsOf(`${front}\n\`\`\`sh {name=a}\nls\n\`\`\`\n`).join('\n')).toContain(message)
  })

  it('a file over 64 KB', () => {
    expect(problemsOf(FRONT + 'x'.repeat(65_536))).toEqual([expect.stringContaining('demo.md:1: the file has')])
  })
})

describe('children left behind', () => {
  const background = (script: string): boolean =>
    withSteps(`\`\`\`sh {name=a}\n${script}\n\`\`\``).some((problem) => problem.includes('"&"'))

  it.each(['sleep 1 &', '(sleep 1 &)', 'x="$(sleep 9 & echo $!)"', 'a=1\n\nwait & b', 'if true; then sleep 1 & fi'])(
    'refuses %j',
    (script) => expect(background(script)).toBe(true),
  )

  it.each([
    'a && b',
    'a 2>&1',
    'a >&2',
    "awk '{ print $1 & 2 }'",
    'echo "a & b"',
    'echo $(( 6 & 3 ))',
    '# a & b\nls',
    "cat <<'END'\na & b\nEND",
    'echo \\&',
    'case $x in (a) b;; esac && c',
    'exec 3<&0',
  ])('allows %j', (script) => expect(background(script)).toBe(false))
})

it('throws nothing but RunbookError, whatever the text', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      '---\n',
      '```sh {name=a}\n',
      '```\n',
      '# x\n',
      '{',
      '}',
      '&',
      '\n',
      'id: a\n',
      '- ',
      '> ',
      '"',
      '\\',
    ),
    fc.string({ unit: 'binary', maxLength: 20 }),
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      for (const line of problemsOf(pieces.join(''))) expect(line).toMatch(/^demo\.md:\d+: /)
    }),
    { numRuns: 300 },
  )
})
