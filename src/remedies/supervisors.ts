/** A program that starts its own children again, so that one dead child need not stop them all. */
export interface Supervisor {
  readonly name: string
  /** Runs programs of other people in its own group, so that a limit of the unit hits them all. */
  readonly runsApps: boolean
  /** Starts them with an environment of its own, which a drop-in does not reach. */
  readonly keepsEnvironment: boolean
  /** Where one of its apps gets a setting. */
  readonly settings: string
}

const own = (name: string): Supervisor => ({ name, runsApps: false, keepsEnvironment: false, settings: 'its own file' })

/** By the names their units have (oom.md 4.4, 4.5.1). */
const SUPERVISORS: readonly { readonly pattern: RegExp; readonly is: Supervisor }[] = [
  {
    pattern: /^pm2-/,
    is: { name: 'PM2', runsApps: true, keepsEnvironment: true, settings: 'node_args of its ecosystem file' },
  },
  {
    pattern: /^supervisord?\.service$/,
    is: { name: 'supervisord', runsApps: true, keepsEnvironment: false, settings: 'environment= of its [program]' },
  },
  { pattern: /^php[\d.]*-fpm|^php-fpm/, is: own('PHP-FPM') },
  { pattern: /^nginx/, is: own('nginx') },
  { pattern: /^(?:apache2|httpd)/, is: own('Apache') },
  { pattern: /^(?:gunicorn|uwsgi|puma|unicorn)/, is: own('the application server') },
  { pattern: /^postgresql/, is: own('PostgreSQL') },
]

/** Null for a single program. */
export const supervisorOf = (unit: string): Supervisor | null =>
  SUPERVISORS.find((entry) => entry.pattern.test(unit))?.is ?? null
