import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import { type ApprovalTools } from '../../../src/app/change/approvalTools.ts'
import { decideApproval } from '../../../src/app/change/decideApproval.ts'
import { closeLeftChanges } from '../../../src/app/change/endChange.ts'
import { proposeChange } from '../../../src/app/change/proposeChange.ts'
import { carryOutChange } from '../../../src/app/change/carryOutChange.ts'
import { outcomeOf } from '../../../src/app/change/changeOutcome.ts'
import { sha256 } from '../../../src/app/hash.ts'
import { createPolicy } from '../../../src/app/policy.ts'
import { RunDesk } from '../../../src/app/runDesk.ts'
import { StoreError } from '../../../src/domain/errors.ts'
import type { Host } from '../../../src/domain/host.ts'
import { parseRunbook } from '../../../src/runbook/parse.ts'
import { compileTemplate } from '../../../src/render/template.ts'
import { openSqliteStore } from '../../../src/store/sqlite.ts'
import type { Store } from '../../../src/store/store.ts'
import { ReplayedConnection } from '../../runbook/replayedConnection.ts'

let hosts = 0

/** A name of its own for each: what a process holds, it holds by name. */
const newHost = (): Host => ({
  name: `web${(hosts += 1)}`,
  transport: 'replay',
  ssh: null,
  replay: 'demo',
  sudo: false,
  site: null,
  groups: [],
  tags: {},
})

const RUNBOOK = parseRunbook(
  `---
id: set-limit
title: Set
description: Sets.
---

# Look

\`\`\`sh {name=look}
cat /etc/app.conf
\`\`\`

# Change

\`\`\`sh {name=set risk=change undo="rm -f /etc/app.conf" touches=/etc/app.conf}
true
\`\`\`
`,
  'set-limit.md',
  new Set(),
)

// No finding, no draft: it is never rendered.
const TEMPLATE = compileTemplate('', 'none')

/** A store that fails at its calls of these numbers, counted from 1. */
const failing = (
  store: Store,
  isGone: (call: number) => boolean,
): { readonly store: Store; readonly calls: () => number } => {
  let calls = 0
  const proxy = new Proxy(store, {
    get(target, name, receiver) {
      const value: unknown = Reflect.get(target, name, receiver)
      if (typeof value !== 'function' || typeof name !== 'string') return value
      return async (...args: unknown[]): Promise<unknown> => {
        calls += 1
        if (isGone(calls)) throw new StoreError('the store is gone')
        return Reflect.apply(value, target, args) as unknown
      }
    },
  })
  return { store: proxy, calls: () => calls }
}

/** Asked with a store that works; decided and carried out with one that fails; looked at with one that works again. */
const tryChange = async (isGone: (call: number) => boolean) => {
  const host = newHost()
  const folder = mkdtempSync(join(tmpdir(), 'medic-change-'))
  await using good = await openSqliteStore(folder)
  let healed = false
  const { store, calls } = failing(good, (call) => !healed && isGone(call))
  const connection = new ReplayedConnection({ files: { '/etc/app.conf': 'limit=1', '/etc/machine-id': 'm1' } })
  const connect = async () => connection
  const toolsOn = (used: Store): ApprovalTools => ({
    store: used,
    policy: createPolicy({
      rules: [{ allow: ['approve'], users: ['U0BEN'] }],
      groups: {},
      membersOf: async () => new Set(),
    }),
    selfApprove: false,
    now: Date.now,
    newId: () => 'the-approval',
    connect,
  })
  const runs = new RunDesk({
    store,
    owners: { self: 'here:1:a', isGone: async () => false, [Symbol.asyncDispose]: async () => {} },
    now: Date.now,
    triageTools: async () => ({
      connect,
      clean: (text) => ({ text, redactions: 0 }),
      store,
      now: Date.now,
      newRunId: () => 'run-1',
      medicVersion: 'test',
      template: TEMPLATE,
      hash: sha256,
    }),
  })
  const { approval } = await proposeChange(toolsOn(good), {
    host,
    runbook: RUNBOOK,
    parameters: {},
    requestedBy: 'U0ANNA',
    place: 'C0OPS',
    messageId: 'message',
  })
  const by = { user: 'U0BEN', host, place: 'C0OPS', runbookHash: RUNBOOK.hash }
  const told: string[] = []
  const bugs: unknown[] = []
  const decision = await decideApproval(toolsOn(store), approval.id, by, 'approved').catch((error: unknown) => error)
  const isDecided = (
    value: unknown,
  ): value is Extract<Awaited<ReturnType<typeof decideApproval>>, { status: 'decided' }> =>
    typeof value === 'object' && value !== null && 'status' in value && value.status === 'decided'
  if (isDecided(decision)) {
    await carryOutChange(
      {
        approvals: toolsOn(store),
        runs,
        owner: 'here:1:a',
        takeUp: async () => {},
        onBug: (error) => void bugs.push(error),
      },
      {
        approval: decision.approval,
        prepared: { host, runbook: RUNBOOK, parameters: {} },
        held: decision.held!,
        onEnd: async ({ result }) => {
          told.push(result ?? '')
          healed = true
        },
      },
    )
  }
  const used = calls()
  healed = true
  await closeLeftChanges(toolsOn(good))
  const after = await good.findApproval(approval.id)
  const again = await decideApproval(toolsOn(good), approval.id, by, 'approved').catch((error: unknown) => error)
  expect(await good.verifyAudit()).toBeUndefined()
  using database = new DatabaseSync(join(folder, 'medic.db'))
  const rows = database.prepare('select body from audit order by number').all() as { body: string }[]
  return {
    used,
    told,
    bugs,
    after,
    again,
    decided: isDecided(decision),
    isSent: connection.flights.flat().includes('set'),
    verbs: rows.map(({ body }) => (JSON.parse(body) as { verb: string }).verb),
  }
}

describe('a change and a store that fails', () => {
  it('is made and recorded when nothing fails', async () => {
    const { used, told, verbs, isSent, again } = await tryChange(() => false)
    expect(isSent).toBe(true)
    expect(told).toEqual(['done: set exited 0'])
    expect(verbs).toEqual(['ask', 'approve', 'begin', 'carried-out'])
    expect(again).toMatchObject({ status: 'refused', reason: 'already approved by U0BEN' })
    // The calls below reach beyond the last one of these.
    expect(used).toBeLessThan(CALLS)
  })

  const CALLS = 30
  const cases = (['from', 'only at'] as const).flatMap((how) =>
    Array.from({ length: CALLS }, (_, index) => ({ how, call: index + 1 })),
  )

  it('is never made without a record that it began, and never left without an end', async () => {
    const tried = await Promise.all(
      cases.map(async ({ how, call }) => ({
        how,
        call,
        ...(await tryChange((now) => (how === 'from' ? now >= call : now === call))),
      })),
    )
    for (const { how, call, isSent, verbs, after, told, decided, bugs } of tried) {
      const label = `${how} call ${call}: ${verbs.join(' ')}, ${after?.result ?? after?.state ?? ''}`
      expect(bugs, label).toEqual([])
      expect(verbs.includes('begin'), label).toBe(isSent)
      if (decided) expect(told.length, label).toBeGreaterThan(0)
      if (after?.state === 'pending') expect(isSent, label).toBe(false)
      else {
        expect(outcomeOf(after?.result ?? ''), label).toBe(isSent ? 'done' : 'not done')
        expect(['carried-out', 'close'], label).toContain(verbs.at(-1))
      }
    }
    expect(tried.some(({ decided, isSent }) => decided && !isSent)).toBe(true)
    expect(tried.some(({ decided, after }) => !decided && after?.state === 'approved')).toBe(true)
  })

  it('keeps no host from later changes: what was approved after it is made', async () => {
    const tried = await Promise.all(cases.slice(0, 12).map(({ call }) => tryChange((now) => now === call)))
    for (const { again, after } of tried) {
      // One that stayed open can still be approved, by the same process whose hold could not be given back.
      if (after?.state === 'pending') expect(again).toMatchObject({ status: 'decided' })
      else expect(again).toMatchObject({ status: 'refused' })
    }
  })
})
