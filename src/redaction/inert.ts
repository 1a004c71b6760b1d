/** Terminal sequences: CSI, OSC, DCS and friends (bounded, never across a line), then two-byte escapes. */
const SEQUENCE =
  /(?:\x1b\[|\x9b)[0-?]{0,64}[ -/]{0,8}[@-~]|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x90\x98\x9c-\x9f\n]{0,4096}(?:\x07|\x1b\\|\x9c)|\x1b[ -/]{0,4}[0-~]/g

const CONTROL = /[\x00-\x08\x0b-\x1f\x7f-\x9f]/g

/** Characters that reorder or hide text: bidirectional controls, zero width, fillers, line separators, tags. */
const INVISIBLE =
  /\u034f|[\xad\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb]|\u{e0001}|[\u{e0020}-\u{e007f}]/gu

const SUSPICIOUS =
  /\u034f|[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\udb40\ufeff\uffa0\ufff9-\ufffb]/

const codePoint = (character: string): string =>
  `<U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}>`

/** Text that shows all it holds: no terminal control, hidden characters spelled out as `<U+202E>`, lines kept. */
export const inert = (text: string): string => {
  const wellFormed = text.toWellFormed()
  if (!SUSPICIOUS.test(wellFormed)) return wellFormed
  return wellFormed.replace(SEQUENCE, '').replace(CONTROL, '').replace(INVISIBLE, codePoint)
}
