import type { LogEvent } from '../../../src/parsers/log/events.ts'
import type { LogLine } from '../../../src/parsers/log/lines/line.ts'
import type { Recognizer } from '../../../src/parsers/log/recognizer.ts'

/** Shows lines to one recognizer, one second apart, without the prefix layer. */
export const recognize = (
  recognizer: Recognizer,
  texts: readonly string[],
  prefix: Partial<LogLine> = {},
): readonly LogEvent[] => {
  const recognition = recognizer.start()
  texts.forEach((text, index) => {
    recognition.accept({
      number: index + 1,
      text,
      raw: text,
      source: null,
      sourcePid: null,
      time: { atMs: 1_763_900_000_000 + index * 1000, atText: null, bootSeconds: null },
      caller: null,
      quoted: false,
      ...prefix,
    })
  })
  return recognition.finish()
}
