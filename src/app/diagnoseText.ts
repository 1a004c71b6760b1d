import type { Clean } from '../runbook/reading.ts'
import { analyseStored } from './analyse.ts'
import type { Analysis } from './analyse.ts'

/** Explains a log, a dmesg, a journal export or a pasted mess. No host is asked; lines are counted as given. */
export const diagnoseText = (text: string, source: string, clean: Clean, nowMs: number): Analysis => {
  const cleaned = clean(text)
  return analyseStored(
    [
      {
        id: 'E1',
        step: 'input',
        subject: null,
        command: source,
        parser: 'log',
        redactions: cleaned.redactions,
        result: {
          step: 'input',
          subject: null,
          stdout: cleaned.text,
          stderr: '',
          outcome: 'exited',
          exitCode: 0,
          droppedBytes: 0,
          startedAtMs: nowMs,
          durationMs: 0,
        },
      },
    ],
    { fromMs: null, toMs: null },
  )
}
