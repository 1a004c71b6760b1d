import type { Digest, DigestLine } from '../../domain/digest.ts'
import { STILL, isOpen } from './digestWords.ts'

/** `20/20 hosts checked 02:00 UTC · 1 critical · 2 new · 3 open · 1 growing`: first line and notification. */
export const digestHeadline = (digest: Digest): string => {
  const time = new Date(digest.atMs).toISOString().slice(11, 16)
  const count = (test: (line: DigestLine) => boolean): number => digest.lines.filter(test).length
  const parts: readonly (readonly [number, string])[] = [
    [count((line) => isOpen(line) && line.level === 'critical'), 'critical'],
    [count((line) => line.state === 'new'), 'new'],
    [count((line) => line.state === 'worse'), 'worse'],
    [count((line) => STILL.has(line.state)), 'open'],
    [digest.growing.filter((growth) => growth.hours !== null).length, 'growing'],
    [count((line) => line.state === 'resolved'), 'resolved'],
    [digest.notChecked.length, 'not checked'],
  ]
  const shown = parts.filter(([number]) => number > 0).map(([number, word]) => `${number} ${word}`)
  const one = digest.total === 1 ? 'host' : 'hosts'
  return [
    `${digest.checked}/${digest.total} ${one} checked ${time} UTC`,
    ...(shown.length === 0 ? ['nothing new'] : shown),
  ].join(' · ')
}
