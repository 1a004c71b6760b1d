import { LogLevel, type Logger } from '@slack/bolt'
import type { Log } from './log.ts'

/** Bolt's words in our log, where secrets are taken out; its chatter is left out. */
export const boltLogger = (log: Log): Logger => ({
  debug: () => {},
  info: () => {},
  warn: (...words: unknown[]) => log.warn({ from: 'bolt' }, textOf(words)),
  error: (...words: unknown[]) => log.error({ from: 'bolt' }, textOf(words)),
  setLevel: () => {},
  getLevel: () => LogLevel.WARN,
  setName: () => {},
})

const textOf = (words: readonly unknown[]): string =>
  words
    .map((word) => (word instanceof Error ? word.message : typeof word === 'string' ? word : JSON.stringify(word)))
    .join(' ')
    .slice(0, 2_000)
