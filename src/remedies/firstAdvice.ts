import type { Kind } from '../domain/kind.ts'
import type { Finding } from '../domain/finding.ts'
import type { Remedy } from '../domain/remedy.ts'
import { advice } from './dropIn.ts'

/** The first thing a person does about a kind for which there is no change to propose (oom.md 1.3). */
const FIRST: Readonly<Record<Kind, { readonly title: string; readonly because: string }>> = {
  'global-oom': {
    title: 'Find the biggest group of processes and its trend',
    because:
      'The victim is whoever scored highest, not who grew. Give the group that grew a limit or fewer workers; a host that is too small needs memory.',
  },
  'memcg-oom': {
    title: 'Find out whether the limit is too tight or the memory only grows',
    because: 'Both end in the same kill. Samples of a day tell them apart; raising a limit blindly does not.',
  },
  'cpuset-oom': {
    title: 'Widen or interleave the set of memory nodes',
    because: 'Other nodes had free memory; a limit of the unit is not the fix.',
  },
  'container-oom': {
    title: 'Find what grows in the container',
    because: 'It met its own limit; the host was not short.',
  },
  'systemd-oomd': {
    title: 'Find who reclaims memory in the group where the pressure was',
    because: 'systemd-oomd acts on pressure. Protect an innocent unit with ManagedOOMPreference=avoid.',
  },
  earlyoom: {
    title: 'Find the real consumer before changing what earlyoom may kill',
    because:
      'earlyoom acts on percentages of memory and swap; --avoid exempts a program, switching it off helps nobody.',
  },
  'v8-heap': {
    title: 'Take two heap snapshots an hour apart and compare them',
    because: 'A bigger heap only moves the day on which it is full.',
  },
  'jvm-heap': {
    title: 'Take a heap dump and name the pool that was full',
    because: 'Heap, metaspace and direct buffers have different flags.',
  },
  'jvm-native-thread': {
    title: 'Count threads and read TasksMax',
    because: 'A refused thread is nearly always a limit on tasks, not a lack of memory.',
  },
  'php-limit': {
    title: 'Find the script named in the line',
    because: 'One request met memory_limit; the worker lives on.',
  },
  'php-fpm-children': {
    title: 'Find what the children wait for',
    because: 'A slow backend fills every pool, however large.',
  },
  'python-memoryerror': {
    title: 'Read the traceback for the size that was asked for',
    because: 'It needs ulimit -v, strict overcommit, or an absurd size.',
  },
  'go-oom': {
    title: 'Check ulimit -v and overcommit, then set GOMEMLIMIT',
    because: 'The Go runtime could not get memory from the system.',
  },
  'rust-alloc': {
    title: 'Compare the size in the line with the host',
    because: 'Larger than the memory there is means a bug, not a shortage.',
  },
  'cpp-bad-alloc': {
    title: 'Take a core dump and read the size that was asked for',
    because: 'An uncaught bad_alloc ends the program; nobody killed it.',
  },
  'malloc-enomem': {
    title: 'Compare Committed_AS with CommitLimit, then ulimit -v',
    because: 'The system refused one request; nothing was killed.',
  },
  'page-alloc-failure': {
    title: 'Read order and flags of the failed allocation',
    because: 'A high order is fragmentation; an atomic one is a burst, which a higher vm.min_free_kbytes absorbs.',
  },
  'app-own-message': {
    title: "Look up the program's own setting behind its words",
    because: 'The program says so; no killer was seen.',
  },
  'crash-loop': {
    title: 'Find the first end of the series, not the last',
    because: 'Later starts often fail for another reason than the first.',
  },
  watchdog: {
    title: 'Check memory pressure before making WatchdogSec longer',
    because: 'A program that is held back by memory.high or by swapping cannot answer in time.',
  },
  'timeout-kill': {
    title: 'Find what the program waited for when it was asked to stop',
    because: 'systemd ended it because it took too long; that is not a lack of memory.',
  },
  segfault: {
    title: 'Take a core dump and read the address',
    because: 'A crash in the first page may follow an unchecked malloc; anything else is a bug.',
  },
  'killed-unknown-sender': {
    title: 'Look for who sent SIGKILL: audit log, sudo log, supervisors',
    because: 'Status 9 and 137 mean SIGKILL by anyone.',
  },
  'memory-pressure': {
    title: 'Find what keeps the kernel reclaiming',
    because: 'Nothing was killed yet, and programs wait for memory.',
  },
  'memory-high-throttle': {
    title: 'Raise MemoryHigh to MemoryMax, or remove it',
    because: 'Without anything to reclaim the unit crawls and is never killed.',
  },
  'swap-thrash': {
    title: 'Find whose working set no longer fits',
    because: 'The rate of swapping matters, not how much is swapped out; swapoff would end in a kill.',
  },
  'kernel-memory': {
    title: 'Name the largest slab caches',
    because: "The memory is the kernel's own; no unit holds it.",
  },
  'disk-full': {
    title: 'Find what fills the file system, or uses up its inodes',
    because: 'Programs report a full disk in words that sound like memory.',
  },
  'unit-failed': {
    title: 'Read what the unit printed before it ended',
    because: 'No other rule explains this result.',
  },
  'limit-not-in-force': {
    title: 'Correct the line, reload, and read the value back',
    because: 'A limit that systemd ignores limits nothing.',
  },
  'cannot-fork': {
    title: 'Find which limit refused the new process',
    because: 'pids.events of the group, TasksMax, ulimit -u, kernel.pid_max, kernel.threads-max, in this order.',
  },
}

export const firstAdvice = (finding: Finding): Remedy =>
  advice({ id: `advice-${finding.kind}`, ...FIRST[finding.kind] })
