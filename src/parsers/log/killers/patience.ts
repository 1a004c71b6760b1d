import { byNeedle } from '../needles.ts'
import type { SupervisorTimeoutEvent } from '../programEvents.ts'

type Supervisor = SupervisorTimeoutEvent['supervisor']
type Named = Pick<SupervisorTimeoutEvent, 'supervisor' | 'pid' | 'container' | 'limit'>

/**
 * What supervisors print when they waited for an end that did not come and send SIGKILL, or when a time limit of theirs
 * ended a task. The named groups `pid`, `container` and `limit` stand where the sentence has them.
 */
const SENTENCES: readonly (readonly [needle: string, supervisor: Supervisor, pattern: RegExp])[] = [
  // Printed only when stopwaitsecs= has run out.
  [' with SIGKILL', 'supervisord', /\bkilling '[^']{1,200}' \((?<pid>\d{1,10})\) with SIGKILL\s{0,4}$/],
  [
    'still alive after ',
    'pm2',
    /\b[Pp]rocess with pid (?<pid>\d{1,10}) still alive after (?<limit>\d{1,9}ms), sending it SIGKILL/,
  ],
  ['Hard time limit (', 'celery', /\bHard time limit \((?<limit>[\d.]{1,12}s)\) exceeded for \S/],
  [
    'resorting to SIGKILL',
    'podman',
    /\bStopSignal \S{1,12} failed to stop container (?<container>[\w.-]{1,128}) in (?<limit>\d{1,9} seconds), resorting to SIGKILL/,
  ],
  [
    'with stop signal timed out',
    'cri-o',
    /\bStopping container (?<container>[0-9a-f]{12,64}) with stop signal timed out/,
  ],
  [
    'signal timed out. Killing',
    'cri-o',
    /\b[Cc]ontainer "?(?<container>[0-9a-f]{12,64})"? .{0,60}signal timed out\. Killing/,
  ],
  ['Error R1', 'heroku', /\bError R1[02] \((?:Boot|Exit) timeout\)/],
  [
    'Sending SIGKILL.',
    'launchd',
    /(?:\.(?<pid>\d{1,10})|\[(?<pid>\d{1,10})\])?[)\]: ]{1,4}(?:Service )?[Dd]id not exit (?<limit>\d{1,6} seconds) after SIGTERM\. Sending SIGKILL\./,
  ],
  [
    'sending SIGKILL to all processes',
    'foreman',
    /^(?:\d\d:\d\d:\d\d system {1,20}\| )?sending SIGKILL to all processes\s{0,4}$/,
  ],
  ['Killing Tomcat with the PID', 'tomcat', /^Killing Tomcat with the PID: (?<pid>\d{1,10})/],
  [
    'has timed out, killing it',
    'airflow',
    /\bProcessor for \S{1,400} with PID (?<pid>\d{1,10}) started at .{1,80} has timed out, killing it/,
  ],
  [' Timed out after ', 'hadoop', /\bAttemptID: ?\S{1,100} Timed out after (?<limit>\d{1,9} secs)/],
  ['terminating now with SIGKILL', 'proxmox', /\bVM still running - terminating now with SIGKILL\b/],
  ['SIGKILL to recalcitrant', 'postgres', /\bissuing SIGKILL to recalcitrant children\b/],
  [
    'Terminating timed out worker (',
    'puma',
    /\bTerminating timed out worker \(.{1,100} within (?<limit>\d{1,9} seconds)\): (?<pid>\d{1,10})/,
  ],
  ['Terminating timed out worker', 'puma', /\bTerminating timed out worker\b(?:: (?<pid>\d{1,10}))?/],
  ['failed container health checks', 'ecs', /\(task [0-9a-f-]{8,64}\) failed container health checks\b/],
  ['failed container health checks', 'ecs', /\bTask failed container health checks\b/],
  ['failed ELB health checks', 'ecs', /\b[Tt]ask failed ELB health checks in\b/],
  [' Task timed out after ', 'lambda', /\bTask timed out after (?<limit>[\d.]{1,12} seconds)\s{0,4}$/],
  [
    'DeadlineExceeded',
    'kubernetes',
    /(?:\b[rR]eason"?: {0,40}"?|\s)DeadlineExceeded\b.{0,200}\bwas active (?:on the node )?longer than (?:the )?specified deadline/,
  ],
]

const sentences = byNeedle(SENTENCES, ([needle]) => needle)

export const patienceEndedIn = (text: string): Named | null => {
  for (const [, supervisor, pattern] of sentences(text)) {
    const match = pattern.exec(text)
    if (match === null) continue
    const { pid, container, limit } = match.groups ?? {}
    return {
      supervisor,
      pid: pid === undefined ? null : Number(pid),
      container: container ?? null,
      limit: limit ?? null,
    }
  }
  return null
}
