import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Approval } from '../../../src/domain/approval.ts'
import type { Diagnosis, Finding } from '../../../src/domain/finding.ts'
import type { Remedy } from '../../../src/domain/remedy.ts'
import { approvalMessage, resultMessage } from '../../../src/slack/blocks/approval.ts'
import { blindSpotsMessage } from '../../../src/slack/blocks/blindSpots.ts'
import { headMessage } from '../../../src/slack/blocks/head.ts'
import { homeView } from '../../../src/slack/blocks/home.ts'
import { hostOptions, postmortemModal } from '../../../src/slack/blocks/modals.ts'
import { errorMessage, notice, ownNotice, statusMessage, usageMessage } from '../../../src/slack/blocks/notices.ts'
import { fileMessage, postmortemMessage } from '../../../src/slack/blocks/postmortem.ts'
import { proposalsMessage } from '../../../src/slack/blocks/proposals.ts'
import { verdictMessage } from '../../../src/slack/blocks/verdict.ts'
import { BLOCK_LIMITS, characterCount } from '../../../src/slack/blockLimits.ts'
import type { Draft } from '../../../src/slack/outbox/draft.ts'
import { emptyDiagnosis, evidenceItem, finding, fullDiagnosis, limitRemedy } from '../../render/bundle.ts'
import { problemMessages, validateBlocks, validateView } from '../../support/slack/validateBlocks.ts'

/** What hosts and people may come up with: nothing, mentions, controls, surrogates, and far too much. */
const hostile = fc.oneof(
  fc.constant(''),
  fc.constant(' \n\t '),
  fc.constant('<!channel> <@U0ANNA> <https://evil.example|x> ``` *b* _i_ ~s~ :fire: &amp;'),
  fc.constant('\u202e\u0000\u0007\u200b\ud800'),
  fc.constant('😀'.repeat(5_000)),
  fc.constant('x'.repeat(200_000)),
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.string({ unit: 'grapheme', maxLength: 4_000 }),
)
const few = <Value>(value: fc.Arbitrary<Value>, maxLength = 12) => fc.array(value, { maxLength })

const remedies: fc.Arbitrary<Remedy> = fc
  .record({
    title: hostile,
    because: hostile,
    path: hostile,
    content: hostile,
    check: hostile,
    detail: hostile,
    isChange: fc.boolean(),
  })
  .map((text) => ({
    ...limitRemedy,
    title: text.title,
    because: text.because,
    files: text.isChange ? [{ path: text.path, content: text.content }] : [],
    apply: text.isChange ? [['systemctl', 'daemon-reload']] : [],
    checks: [{ check: text.check, holds: text.isChange, detail: text.detail }],
    undo: [[text.path]],
    warnings: [text.detail],
  }))

const findings: fc.Arbitrary<Finding> = fc
  .record({
    summary: hostile,
    unit: fc.option(hostile),
    comm: fc.option(hostile),
    why: fc.option(hostile),
    atText: fc.option(hostile),
    at: fc.constantFrom(null, '2026-11-12T09:15:02.000Z', 'no time at all'),
    lines: few(hostile),
    doubts: few(hostile, 5),
    remedies: few(remedies, 4),
    role: fc.constantFrom('root-cause' as const, 'symptom' as const),
    confidence: fc.constantFrom('certain' as const, 'likely' as const, 'possible' as const),
  })
  .map(({ comm, lines, ...text }) =>
    finding({
      ...text,
      victims: [{ pid: 1, comm, unit: text.unit, anonRssBytes: 5 }],
      culprit: { comm, unit: text.unit, isVictim: true, why: text.summary },
      citations: lines.map((line, index) => ({ evidence: 'E1', line: index + 1, text: line })),
    }),
  )

const diagnoses: fc.Arbitrary<Diagnosis> = fc
  .record({
    findings: few(findings, 8),
    blindSpots: few(hostile, 30),
    reason: hostile,
    changed: few(hostile, 6),
    decisiveBlind: fc.boolean(),
  })
  .map(({ reason, changed, ...parts }) => ({
    ...emptyDiagnosis,
    ...parts,
    changes: changed.map((what) => ({
      sort: 'file',
      what,
      at: null,
      unit: null,
      citation: { evidence: 'E1', line: 1, text: what },
    })),
    skipped: [{ rule: 'memcg-oom', reason }],
  }))

/** Slack takes every form, and nothing of a host's text is in a place where it would come alive. */
const expectSound = (draft: Draft): void => {
  for (const blocks of [draft.rich, draft.portable]) {
    if (blocks !== null) expect(problemMessages(validateBlocks(blocks, 'message'))).toEqual([])
  }
  for (const text of [draft.text, draft.plain]) {
    expect(text.trim()).not.toBe('')
    expect(characterCount(text)).toBeLessThanOrEqual(BLOCK_LIMITS.message.textLength)
    expect(text).not.toMatch(/<!channel|<@U0ANNA|<https:\/\/evil/)
  }
  for (const text of mrkdwnIn([draft.rich, draft.portable]))
    expect(text).not.toMatch(/<!channel|<@U0ANNA|<https:\/\/evil/)
  for (const text of stringsIn([draft.rich, draft.portable])) {
    expect(text).not.toMatch(/[\u202e\u0007\u0000\u200b]/)
    expect(text.isWellFormed()).toBe(true)
  }
}

const stringsIn = (value: unknown): string[] => {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(stringsIn) : []
}

const mrkdwnIn = (value: unknown): string[] => {
  if (Array.isArray(value)) return value.flatMap(mrkdwnIn)
  if (typeof value !== 'object' || value === null) return []
  const { type, text } = value as { type?: unknown; text?: unknown }
  return [...(type === 'mrkdwn' && typeof text === 'string' ? [text] : []), ...Object.values(value).flatMap(mrkdwnIn)]
}

const verdictOf = (diagnosis: Diagnosis, name = 'web01'): Draft =>
  verdictMessage({
    host: name,
    requestId: 'request-1',
    diagnosis,
    evidence: [evidenceItem('E1', 'free', 'text')],
    incident: null,
    runId: 'run-1',
    runbook: 'oom-triage',
    durationMs: 1234,
    processes: diagnosis.findings.map((each) => ({ name: each.summary, bytes: 5, note: each.why ?? '' })),
    notes: diagnosis.blindSpots,
  })

describe('every message keeps the limits of Block Kit, whatever a host says', () => {
  const check = <Args>(name: string, property: fc.IProperty<Args>): void => {
    it(name, { timeout: 60_000 }, () => {
      fc.assert(property, { numRuns: 60 })
    })
  }

  check(
    'the verdict',
    fc.property(diagnoses, (diagnosis) => expectSound(verdictOf(diagnosis))),
  )
  check(
    'the proposals',
    fc.property(diagnoses, (diagnosis) => {
      const draft = proposalsMessage(diagnosis)
      if (draft !== null) expectSound(draft)
    }),
  )
  check(
    'the blind spots',
    fc.property(diagnoses, (diagnosis) => {
      const draft = blindSpotsMessage(diagnosis, [evidenceItem('E1', 'free', 'text')])
      if (draft !== null) expectSound(draft)
    }),
  )
  check(
    'the head',
    fc.property(
      few(hostile, 60),
      hostile,
      fc.constantFrom('running' as const, 'done' as const, 'failed' as const),
      (titles, words, state) =>
        expectSound(
          headMessage({
            requestId: 'request-1',
            host: 'web01',
            runbook: 'oom-triage',
            title: titles[0] ?? 'Look',
            startedBy: 'U0BEN',
            runId: 'run-1',
            startedAtMs: 0,
            elapsedMs: 5_000,
            state,
            outcome: state === 'running' ? null : words,
            phases: titles.map((title, index) => ({ title, total: 9, done: index % 10, running: titles.slice(0, 5) })),
          }),
        ),
    ),
  )
  check(
    'notices and errors',
    fc.property(hostile, hostile, (text, hint) => {
      for (const draft of [
        notice(text === '' ? 'nothing' : text, hint),
        errorMessage({
          stopped: `it stopped ${text}`,
          next: hint,
          notDone: text,
          error: hint,
          requestId: 'r',
          reference: text,
        }),
      ]) {
        if (draft.text.trim() !== '') expectSound(draft)
      }
    }),
  )
  check(
    'the draft as a file or as text',
    fc.property(hostile, (content) => {
      const draft = fileMessage('inc.md', 'Postmortem draft', content)
      expectSound(draft)
      for (const instead of draft.file?.instead ?? []) expectSound(instead)
      expectSound(
        postmortemMessage({
          requestId: 'r',
          incidentId: 'inc-1',
          version: 3,
          markdown: content,
          editedBy: null,
          canPublish: true,
        }),
      )
    }),
  )
  check(
    'the approval',
    fc.property(
      hostile,
      hostile,
      fc.constantFrom('pending' as const, 'approved' as const, 'expired' as const),
      (body, result, state) => {
        const approval: Approval = {
          id: 'a',
          planHash: 'f'.repeat(64),
          state,
          place: 'C1',
          messageId: 'm',
          createdAtMs: 0,
          decidedBy: state === 'pending' ? null : 'U0BEN',
          decidedAtMs: state === 'pending' ? null : 5,
          begunAtMs: null,
          result: state === 'pending' ? null : result,
          plan: {
            id: 'a',
            host: 'web01',
            runbook: 'leave-a-mark',
            runbookHash: 'h',
            parameters: { unit: body },
            risk: 'change',
            steps: [{ name: 'mark', body, undo: result }],
            before: {
              machineId: body,
              bootId: null,
              touches: [result],
              files: [
                { path: body, sha256: null },
                { path: result, sha256: 'f'.repeat(64) },
              ],
            },
            requestedBy: 'U0CARLA',
            expiresAtMs: 900_000,
          },
        }
        expectSound(approvalMessage({ approval, approvers: '<@U0BEN>' }))
        expectSound(resultMessage(approval))
      },
    ),
  )
  check(
    'modals and the Home tab',
    fc.property(few(hostile, 30), (questions) => {
      const modal = postmortemModal({
        requestId: 'r',
        incidentId: 'inc-1',
        version: 1,
        questions: questions.map((question, index) => ({ index, question })),
      })
      expect(problemMessages(validateView(modal))).toEqual([])
      const home = homeView({
        waiting: questions.map(() => 'one'),
        recent: questions.map(() => 'two'),
        nowMs: 5,
        channel: 'D1',
      })
      expect(problemMessages(validateView(home))).toEqual([])
      expect(hostOptions(questions, '').every((option) => option.value !== undefined)).toBe(true)
    }),
  )
})

describe('what people read', () => {
  it('a certain kill: title, cause, victim, ordered reasons and the cited lines', () => {
    const text = JSON.stringify(verdictOf(fullDiagnosis).portable)
    expect(text).toMatch(/Cause.*Confidence.*Victim.*Time.*ordered.*Proof/)
    expect(verdictOf(fullDiagnosis).text).toMatch(/^(?:🔴|🟠|🟡) web01: /u)
  })

  it('a clean host says what was checked; a blind one does not claim health', () => {
    const clean = verdictOf({ ...emptyDiagnosis, clear: ['global-oom', 'memcg-oom'], decisiveBlind: false })
    expect(clean.text).toBe('✅ Nothing wrong was found on web01')
    expect(JSON.stringify(clean.portable)).toContain('Checked and clear: global-oom, memcg-oom.')
    const blind = verdictOf({ ...emptyDiagnosis, decisiveBlind: true })
    expect(blind.text).toContain('this proves nothing')
  })

  it('nothing to propose and nothing unseen are no messages at all', () => {
    const quiet = { ...emptyDiagnosis, skipped: [], blindSpots: [] }
    expect(proposalsMessage(quiet)).toBeNull()
    expect(blindSpotsMessage(quiet, [])).toBeNull()
  })

  it('usage, status and links of our own are sound', () => {
    for (const draft of [
      usageMessage('/oom-triage', ['/oom-triage web01']),
      statusMessage([]),
      statusMessage(Array.from({ length: 30 }, () => '✅ `x`')),
      ownNotice('<https://example.com|here>'),
    ]) {
      expectSound(draft)
    }
  })
})
