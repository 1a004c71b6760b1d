import type { Evidence } from '../../src/domain/evidence.ts'
import type { LogEvent } from '../../src/parsers/log/events.ts'
import { logEvidence } from './host.ts'

/** A journal in which systemd restarts a unit five times, so many seconds apart. */
export const restartsEvery = (seconds: number, unit: string): Evidence =>
  logEvidence({
    events: Array.from({ length: 5 }, (_, index): LogEvent => ({
      type: 'unit-restart',
      unit,
      counter: index,
      time: { atMs: index * seconds * 1000, atText: null, bootSeconds: null },
      cited: [],
      source: 'systemd',
      sourcePid: 1,
      repeats: 1,
    })),
    lineCount: 5,
    firstTime: null,
    lastTime: null,
  })
