/** Twelve things every first look asks for, about 90 kB of answers; the same words go to every client. */
export const WORK: readonly { readonly command: string; readonly parse: string | null }[] = [
  { command: 'cat /proc/meminfo', parse: 'meminfo' },
  { command: 'cat /proc/vmstat', parse: 'vmstat' },
  { command: 'cat /proc/loadavg', parse: 'loadavg' },
  {
    command: 'ps -eo pid,ppid,user:32,stat,rss,nlwp,etimes,comm,args --sort=-rss | head -n 200',
    parse: 'ps',
  },
  { command: 'df -P -k -l', parse: 'df' },
  { command: 'df -P -i -l', parse: 'df-inodes' },
  { command: 'uname -a', parse: null },
  { command: 'cat /etc/os-release', parse: 'os-release' },
  { command: 'who -u', parse: 'who' },
  { command: 'ls -l /etc /usr/bin | head -n 700', parse: null },
  { command: 'cat /proc/zoneinfo | head -n 200', parse: null },
  { command: 'id', parse: null },
]

/** All of it in one go. */
export const SCRIPT = WORK.map(({ command }) => command).join('\n')
