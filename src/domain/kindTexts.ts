import type { Kind } from './kind.ts'
import { OUT_OF_MEMORY_TEXTS, type KindText } from './outOfMemoryTexts.ts'

/** A text for every kind: a missing one does not compile. docs/kinds.md is rendered from these. */
export const KIND_TEXTS: Readonly<Record<Kind, KindText>> = {
  ...OUT_OF_MEMORY_TEXTS,
  'crash-loop': {
    title: 'A unit or container is restarted again and again',
    meaning: 'Something ends it soon after each start. The loop is a symptom unless nothing else explains it.',
    decisive:
      '"Start request repeated too quickly", result start-limit-hit, three restarts in ten minutes, or CrashLoopBackOff.',
    lookAlikes: 'A restart counter that is high but old: it is reset by a manual start only.',
    nextChecks: [
      'Find the first end of the series: later ones often have another reason.',
      'Can the start limit fire at all? Burst times (RestartSec + time to die) must be shorter than the interval.',
    ],
  },
  watchdog: {
    title: 'A unit did not answer its watchdog',
    meaning: 'The program promised signs of life and missed one, so systemd ended it with SIGABRT.',
    decisive: '"Watchdog timeout (limit …)!" and result watchdog.',
    lookAlikes: 'soft lockup messages of the kernel are about processors, not about a unit.',
    nextChecks: [
      'Memory pressure and MemoryHigh first: a throttled program cannot answer.',
      'Only then a longer WatchdogSec.',
    ],
  },
  'timeout-kill': {
    title: 'A unit took too long and was ended',
    meaning:
      'systemd, a supervisor or a probe asked the program to stop or answer, waited, and sent SIGKILL. That is no lack of memory.',
    decisive: '"State \'stop-sigterm\' timed out. Killing.", result timeout, WORKER TIMEOUT, a failed liveness probe.',
    lookAlikes: 'The status=9/KILL that follows looks like an out-of-memory kill.',
    nextChecks: ['What did the program wait for?', 'Was it throttled or swapping at the time?'],
  },
  segfault: {
    title: 'A program crashed on a bad address',
    meaning: 'The program used memory that is not its own and was ended by SIGSEGV. A bug, not a shortage.',
    decisive:
      'A kernel line "… segfault at … ip … sp …", status 11/SEGV, or a parent that saw signal 11. Exit code 139 alone is weaker.',
    lookAlikes: 'An address in the first page may follow a malloc whose failure was not checked: possible, not proven.',
    nextChecks: [
      'Take the core dump and read the stack.',
      'Compare the library named in the line with recent upgrades.',
    ],
  },
  'killed-unknown-sender': {
    title: 'SIGKILL, and the sender is not shown',
    meaning: 'A process ended by signal 9 (or status 137) and no killer left a trace in what could be read.',
    decisive: '"code=killed, status=9/KILL" or 137, while the kernel log of that time was readable and says nothing.',
    lookAlikes:
      'Everything that ends with 137: an out-of-memory kill, a time-out, docker stop, a person. The number alone proves none.',
    nextChecks: [
      'sudo and audit logs of that minute.',
      "The supervisor's own log.",
      'Was the kernel log really readable and whole?',
    ],
  },
  'memory-pressure': {
    title: 'Programs wait for memory, nothing was killed yet',
    meaning: 'The kernel is busy reclaiming and programs stand still meanwhile.',
    decisive:
      'full avg10 of 10 or more, or some avg60 of 20 or more, in memory pressure; less than 5 % available while pages are read back; or the kubelet evicted a pod for memory.',
    lookAlikes:
      'Little "free" memory with much "available" is normal: the rest is cache. An eviction for ephemeral-storage is about a disk.',
    nextChecks: ['Which control group has the pressure?', 'Who grew in the last hour?'],
  },
  'memory-high-throttle': {
    title: 'A unit is held back at MemoryHigh',
    meaning:
      'Above MemoryHigh the kernel makes each allocation sleep. Without swap there is nothing to reclaim, so the unit crawls, alive, for minutes or for ever.',
    decisive:
      '"high" in memory.events rising, memory.current at or above MemoryHigh, and full avg10 of the unit of 10 or more.',
    lookAlikes: 'A "high" count that no longer rises is history. There is no log line and no failed state.',
    nextChecks: [
      'Is there a MemoryMax above it, and how large is the gap?',
      'How much swap is free?',
      'Does anything restart a unit that only crawls?',
    ],
  },
  'swap-thrash': {
    title: 'The host swaps itself to a standstill',
    meaning: 'Pages travel to and from swap faster than work gets done.',
    decisive: 'More than 1000 pages a second in and out over two samples, with memory stalls of 20 or more.',
    lookAlikes: 'Swap that is in use: what matters is the rate.',
    nextChecks: ['Whose working set no longer fits?', 'MemorySwapMax for the culprit; never swapoff.'],
  },
  'kernel-memory': {
    title: "The kernel's own memory is large",
    meaning: 'Slab, page tables, stacks or huge pages hold a large part. No process owns it, so killing does not help.',
    decisive:
      'Unreclaimable kernel memory of 30 % or more of the host or of the limit, or huge pages that make the shortage.',
    lookAlikes: 'tmpfs and shmem are files, page cache is given back, zram and balloons are something else.',
    nextChecks: ['Name the largest caches in /proc/slabinfo.', 'HugePages_Total times the page size.'],
  },
  'disk-full': {
    title: 'A file system is full',
    meaning: 'Writing failed for lack of space, inodes or quota. Databases report it in words that sound like memory.',
    decisive:
      '"No space left on device" together with a file system that is 98 % full or out of inodes; "Disk quota exceeded".',
    lookAlikes: 'inotify watches and a full /dev/shm give the same error; /dev/shm is memory.',
    nextChecks: ['df and df -i.', 'Deleted files that are still open.', 'tmpfs counts as memory.'],
  },
  'unit-failed': {
    title: 'A unit failed for its own reason',
    meaning: 'systemd recorded a failure that no other rule explains.',
    decisive: '"Failed with result \'…\'".',
    lookAlikes: 'Status 200 to 243 is a failure of systemd to set the unit up. 143 is an orderly stop.',
    nextChecks: ['What did the unit print before it ended?', 'Exit status in the manual of the program.'],
  },
  'limit-not-in-force': {
    title: 'A written limit does not apply',
    meaning: 'A limit stands in a file of the unit, and neither systemd nor the control group has it.',
    decisive:
      'The written value differs from systemctl show and from the cgroup file; often with a warning of systemd about the line.',
    lookAlikes: 'Percent values, rounding down to a page, and a stricter parent are no errors.',
    nextChecks: [
      'A comment at the end of the line makes the value invalid: systemd has none.',
      'Suffixes are K, M, G, T, never MB.',
      'Resource keys belong into [Service].',
      'A later file wins; after an edit comes daemon-reload.',
    ],
  },
  'cannot-fork': {
    title: 'New processes are refused',
    meaning: 'The host or a group cannot start anything more. Usually a limit on tasks.',
    decisive:
      '"fork: retry: Resource temporarily unavailable", "fork rejected by pids controller", or a probe that could not start.',
    lookAlikes: '"Cannot allocate memory" from fork is a matter of overcommit.',
    nextChecks: [
      "The group's pids.events, TasksMax, ulimit -u, kernel.pid_max, threads-max.",
      'Hundreds of rows with one name: a loop that forks.',
    ],
  },
}
