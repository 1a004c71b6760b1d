import type { LogEvent } from '../events.ts'
import { byNeedle } from '../needles.ts'
import { isKernelsOwn, lineRecognizer, toldBy } from '../telling.ts'

/**
 * Supervisors other than systemd and Kubernetes that give a program up, or slow it down, because it ends soon after each
 * start. Group `name` is the program.
 */
const SENTENCES: readonly (readonly [needle: string, by: string, pattern: RegExp])[] = [
  [
    'too many start retries',
    'supervisord',
    /\bgave up: (?<name>\S{1,200}) entered FATAL state, too many start retries too quickly/,
  ],
  ['FATAL ', 'supervisord', /^(?<name>\S{1,200}) {2,60}FATAL {2,8}Exited too quickly \(process log may have details\)/],
  [
    'too many unstable restarts',
    'pm2',
    /\b(?:Script (?<name>\S{1,400}) )?had too many unstable restarts \(\d{1,4}\)\. Stopped\./,
  ],
  ['respawning too fast', 'upstart', /^(?:init: )?(?<name>\S{1,128})(?: \(\S{1,128}\))? respawning too fast, stopped/],
  ['respawning too fast', 'init', /^(?:INIT: )?Id "(?<name>[^"]{1,14})" respawning too fast: disabled for \d/],
  ['respawning too fast', 'uwsgi', /^worker respawning too fast !!! i have to sleep a bit/],
  [
    'Pushing respawn out by',
    'launchd',
    /(?:\((?<name>[\w.-]{1,200})\)|(?<name>[\w.-]{3,200})(?:\[\d{1,10}\])?): (?:Service )?[Oo]nly ran for \d{1,6} seconds?\. Pushing respawn out by \d/,
  ],
  [
    'Throttling respawn',
    'launchd',
    /(?:\((?<name>[\w.-]{1,200})\)|(?<name>[\w.-]{3,200})(?:\[\d{1,10}\])?): Throttling respawn: Will start in \d/,
  ],
  [
    'xceeded allowed attempts',
    'nomad',
    /\bExceeded allowed attempts \d{1,5} in interval \S{1,20} and mode is "(?:fail|delay)"/,
  ],
  [
    'unable to consistently start',
    'ecs',
    /\(service (?<name>[\w-]{1,255})\) is unable to consistently start tasks successfully/,
  ],
  ['reached_max_restart_intensity', 'erlang', /\breached_max_restart_intensity\b/],
  [
    'cycle(s) - unmonitor',
    'monit',
    /'(?<name>[^']{1,128})' service restarted \d{1,4} times within \d{1,4} cycles?\(s\)\s?- unmonitor/,
  ],
  [
    'Restarting (',
    'docker',
    /^[0-9a-f]{12} {2,}\S.{0,400} {2,}Restarting \(\d{1,3}\) .{1,30} ago\b(?:.{0,400} {2,}(?<name>[\w.-]{1,128})\s{0,40}$)?/,
  ],
]

const sentences = byNeedle(SENTENCES, ([needle]) => needle)

export const restartLoopsRecognizer = lineRecognizer('restart-loops', (line): LogEvent | null => {
  if (isKernelsOwn(line) || line.source === 'systemd') return null
  for (const [, by, pattern] of sentences(line.text)) {
    const match = pattern.exec(line.text)
    if (match === null) continue
    const name = match.groups?.['name'] ?? null
    return { type: 'container-restart-loop', ...toldBy(line), container: by === 'docker' ? name : null, name, by }
  }
  return null
})
