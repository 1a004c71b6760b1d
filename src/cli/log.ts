import { destination, pino, type Logger } from 'pino'
import type { Clean } from '../runbook/reading.ts'

/** One JSON object a line on standard error; whatever an error says passes the cleaner first. */
export const createLog = (clean: Clean, level = 'info'): Logger =>
  pino(
    {
      level,
      base: null,
      serializers: {
        error: (error: unknown) =>
          clean(error instanceof Error ? (error.stack ?? error.message) : String(error)).text.slice(0, 4_000),
        reason: (reason: unknown) => clean(String(reason)).text.slice(0, 1_000),
      },
    },
    destination({ dest: 2, sync: true }),
  )
