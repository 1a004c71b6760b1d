import type { Evidence } from '../../src/domain/evidence.ts'
import type { Measure, MemorySample } from '../../src/domain/sample.ts'
import { factsFrom, type FactView } from '../../src/parsers/facts.ts'
import type { Parser } from '../../src/parsers/parser.ts'
import { cgroupMemoryStatParser } from '../../src/parsers/cgroupMemoryStat.ts'
import { cgroupValueParser } from '../../src/parsers/cgroupValue.ts'
import { logParser, type LogFacts } from '../../src/parsers/log/log.ts'
import { meminfoParser } from '../../src/parsers/meminfo.ts'
import { systemctlCatParser } from '../../src/parsers/systemctlCat.ts'
import { systemctlShowParser } from '../../src/parsers/systemctlShow.ts'
import { systemdVersionParser } from '../../src/parsers/systemdVersion.ts'
import { unitSamplesParser, unitSamplesText } from '../../src/parsers/unitSamples.ts'

export const UNIT = 'queue_worker.service'
const CGROUP = `/system.slice/${UNIT}`
const MIB = 1024 * 1024

export interface HostInput {
  readonly totalMib?: number
  readonly availableMib?: number
  readonly swapMib?: number
  readonly nowMib?: number | null
  readonly unit?: string
  readonly max?: string
  readonly high?: string
  readonly properties?: Readonly<Record<string, string>>
  readonly unitFile?: string
  readonly dropIns?: Readonly<Record<string, string>>
  readonly systemd?: number | null
  readonly more?: readonly Evidence[]
}

let count = 0

export const evidenceOf = <Facts>(
  parser: Parser<Facts>,
  subject: string | null,
  command: string,
  stdout: string,
): Evidence => {
  count += 1
  return {
    id: `E${count}`,
    step: parser.id,
    subject,
    command,
    parser: parser.id,
    result: {
      outcome: 'exited',
      exitCode: 0,
      step: parser.id,
      subject,
      stdout,
      stderr: '',
      droppedBytes: 0,
      startedAtMs: 0,
      durationMs: 1,
    },
    reading: { status: 'parsed', parser: parser.id, facts: parser.parse(stdout) },
    redactions: 0,
  }
}

/** What Medic had sampled of a unit, written and read as a run does it. */
export const samplesEvidence = (unit: string, samples: readonly MemorySample[], measure: Measure = 'held'): Evidence =>
  evidenceOf(unitSamplesParser, unit, 'samples', unitSamplesText(samples.map((sample) => ({ ...sample, measure }))))

/** Log facts as given: what a log says is other tests' business. */
export const logEvidence = (facts: LogFacts): Evidence => ({
  ...evidenceOf(systemdVersionParser, null, 'journalctl', 'systemd 1'),
  parser: logParser.id,
  reading: { status: 'parsed', parser: logParser.id, facts },
})

/** A host as the runbook would see it; every text is read by the real parsers. */
export const hostFacts = (input: HostInput = {}): FactView => {
  const unit = input.unit ?? UNIT
  const cgroup = input.unit === undefined ? CGROUP : `/system.slice/${unit}`
  const {
    totalMib = 7950,
    availableMib = 5610,
    swapMib = 0,
    nowMib = 640,
    max = 'max',
    high = 'max',
    systemd = 252,
  } = input
  const properties = {
    Id: unit,
    ActiveState: 'active',
    Restart: 'always',
    ControlGroup: cgroup,
    Delegate: 'no',
    OOMPolicy: 'stop',
    MemoryMax: max === 'max' ? 'infinity' : max,
    MemoryHigh: high === 'max' ? 'infinity' : high,
    RestartUSec: '100ms',
    StartLimitIntervalUSec: '10s',
    StartLimitBurst: '5',
    ...input.properties,
  }
  const files = [
    `# /etc/systemd/system/${unit}\n${input.unitFile ?? '[Service]\nExecStart=/usr/bin/node worker.js\n'}`,
    ...Object.entries(input.dropIns ?? {}).map(([path, text]) => `# ${path}\n${text}`),
  ]
  return factsFrom(
    [
      evidenceOf(
        meminfoParser,
        null,
        '/proc/meminfo',
        `MemTotal: ${totalMib * 1024} kB\nMemFree: 1000 kB\nMemAvailable: ${availableMib * 1024} kB\nSwapTotal: ${swapMib * 1024} kB\nSwapFree: ${swapMib * 1024} kB\n`,
      ),
      ...(systemd === null
        ? []
        : [evidenceOf(systemdVersionParser, null, 'systemctl --version', `systemd ${systemd} (x)\n`)]),
      evidenceOf(
        systemctlShowParser,
        unit,
        'systemctl show',
        `${Object.entries(properties)
          .map(([key, value]) => `${key}=${value}`)
          .join('\n')}\n`,
      ),
      evidenceOf(systemctlCatParser, unit, 'systemctl cat', `${files.join('\n\n')}\n`),
      ...(nowMib === null
        ? []
        : [
            evidenceOf(
              cgroupMemoryStatParser,
              unit,
              `/sys/fs/cgroup${cgroup}/memory.stat`,
              `anon ${nowMib * MIB}\nfile 0\nkernel 0\nshmem 0\nslab_reclaimable 0\nunevictable 0\n`,
            ),
            evidenceOf(cgroupValueParser, unit, `/sys/fs/cgroup${cgroup}/memory.max`, `${max}\n`),
            evidenceOf(cgroupValueParser, unit, `/sys/fs/cgroup${cgroup}/memory.high`, `${high}\n`),
          ]),
      ...(input.more ?? []),
    ],
    { fromMs: null, toMs: null },
  )
}
