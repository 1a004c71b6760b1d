import type { Digest } from '../../domain/digest.ts'
import { escapeTerminal } from '../escape.ts'
import { digestHeadline } from './digestHeadline.ts'
import { digestMessageSections } from './digestMessage.ts'

/** The message as plain text: the terminal, and the text of a notification. */
export const renderDigestText = (digest: Digest): string => {
  const out = [digestHeadline(digest)]
  for (const { title, lines } of digestMessageSections(digest)) {
    out.push('', title, ...lines.map((line) => `  ${escapeTerminal(line)}`))
  }
  return `${out.join('\n')}\n`
}
