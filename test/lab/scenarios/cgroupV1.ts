import type { Guest } from '../guest.ts'
import { KERNEL_ARGUMENTS } from '../recipe.ts'
import type { Scenario } from './scenario.ts'
import { killWorkerAtItsLimit } from './workerOom.ts'

const ARGUMENTS = KERNEL_ARGUMENTS.replace(/unified_cgroup_hierarchy=1/, 'unified_cgroup_hierarchy=0')

/** The kernel starts itself anew with other arguments: no second image, no firmware, and no package for it in the guest. */
const KEXEC = `use strict; use warnings;
open my $kernel, '<', glob('/boot/vmlinuz-*') or die; open my $initrd, '<', glob('/boot/initrd.img-*') or die;
my $arguments = '${ARGUMENTS}' . "\\0";
syscall(320, fileno $kernel, fileno $initrd, length $arguments, $arguments, 0) == 0 or die "kexec_file_load: $!";
system 'sync';
syscall(169, 0xfee1dead, 672274793, 0x45584543, 0);
die "reboot: $!";
`

/** Hosts of the years until 2021 and many containers' hosts: other files, other counters, the same kill. */
export const cgroupV1: Scenario = {
  id: 'cgroup-v1',
  title: 'as worker-oom, on a machine that was booted with cgroup v1',
  run: async (guest) => {
    await bootWithV1(guest)
    const truth = await killWorkerAtItsLimit(guest)
    return {
      ...truth,
      summary: `${truth.summary}; cgroup v1`,
      facts: {
        ...truth.facts,
        hierarchy: await guest.run('stat -fc %T /sys/fs/cgroup'),
        limitFile: await guest.run('cat /sys/fs/cgroup/memory/system.slice/queue_worker.service/memory.limit_in_bytes'),
      },
    }
  },
}

const bootWithV1 = async (guest: Guest): Promise<void> => {
  await guest.write('/root/kexec.pl', KEXEC)
  await guest.run('systemctl stop mysqld queue_worker php8.2-fpm; sync')
  await guest.exec('perl /root/kexec.pl', { timeoutMs: 20_000 }).catch(() => {})
  guest.hangUp()
  await guest.connect(180_000)
  await guest.run(`date -u -s @${Date.now() / 1000} >/dev/null`)
  await guest.exec('systemctl is-system-running --wait', { timeoutMs: 180_000 })
}
