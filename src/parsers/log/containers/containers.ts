import type { LogEvent } from '../events.ts'
import type { LogLine } from '../lines/line.ts'
import { byNeedle } from '../needles.ts'
import type { ContainerOomEvent } from '../programEvents.ts'
import type { Recognizer } from '../recognizer.ts'
import { citedLine, isKernelLine } from '../telling.ts'
import { aboutAfter, nameBelow } from './aboutContainer.ts'
import type { About } from './aboutContainer.ts'
import { cadvisorOf, loopOf, systemOomOf, watchedOomOf } from './kubeletNotices.ts'
import { limitsAfter, memoryLimitOf, type LimitsBlock } from './kubernetesLimits.ts'
import { inspectedAnswer } from './inspectFormat.ts'
import { isEcho } from './noticeEcho.ts'
import { notice } from './oomNotice.ts'
import { oomKilledOf, spacedOf } from './podNotices.ts'
import {
  crioOf,
  ctrEventOf,
  dockerEventOf,
  ecsAgentOf,
  jsonEventOf,
  pipelineOf,
  taskOomOf,
  topicOf,
} from './runtimeNotices.ts'
import { slurmOf, slurmStateOf } from './slurmNotices.ts'

/**
 * Runtimes, orchestrators and batch systems about the kernel's killer inside a container:
 *   TaskOOM event container_id:"<id>"            (containerd)
 *   "OOMKilled": true                            (docker inspect)
 *   container oom <id> (image=…, name=…)         (docker events)
 *   Reason: OOMKilled                            (Kubernetes)
 *   Exit Message: "OOM Killed"                   (Nomad, and a second event `Driver Failure  OOM Killed`)
 *   OutOfMemoryError: Container killed due to memory usage   (ECS)
 *   Detected 1 oom_kill event in StepId=7.batch  (Slurm)
 * Exit code 137 beside `OOMKilled: false` is somebody else's SIGKILL.
 */
export const containersRecognizer: Recognizer = {
  id: 'containers',
  start: () => {
    const events: LogEvent[] = []
    let about: About = { id: null, name: null, heading: null }
    let limits: LimitsBlock | null = null
    /** What a person who asked docker for its word would read in the next line. */
    let answer: RegExp | null = null
    /** The last notice without a name, for the lines below it. */
    let unnamed: { readonly at: number; readonly line: number } | null = null
    /** The line before, which may be the question that this one answers. */
    let asked = ''
    return {
      accept: (line) => {
        if (isKernelLine(line)) return
        if (unnamed !== null) {
          const { at } = unnamed
          const known = events[at]
          const name = line.number - unnamed.line > NAME_LINES ? null : nameBelow(line.text)
          if (name !== null && known?.type === 'container-oom-notice') events[at] = { ...known, name }
          if (name !== null || line.number - unnamed.line > NAME_LINES) unnamed = null
        }
        about = aboutAfter(line.text, about)
        const isAnswer = answer?.test(line.text) === true
        answer = line.text.includes('.State.OOMKilled') ? inspectedAnswer(line.text) : null
        const event = isAnswer ? notice(line, 'docker', null) : (eventOf(line, about) ?? answerOf(line, asked))
        if (line.text !== '') asked = line.text
        if (event !== null) {
          const before = events.at(-1)
          if (before !== undefined && isEcho(before, event)) {
            events[events.length - 1] = { ...before, cited: [...before.cited, ...event.cited] }
            return
          }
          events.push(event)
          if (event.type === 'container-oom-notice' && event.reporter === 'kubernetes') {
            const at = events.length - 1
            limits = { at, isOpen: false }
            unnamed = event.name === null ? { at, line: line.number } : null
          }
          return
        }
        if (limits === null) return
        const known = events[limits.at]
        limits = limitsAfter(line.text, limits)
        const limitBytes = limits?.isOpen === true ? memoryLimitOf(line.text) : null
        if (limitBytes === null || limits === null || known?.type !== 'container-oom-notice') return
        events[limits.at] = { ...known, limitBytes, cited: [...known.cited, citedLine(line)] }
        limits = null
      },
      finish: () => events,
    }
  },
}

/** A state has four or five keys, and a message may be among them. Arbitrary. */
const NAME_LINES = 8

/** kubectl's jsonpath answers with the reason alone. */
const answerOf = (line: LogLine, asked: string): LogEvent | null => {
  if (asked.length > ASKED_LIMIT || !asked.includes('reason') || !line.text.includes('OOMKilled')) return null
  const said = line.text.trim().replace(/^['"]|['"%]$/g, '')
  return said === 'OOMKilled' && /\bterminated\.reason\b|\bjsonpath\b.{0,200}\breason\b/.test(asked)
    ? notice(line, 'kubernetes', null)
    : null
}

/** A command that somebody typed. */
const ASKED_LIMIT = 1000

type Read = (line: LogLine, about: About) => LogEvent | null

const says =
  (reporter: ContainerOomEvent['reporter'], pattern: RegExp | null = null): Read =>
  (line) =>
    pattern === null || pattern.test(line.text) ? notice(line, reporter, null) : null

/** Who tells of it, by words that stand in the line; the first that understands it speaks. */
const READERS: readonly (readonly [needle: string, read: Read])[] = [
  ['TaskOOM', (line) => taskOomOf(line) ?? topicOf(line)],
  ['OOMKilled', oomKilledOf],
  ['"oom"', jsonEventOf],
  // A build's row and its description.
  ['OutOfMemoryKilled', says('openshift', /(?:\bFailed \(|[rR]eason"?:\s{0,40}"?)OutOfMemoryKilled\b/)],
  ['exceeded memory limit.', pipelineOf],
  // The game panel's words about its server's container.
  ['Out of memory: true', says('pterodactyl', /(?:^|\s)Out of memory: true\s{0,4}$/)],
  ['container oom ', dockerEventOf],
  ['OOM Killed', spacedOf],
  ['OutOfMemoryError: Container', says('ecs', /\bOutOfMemoryError: Container killed due to memory usage\b/)],
  ['oom_kill event', slurmOf],
  ['oom-kill event', slurmOf],
  ['OUT_OF_ME', slurmStateOf],
  [': Out Of Memory', slurmStateOf],
  [
    ' limit exceeded: ',
    says(
      'pbs',
      /^(?:\S{1,100};)?Cgroup (?:mem|memsw|memory) limit exceeded: (?!oom-kill:|Memory cgroup out of|Killed process)/,
    ),
  ],
  ['oom: Memory cgroup out of memory: killed ', says('flux')],
  ['OOM: the memory limit could be too low', says('crun')],
  ['appears to have been OOM killed!', says('fly.io')],
  ['("OOM") event was detected during the build', says('vercel')],
  ['/tasks/oom {', ctrEventOf],
  ['oom_killed=true', says('fly.io', /\bexit_code=\d{1,3},oom_killed=true\b/)],
  [
    'ran out-of-memory and exited',
    says(
      'vertex ai',
      /\b[Tt]he replica \S{1,80}(?: \d{1,6})? ran out-of-memory and exited with a non-zero status of \d/,
    ),
  ],
  ['System OOM encountered', systemOomOf],
  ['Got sys oom event', watchedOomOf],
  ['Created an OOM event in container', cadvisorOf],
  ['OOM detected for container ', crioOf],
  ['<ninfo>: OOM ', crioOf],
  ['died due to OOM', ecsAgentOf],
  ['container init was OOM-killed', says('runc')],
  ['137 (out of memory)', says('cloud foundry', /\bExit(?:ed with)? status 137 \(out of memory\)/)],
  ['CrashLoopBackOff', loopOf],
  ['restarting failed container', loopOf],
]

const readers = byNeedle(READERS, ([needle]) => needle)

const eventOf = (line: LogLine, about: About): LogEvent | null => {
  for (const [, read] of readers(line.text)) {
    const event = read(line, about)
    if (event !== null) return event
  }
  return null
}
