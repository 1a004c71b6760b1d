import { DECISIVE, STAMPED } from './decorations.ts'
import type { Layer } from './head.ts'

/** A chat's line: `12:01 <@mara> `, `[10:14:02] <tess_> `, `(10:14:02 AM) tess: `; only before words that decide. */
const CHAT = new RegExp(
  String.raw`^(?=[<(\[\d])(?:[([]?\d{1,2}:\d\d(?::\d\d)?(?: ?[AP]M)?[)\]]? {1,2})?` +
    String.raw`(?:<[ @+%~&]?[\w[\]\\^{}|-]{1,30}>|\* [\w-]{1,30}|[\w.-]{1,30}(?= ?:)) ?:? {0,2}(?=${STAMPED}|${DECISIVE})`,
  'u',
)

export const chatPrefix: Layer = (head) => {
  const match = head.source === null ? CHAT.exec(head.text) : null
  if (match === null) return false
  head.text = head.text.slice(match[0].length)
  return true
}
