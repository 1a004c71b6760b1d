import type { CommandModule } from './command.ts'

/** One line a command. Its module is loaded only when it is called, so that `--help` costs next to nothing. */
export interface Entry {
  readonly name: string
  readonly summary: string
  readonly load: () => Promise<CommandModule>
}

export const COMMANDS: readonly Entry[] = [
  {
    name: 'triage',
    summary: 'look at a host, say what happened and prove it',
    load: () => import('./commands/triage.ts'),
  },
  {
    name: 'diagnose',
    summary: 'explain a log file, without asking any host',
    load: () => import('./commands/diagnose.ts'),
  },
  {
    name: 'explain',
    summary: 'what a kind of finding means, and its look-alikes',
    load: () => import('./commands/explain.ts'),
  },
  {
    name: 'host',
    summary: 'what is remembered of a host: open checks and trend lines',
    load: () => import('./commands/host.ts'),
  },
  { name: 'schedule', summary: 'when each digest runs next', load: () => import('./commands/schedule.ts') },
  { name: 'hosts', summary: 'list the hosts Medic knows', load: () => import('./commands/hosts.ts') },
  {
    name: 'digest',
    summary: 'compare a fleet with the night before: new, worse, growing, not seen',
    load: () => import('./commands/digest.ts'),
  },
  { name: 'run', summary: 'list, show, resume or cancel runs', load: () => import('./commands/run.ts') },
  { name: 'runbook', summary: 'list, show, lint or run runbooks', load: () => import('./commands/runbook.ts') },
  {
    name: 'incident',
    summary: 'list, show, export, import or diagnose again what was recorded',
    load: () => import('./commands/incident.ts'),
  },
  {
    name: 'postmortem',
    summary: 'print, publish, check or move the postmortem of an incident',
    load: () => import('./commands/postmortem.ts'),
  },
  {
    name: 'doctor',
    summary: 'check settings, store, keys and hosts, and say how to mend each',
    load: () => import('./commands/doctor.ts'),
  },
  { name: 'serve', summary: 'run the Slack bot', load: () => import('./commands/serve.ts') },
  { name: 'init', summary: 'write .env and medic.yaml to begin with', load: () => import('./commands/init.ts') },
  {
    name: 'worker',
    summary: 'look at the hosts of one site, for all who share a database',
    load: () => import('./commands/worker.ts'),
  },
]
