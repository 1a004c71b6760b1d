/** Twelve things every first look asks for, about 90 kB of answers; the same words go to every client. */
export const WORK: readonly string[] = [
  'cat /proc/meminfo',
  'cat /proc/vmstat',
  'cat /proc/loadavg /proc/uptime',
  'ps -eo pid,ppid,user:32,stat,rss,nlwp,etimes,comm,args --sort=-rss | head -n 200',
  'df -P -k -l',
  'df -P -i -l',
  'uname -a',
  'cat /etc/os-release',
  'who -u',
  'ls -l /etc /usr/bin | head -n 700',
  'cat /proc/zoneinfo | head -n 200',
  'id',
]
