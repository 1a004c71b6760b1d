import type { UserspaceKillEvent } from '../programEvents.ts'
import { isKernelLine, lineRecognizer, numberOf, toldBy } from '../telling.ts'

/**
 * Android's guard in user space, from 8 to 15:
 *   Kill 'com.app' (15320), uid 10155, oom_score_adj 905 to free 63232kB rss, 41200kB swap; reason: device is low on swap
 *   Killing 'com.app' (15320), uid 10155, adj 905
 * The kernel's driver of the same name prints no uid, and is read with the kernel's kills.
 */
export const lmkdRecognizer = lineRecognizer('lmkd', (line): UserspaceKillEvent | null => {
  if (isKernelLine(line) || !line.text.includes('Kill')) return null
  if (line.source !== null && line.source !== 'lowmemorykiller' && line.source !== 'lmkd') return null
  const match = KILL.exec(line.text)
  if (match === null) return null
  return {
    type: 'userspace-kill',
    ...toldBy(line),
    killer: 'lmkd',
    signal: 'SIGKILL',
    pid: numberOf(match[2]),
    comm: match[1] ?? null,
    uid: numberOf(match[3]),
    rssBytes: match[4] === undefined ? null : Number(match[4]) * 1024,
    ending: null,
    reason: match[5] ?? null,
  }
})

const KILL =
  /^(?:lowmemorykiller: |lmkd: )?Kill(?:ing)? '(.{1,200}?)' \((\d{1,10})\), uid (\d{1,10}), (?:oom_(?:score_)?)?adj -?\d{1,4}\b(?: to free (\d{1,12})kB(?: rss)?)?(?:.{0,60}?[;,] reason: (.{1,200}))?/
