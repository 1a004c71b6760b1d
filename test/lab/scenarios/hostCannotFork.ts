import type { Guest } from '../guest.ts'
import { nobodyKilled, readKernelKills, unitTruth } from './observe.ts'
import type { Scenario, Truth } from './scenario.ts'

const UNIT = 'thumbnailer.service'
const SPARE_TASKS = 60
const SPARE_MB = 60

/** Told on the console, which needs no process: the guest can start none to be asked. */
const unitFile = (user: string, script: string): string => `[Unit]
Description=Thumbnails

[Service]
User=${user}
TasksMax=infinity
StandardOutput=journal+console
ExecStart=/usr/bin/perl ${script}
Restart=always

[Install]
WantedBy=multi-user.target
`

/** A child for each job, never waited for; it begins when it is given jobs, so that its start can be looked at first. */
const SPAWNER = `use strict; use warnings; $| = 1;
select undef, undef, undef, 0.1 until -e '/run/thumbnails';
my ($children, $told) = (0, 0);
while (1) {
  my $pid = fork;
  if (!defined $pid) {
    print "thumbnailer: cannot start job: $! ($children jobs are running)\\n" unless $told++;
    select undef, undef, undef, 0.02;
  } elsif ($pid == 0) { sleep 86400; exit } else { $children++ }
}
`

/** Root's own program, so that the kernel's reserve for root is gone, too. Smaller and smaller pieces, until none fits. */
const HOARDER = `use strict; use warnings; $| = 1;
select undef, undef, undef, 0.1 until -e '/run/thumbnails';
my ($taken, $told) = (0, 0);
for my $size (1048576, 262144, 65536, 16384, 4096) {
  while (1) {
    my $at = syscall 9, 0, $size, 3, 0x22, -1, 0;
    last if $at == -1;
    $taken += $size;
  }
}
while (1) {
  my $pid = fork;
  if (defined $pid) { exit if $pid == 0; waitpid $pid, 0 }
  elsif (!$told++) { print "thumbnailer: cannot start job: $! ($taken bytes are mapped)\\n" }
  for my $size (65536, 4096) { 1 while syscall(9, 0, $size, 3, 0x22, -1, 0) != -1 }
  select undef, undef, undef, 0.05;
}
`

/** The limit on tasks of the whole machine: nobody, root neither, can start a process or a thread. */
export const hostCannotFork: Scenario = {
  id: 'host-cannot-fork',
  title: `${UNIT} leaks processes until kernel.threads-max is reached: nobody can start a process, root neither`,
  run: async (guest) => {
    const tasks = Number(/\/(\d+)/.exec(await guest.run('cat /proc/loadavg'))?.[1])
    const limit = tasks + SPARE_TASKS
    const truth = await exhaust(guest, { user: 'www-data', script: SPAWNER, order: `kernel.threads-max=${limit}` })
    return {
      ...truth,
      summary: `${UNIT} reached kernel.threads-max=${limit}; no process can be started any more`,
      facts: { ...truth.facts, threadsMax: limit },
    }
  },
}

/** Memory that may not even be promised: where overcommit is forbidden, fork fails and the OOM killer has no work. */
export const hostCannotForkMemory: Scenario = {
  id: 'host-cannot-fork-memory',
  title: `${UNIT} takes all memory the kernel may promise (vm.overcommit_memory=2): fork fails with ENOMEM, nobody is killed`,
  run: async (guest) => {
    const committed = Number(/^Committed_AS: +(\d+)/m.exec(await guest.run('cat /proc/meminfo'))?.[1])
    const limit = committed + SPARE_MB * 1024
    const order = `vm.overcommit_kbytes=${limit} vm.overcommit_memory=2`
    const truth = await exhaust(guest, { user: 'root', script: HOARDER, order })
    return {
      ...truth,
      summary: `${UNIT} took all memory that may be promised (${limit} kB); no process can be started any more`,
      facts: { ...truth.facts, commitLimitKb: limit },
    }
  },
}

const exhaust = async (
  guest: Guest,
  { user, script, order }: { readonly user: string; readonly script: string; readonly order: string },
): Promise<Truth> => {
  await guest.write('/srv/app/thumbnailer.pl', script)
  await guest.write(`/etc/systemd/system/${UNIT}`, unitFile(user, '/srv/app/thumbnailer.pl'))
  await guest.run(`systemctl daemon-reload && systemctl start ${UNIT}`)
  const before = await unitTruth(guest, UNIT)
  const kernelKills = (await readKernelKills(guest)).length
  await guest.run(`sysctl -q ${order}; : >/run/thumbnails`)
  const line = await guest.until('the unit cannot fork any more', 90_000, () =>
    Promise.resolve(/cannot start job: .*/.exec(guest.console())?.[0]),
  )
  return { ...before, ...nobodyKilled, summary: '', facts: { line, kernelKills } }
}
