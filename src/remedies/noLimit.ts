import type { Kind } from '../domain/kind.ts'
import { refusal } from './dropIn.ts'
import type { RemedyMaker } from './remedy.ts'

/** Why a memory limit of the unit would not have helped, by kind. */
const BECAUSE: Partial<Record<Kind, string>> = {
  'cpuset-oom':
    'the shortage was on a set of memory nodes; widen or interleave the set (AllowedMemoryNodes=, numactl --interleave)',
  'systemd-oomd':
    'systemd-oomd acts on pressure, not on size; find who reclaims, and protect the innocent with ManagedOOMPreference=avoid',
  'v8-heap': 'the program met its own heap limit first; a limit of the unit was not in play',
  'jvm-heap': 'the program met its own limit first; a limit of the unit was not in play',
  'jvm-native-thread': 'tasks were refused, not memory',
  'cannot-fork': 'new processes were refused, and a memory limit makes no room for them',
  'php-limit': "one request met PHP's own limit; the unit lives on",
  'python-memoryerror': 'one allocation was refused to the program, which a tighter limit would only make more likely',
  'malloc-enomem':
    'the system refused one request (overcommit or ulimit); a tighter limit would only make that more likely',
  'go-oom': 'the runtime could not get addresses (ulimit -v or overcommit); a limit would only make that more likely',
  'rust-alloc': 'one request was refused; if its size is absurd, it is a bug',
  'cpp-bad-alloc': 'one request was refused; if its size is absurd, it is a bug',
  'page-alloc-failure': 'the kernel lacked connected or atomic memory, and a unit limit frees none of that',
  'kernel-memory': "the memory is the kernel's own, which a unit limit does not bound",
  'killed-unknown-sender': 'who sent the signal is not known, and nothing shows that memory was short',
  'timeout-kill': 'the unit took too long to stop; memory was not the reason that is in evidence',
  'disk-full': 'the disk is full, not the memory',
  segfault: 'the program used an address it does not have; that is a bug, not a shortage',
}

/** Says no where people would reach for MemoryMax and it would be wrong. */
export const noLimitMaker: RemedyMaker = {
  id: 'no-limit',
  answers: Object.keys(BECAUSE) as Kind[],
  propose: (finding) => {
    const because = BECAUSE[finding.kind]
    if (because === undefined) return []
    return [
      refusal({
        id: 'no-limit',
        title: `Set no memory limit for this`,
        because: `No limit is the answer here, because ${because}. A wrong limit kills.`,
      }),
    ]
  },
}
