import { byNeedle } from '../needles.ts'
import type { SupervisorTimeoutEvent } from '../programEvents.ts'

type Supervisor = SupervisorTimeoutEvent['supervisor']
type Named = Pick<SupervisorTimeoutEvent, 'supervisor' | 'pid' | 'container' | 'limit'>

/**
 * What supervisors print when they waited for an end that did not come and send SIGKILL, when a time limit of theirs ended
 * a task, or when a health check went unanswered (the kubelet, up to 1.13 in other words, Swarm, Nomad and the small
 * programs that watch Docker's health for people). The named groups `pid`, `container` and `limit` stand where the sentence has them.
 */
const SENTENCES: readonly (readonly [needle: string, supervisor: Supervisor, pattern: RegExp])[] = [
  ['WORKER TIMEOUT (pid:', 'gunicorn', /WORKER TIMEOUT \(pid: ?(?<pid>\d{1,10})\)/],
  ['HARAKIRI ON WORKER', 'uwsgi', /HARAKIRI ON WORKER \d{1,6} \(pid: ?(?<pid>\d{1,10})/],
  [
    'execution timed out (',
    'php-fpm',
    /child (?<pid>\d{1,10}), .{1,1000}? execution timed out \((?<limit>[\d.]{1,12} sec)\), terminating/,
  ],
  // The newer daemon names the container in a field behind its words.
  [
    'failed to exit within ',
    'docker',
    /\b[cC]ontainer failed to exit within (?<limit>\S{1,12}(?: seconds)?) of (?:signal|SIG).{0,400}?\bcontainer="?(?<container>[0-9a-f]{12,64})/,
  ],
  [
    'failed to exit within ',
    'docker',
    /\b[cC]ontainer (?<container>[\w.-]{1,128})? ?failed to exit within (?<limit>\S{1,12}(?: seconds)?) of (?:signal|SIG)/,
  ],
  [
    ' probe, will be restarted',
    'kubelet',
    /\bContainer (?<container>[\w.-]{1,128}) failed (?:liveness|startup) probe, will be restarted/,
  ],
  [
    'is unhealthy, it will be killed',
    'kubelet',
    /\bKilling container with id .{0,300}?[cC]ontainer "?(?<container>[\w.-]{1,128})"? is unhealthy, it will be killed/,
  ],
  [
    'failed liveness probe',
    'kubelet',
    /\bContainer failed liveness probe\.{1,2} Container will be killed and recreated/,
  ],
  ['dockerexec: unhealthy', 'docker', /\bnon-zero exit \(\d{1,3}\): dockerexec: unhealthy container\b/],
  ['healthcheck: check ', 'nomad', /\bhealthcheck: check ".{1,200}" unhealthy\b/],
  [
    'found to be unhealthy',
    'autoheal',
    /\bContainer \/?(?<container>[\w.-]{1,128}) \([0-9a-f]{12,64}\) found to be unhealthy - Restarting container now/,
  ],
  [
    'did not exit, sending a SIGKILL',
    'apache',
    /\bchild process (?<pid>\d{1,10}) still did not exit, sending a SIGKILL/,
  ],
  [' timeout (', 'unicorn', /worker=\d{1,6} PID:(?<pid>\d{1,10}) timeout \((?<limit>\d{1,9}s) > \d{1,9}s\), killing/],
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
