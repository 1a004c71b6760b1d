import { createHash } from 'node:crypto'
import type { Evidence } from '../../src/domain/evidence.ts'
import { blankClaim, type Diagnosis, type Finding } from '../../src/domain/finding.ts'
import type { Remedy } from '../../src/domain/remedy.ts'
import type { Run } from '../../src/domain/run.ts'
import { NO_HOST_FACTS } from '../../src/render/hostFacts.ts'
import { memoryPicture, NO_MEMORY_PICTURE } from '../../src/render/memoryPicture.ts'
import type { PostmortemInput } from '../../src/render/postmortemInput.ts'

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

const at = (text: string): number => Date.parse(`${text}Z`)

export const run: Run = {
  id: 'run-1',
  runbook: 'oom-triage',
  runbookHash: 'abc',
  host: 'vps-01',
  parameters: {},
  state: 'done',
  requestedBy: 'terminal',
  startedAtMs: at('2026-11-12T09:22:10'),
  endedAtMs: at('2026-11-12T09:22:14'),
  window: { fromMs: at('2026-11-11T09:22:10'), toMs: at('2026-11-12T09:22:10') },
  bootId: null,
  error: null,
}

export const evidenceItem = (
  id: `E${number}`,
  step: string,
  stdout: string,
  more: Partial<Evidence> = {},
): Evidence => ({
  id,
  step,
  subject: null,
  command: `cat /proc/${step}`,
  parser: null,
  result: {
    outcome: 'exited',
    exitCode: 0,
    step,
    subject: null,
    stdout,
    stderr: '',
    droppedBytes: 0,
    startedAtMs: at('2026-11-12T09:22:11'),
    durationMs: 12,
  },
  reading: { status: 'none', reason: 'read by people only' },
  redactions: 0,
  ...more,
})

export const finding = (changes: Partial<Finding>): Finding => ({
  ...blankClaim(changes.kind ?? 'global-oom', 'something happened'),
  role: 'root-cause',
  remedies: [],
  ...changes,
})

export const emptyDiagnosis: Diagnosis = {
  findings: [],
  history: [],
  clear: [],
  changes: null,
  skipped: [],
  blindSpots: [],
  decisiveBlind: false,
}

export const limitRemedy: Remedy = {
  id: 'memory-max',
  title: 'Limit queue_worker.service to 960 MiB',
  risk: 'change',
  because: 'The host ran out of memory and queue_worker.service held most of it.',
  files: [
    {
      path: '/etc/systemd/system/queue_worker.service.d/50-medic-memory.conf',
      content: '# Written by Medic.\n[Service]\nMemoryMax=960M\n',
    },
  ],
  apply: [['systemctl', 'daemon-reload']],
  verify: [['systemctl', 'show', '-p', 'MemoryMax', 'queue_worker.service']],
  undo: [['rm', '-f', '/etc/systemd/system/queue_worker.service.d/50-medic-memory.conf']],
  settings: [
    { key: 'MemoryMax', value: '960M', because: '1.25 x the healthy peak of 780 MiB, rounded down to 64 MiB' },
  ],
  checks: [{ check: 'now + 64 MiB fits', holds: true, detail: '704 MiB is at most 960 MiB' }],
  warnings: ['It contains the growth and does not cure it.'],
  confidence: 'medium',
}

export const emptyInput: PostmortemInput = {
  incident: {
    id: 'inc-20261112T092210Z-vps-01',
    runId: 'run-1',
    host: 'vps-01',
    unit: null,
    kind: 'global-oom',
    title: 'nothing found on vps-01, 12 Nov 2026',
    occurredAtMs: at('2026-11-12T09:22:10'),
    recordedAtMs: at('2026-11-12T09:22:14'),
  },
  run,
  diagnosis: emptyDiagnosis,
  evidence: [],
  evidenceHash: null,
  host: NO_HOST_FACTS,
  events: [],
  measures: [],
  memory: NO_MEMORY_PICTURE,
  actions: [],
  earlier: null,
  generatedAtMs: at('2026-11-12T09:22:15'),
}

const KILL =
  'Nov 12 09:15:02 vps-01 kernel: Out of memory: Killed process 41877 (node) total-vm:23000000kB, anon-rss:3019776kB'

export const fullDiagnosis: Diagnosis = {
  findings: [
    finding({
      kind: 'global-oom',
      confidence: 'certain',
      summary: 'The whole host ran out of memory and the kernel killed node of queue_worker.service',
      at: '2026-11-12T09:15:02.114Z',
      atText: 'Nov 12 09:15:02',
      unit: 'queue_worker.service',
      why: 'every zone was below its reserve',
      victims: [{ pid: 41877, comm: 'node', unit: 'queue_worker.service', anonRssBytes: 3019776 * 1024 }],
      constraint: 'CONSTRAINT_NONE',
      invoker: { pid: 612, comm: 'systemd' },
      largestTask: { pid: 41877, comm: 'node', rssBytes: 3019776 * 1024 },
      culprit: { comm: 'node', unit: 'queue_worker.service', isVictim: true, why: 'it held 75 % of the memory' },
      citations: [{ evidence: 'E1', line: 42, text: KILL }],
      remedies: [limitRemedy],
    }),
    finding({
      kind: 'limit-not-in-force',
      confidence: 'certain',
      summary: 'MemoryMax is written in queue_worker.service and is not in force',
      unit: 'queue_worker.service',
      doubts: ['the unit file may have been edited after the start'],
      citations: [{ evidence: 'E3', line: 6, text: 'MemoryMax=3G # <-- Set a soft maximum limit' }],
    }),
    finding({
      kind: 'crash-loop',
      role: 'symptom',
      confidence: 'likely',
      summary: 'queue_worker.service was restarted 4 times in 10 min',
      at: '2026-11-12T09:18:00.000Z',
      unit: 'queue_worker.service',
      count: 4,
      citations: [{ evidence: 'E2', line: 7, text: 'Scheduled restart job, restart counter is at 4.' }],
    }),
  ],
  history: [
    finding({
      kind: 'memcg-oom',
      confidence: 'certain',
      summary: 'php-fpm was killed at its own limit',
      at: '2026-10-01T00:00:00.000Z',
      citations: [{ evidence: 'E1', line: 2, text: 'Memory cgroup out of memory: Killed process 9 (php-fpm)' }],
    }),
  ],
  clear: ['v8-heap', 'disk-full'],
  changes: [
    {
      sort: 'package',
      what: 'package htop:amd64 3.2.2-2 was installed',
      at: '2026-11-12T09:20:00.000Z',
      unit: null,
      citation: { evidence: 'E2', line: 3, text: '2026-11-12 09:20:00 install htop:amd64 <none> 3.2.2-2' },
    },
    {
      sort: 'code',
      what: '/srv/app/worker.js was changed',
      at: '2026-11-12T09:10:02.000Z',
      unit: 'queue_worker.service',
      citation: { evidence: 'E3', line: 2, text: '1794474602 2569 root 644 /srv/app/worker.js' },
    },
  ],
  skipped: [
    { rule: 'memory-pressure', reason: 'no reading of pressure' },
    { rule: 'swap-thrash', reason: 'no reading of pressure' },
  ],
  blindSpots: ['the kernel log of earlier boots cannot be read (journal is volatile)'],
  decisiveBlind: false,
}

export const fullInput: PostmortemInput = {
  ...emptyInput,
  incident: {
    ...emptyInput.incident,
    id: 'inc-20261112T091502Z-vps-01-queue_worker',
    unit: 'queue_worker.service',
    title: 'queue_worker.service killed for lack of memory on vps-01, 12 Nov 2026',
    occurredAtMs: at('2026-11-12T09:15:02'),
  },
  diagnosis: fullDiagnosis,
  evidence: [
    evidenceItem('E1', 'kernel-log', `${KILL}\n`, {
      redactions: 2,
      command: 'journalctl -k -o short-iso | tail -n 100',
    }),
    evidenceItem('E2', 'unit-log', 'Scheduled restart job, restart counter is at 4.\n', {
      subject: 'queue_worker.service',
    }),
    evidenceItem('E3', 'unit-file', 'MemoryMax=3G # <-- Set a soft maximum limit\n', {
      reading: { status: 'unparsed', parser: 'systemctlCat', reason: 'line 1: no section' },
    }),
    {
      ...evidenceItem('E4', 'slabinfo', ''),
      result: { ...evidenceItem('E4', 'slabinfo', '').result, outcome: 'timed-out', durationMs: 5000 },
    },
  ],
  evidenceHash: sha256('bundle'),
  host: {
    system: { value: 'Ubuntu 22.04', evidence: ['E5'] },
    memTotalBytes: { value: 3911 * 1024 * 1024, evidence: ['E5'] },
    swapTotalBytes: { value: 0, evidence: ['E5'] },
    offsetMinutes: { value: 420, evidence: ['E5'] },
    clockSynchronised: { value: true, evidence: ['E3'] },
  },
  events: [
    {
      atMs: at('2026-11-12T09:15:08'),
      what: 'systemd restarts queue_worker.service',
      basis: 'observed',
      evidence: ['E2'],
    },
  ],
  measures: [
    {
      what: 'queue_worker.service down',
      fromMs: at('2026-11-12T09:15:02.114'),
      toMs: at('2026-11-12T09:15:08.402'),
      basis: 'inferred from unit states',
      evidence: ['E2'],
    },
  ],
  memory: memoryPicture(
    'At the kill the kernel listed these processes',
    [
      { comm: 'node', rssBytes: 3019776 * 1024 },
      ...Array.from({ length: 8 }, () => ({ comm: 'php-fpm8.1', rssBytes: 48 * 1024 * 1024 })),
    ],
    ['E1'],
    3911 * 1024 * 1024,
  ),
  actions: [
    {
      atMs: at('2026-11-12T12:40:05'),
      what: 'runbook restart-unit unit=queue_worker.service',
      result: 'done: restart exited 0',
      approval: 'a3f1c7d2',
    },
  ],
  earlier: [{ ...emptyInput.incident, id: 'inc-20261001T000000Z-vps-01', title: 'php-fpm killed' }],
}
