/** CSI, OSC/DCS/APC strings and two-byte escapes; none may swallow a line's end, or lines would lose their numbers. */
const ESCAPES = /\x1b(?:\[[0-?]{0,64}[ -/]{0,8}[@-~]?|[\]PX^_][^\x07\x1b\n]{0,4096}(?:\x07|\x1b\\)?|[ -/]{0,4}[0-~]?)/g
const CONTROLS = /[\x00-\x08\x0b-\x1f\x7f-\x9f]/g
/** Marks that reorder or hide text: shown by name, because what was hidden may be the point. */
const INVISIBLE = /[\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g
const ANY = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/

/** Text that no terminal, browser or reader obeys: no escapes, no controls but tab and newline, nothing hidden. */
export const inert = (text: string): string =>
  ANY.test(text)
    ? text
        .replaceAll(ESCAPES, '')
        .replaceAll(CONTROLS, '')
        .replaceAll(
          INVISIBLE,
          (mark) => `<U+${(mark.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}>`,
        )
    : text
