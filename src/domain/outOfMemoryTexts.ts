import type { Kind } from './kind.ts'

/** What a person who meets a kind for the first time needs to know. docs/kinds.md is rendered from these. */
export interface KindText {
  /** A few words, no full stop. */
  readonly title: string
  readonly meaning: string
  /** The line, counter or state that proves it. */
  readonly decisive: string
  /** What looks the same and is not. */
  readonly lookAlikes: string
  readonly nextChecks: readonly string[]
}

/** The kinds that say that memory was refused or that somebody was killed for it. */
export const OUT_OF_MEMORY_TEXTS = {
  'global-oom': {
    title: 'The whole host ran out of memory',
    meaning:
      'The kernel could not find memory for anybody and killed the process with the highest score. That is usually the biggest one, which is not always the one that grew.',
    decisive:
      'A kernel line "Out of memory: Killed process …", or "oom-kill:constraint=CONSTRAINT_NONE … global_oom". Older kernels print "Out of memory: Kill process … score … or sacrifice child" first.',
    lookAlikes:
      'Order -1 in the report: a person or a program asked for the kill (sysrq), memory need not have been short. "Out of memory" from PHP, git or a compiler without "Killed process" is that program speaking. A unit result of oom-kill alone does not tell a full host from a full unit.',
    nextChecks: [
      'Add up the table of the report by name: forty small processes can outweigh one big one.',
      'Compare the biggest group with the victim: an innocent process may have died.',
      'Look at swap, shmem and unreclaimable slab in the same report.',
      'Find out since when the biggest group has been growing.',
    ],
  },
  'memcg-oom': {
    title: 'A unit or control group met its own memory limit',
    meaning:
      'The kernel killed inside one control group because that group reached its limit. The host may have had plenty of memory left.',
    decisive:
      'A kernel line "Memory cgroup out of memory: Killed process …", or CONSTRAINT_MEMCG with oom_memcg=. The path after oom_memcg is the owner of the limit, the one after task_memcg is where the victim lived.',
    lookAlikes:
      'A rising "max" in memory.events without "oom": the kernel reclaimed at the limit and nobody died. The owner may be a slice above the unit: then another unit can be the one that grew.',
    nextChecks: [
      'Is oom_memcg the unit itself, or a parent?',
      'Was it steady near the limit (too tight), or did it grow from start to kill (a leak)?',
      'Is the limit in force the one that was meant? Compare memory.max with the unit files.',
      'Was only a child killed, and did systemd stop the rest (OOMPolicy=stop)?',
    ],
  },
  'cpuset-oom': {
    title: 'The allowed memory nodes were full',
    meaning: 'The process may use some memory nodes only, and those were full while others had room.',
    decisive: 'CONSTRAINT_CPUSET or CONSTRAINT_MEMORY_POLICY in the oom-kill line.',
    lookAlikes:
      'The same report also says "global_oom" and "Out of memory: Killed process": the constraint word decides.',
    nextChecks: [
      'Compare mems_allowed and nodemask with the free memory of each node in the report.',
      'Read AllowedMemoryNodes= of the unit and the use of numactl.',
    ],
  },
  'container-oom': {
    title: 'A container or pod met its memory limit',
    meaning: 'As with a unit, but the limit belongs to a container or to the pod around it.',
    decisive:
      'A kernel report whose owner is a container path, or the runtime\'s own word: "OOMKilled": true, TaskOOM, container oom.',
    lookAlikes:
      'Exit 137 with OOMKilled false: a liveness probe, docker stop or an eviction sent SIGKILL. A killed child leaves the container running, and a TaskOOM event can be lost: its absence proves nothing.',
    nextChecks: [
      'Is the owner the container or the pod? A pod counts all containers and emptyDir volumes in memory.',
      'Does the runtime inside (Node, JVM) know the limit?',
      'Read requests and limits, or mem_limit, where the container is described.',
    ],
  },
  'systemd-oomd': {
    title: 'systemd-oomd killed a control group',
    meaning:
      'A program in user space saw memory pressure or full swap and killed a whole control group before the kernel had to. The kernel log shows nothing.',
    decisive:
      'A line of systemd-oomd: "Killed /… due to memory pressure …" or "… due to memory used … and swap used …".',
    lookAlikes:
      '"Would have tried to kill" and "Failed to kill any cgroup": nothing died. "Considered … cgroups for killing" is a list of candidates. "systemd-oomd invoked oom-killer": the kernel killed, oomd only asked for memory.',
    nextChecks: [
      'The second path in the line is where the pressure was: who reclaims there?',
      'Raising MemoryMax does not help against pressure.',
      'Protect an innocent unit with ManagedOOMPreference=avoid.',
    ],
  },
  earlyoom: {
    title: 'earlyoom, nohang or lmkd stopped a process',
    meaning: 'A guard program in user space sent a signal when free memory and swap fell below its thresholds.',
    decisive:
      'earlyoom: "low memory! …" followed by "sending SIG… to process …". nohang: "Sending SIG… to the victim". lmkd: "Kill app (pid), uid …, oom_score_adj …".',
    lookAlikes:
      '"memory situation has recovered while selecting victim" and dry runs: no signal was sent. After its SIGTERM the unit ends cleanly and systemd shows no failure at all.',
    nextChecks: [
      'Look for the real consumer: the highest score is not always the one that grew.',
      'Restart=on-failure does not restart after SIGTERM.',
      'Exempt a program with --avoid instead of switching the guard off.',
    ],
  },
  'v8-heap': {
    title: 'A Node program met its own heap limit',
    meaning:
      'V8 could not free enough inside its heap limit and ended the program itself. Neither the kernel nor systemd killed it.',
    decisive: '"FATAL ERROR: … JavaScript heap out of memory", or ERR_WORKER_OUT_OF_MEMORY for a worker thread.',
    lookAlikes:
      'A kernel kill of node or MainThread: memory outside the heap (Buffers, native code) grew, and the heap limit was not reached. "Array buffer allocation failed" and "Invalid string length": one request was too big.',
    nextChecks: [
      'Read the collections before the end: does "used" after each full one rise?',
      'Which heap limit is in force: flag, NODE_OPTIONS, or the default from the memory Node sees?',
      'Take two heap snapshots and compare them, not under a tight MemoryMax.',
    ],
  },
  'jvm-heap': {
    title: 'A Java program ran out of one of its pools',
    meaning:
      'The JVM could not allocate in heap, metaspace, class space or direct memory. Usually only the thread dies.',
    decisive: '"java.lang.OutOfMemoryError: Java heap space" or the name of another pool.',
    lookAlikes:
      'Exit 137 with a kernel line: the process was killed from outside and the heap may be fine. "Requested array size exceeds VM limit": a bug. "unable to create native thread" is its own kind.',
    nextChecks: [
      'Name the pool: each has its own flag.',
      'Did the process end? Look for an exit line before saying so.',
      'Take a heap dump.',
    ],
  },
  'jvm-native-thread': {
    title: 'A Java program could not start a thread',
    meaning: 'A new thread was refused. That is nearly always a limit on tasks, not a lack of memory.',
    decisive: '"unable to create native thread", "pthread_create failed (EAGAIN)" or "Cannot create worker GC thread".',
    lookAlikes: 'The word OutOfMemoryError in front of it.',
    nextChecks: [
      'pids.events of the group, then TasksMax, ulimit -u, kernel.threads-max, vm.max_map_count.',
      'Count the threads of the process: is something starting them without end?',
    ],
  },
  'php-limit': {
    title: 'A PHP request met memory_limit',
    meaning: 'One request asked for more than PHP allows. It ends with an error; the worker and the unit live on.',
    decisive: '"Allowed memory size of … bytes exhausted (tried to allocate … bytes) in …".',
    lookAlikes:
      '"Out of memory (allocated …)" and "mmap() failed: [12]": the system refused, not PHP. The copies in the web server\'s log are the same event.',
    nextChecks: [
      'Read script and line in the message.',
      'Before raising it: does memory_limit times max_children fit into the host?',
    ],
  },
  'php-fpm-children': {
    title: 'All PHP-FPM children were busy',
    meaning: 'Requests wait because the pool has no free child. Users see slow pages, 502 or 504.',
    decisive: '"server reached max_children setting (…), consider raising it" in the log of PHP-FPM itself.',
    lookAlikes:
      '"seems busy" is a hint only. The warning is printed once for each saturation, and on Debian it does not reach the journal.',
    nextChecks: [
      'What do the children wait for? A slow backend fills any pool.',
      'How many children fit: memory without master and opcache, divided by the private memory of one child.',
    ],
  },
  'python-memoryerror': {
    title: 'A Python program was refused memory',
    meaning: 'One allocation failed and the interpreter raised an exception. Nothing was killed.',
    decisive: 'A traceback that closes with MemoryError, or numpy\'s "Unable to allocate …".',
    lookAlikes:
      'gunicorn\'s "was sent SIGKILL! Perhaps out of memory?" is a guess printed for every SIGKILL. CUDA errors are about the graphics card.',
    nextChecks: ['Read the size that was asked for.', 'ulimit -v and strict overcommit are the usual reasons.'],
  },
  'go-oom': {
    title: 'A Go program could not get memory',
    meaning:
      'The Go runtime asked the system for memory or addresses, was refused, and ended the program with status 2.',
    decisive: '"fatal error: runtime: out of memory" or "runtime: cannot allocate …".',
    lookAlikes: '"stack exceeds 1000000000-byte limit": endless recursion. "makeslice: len out of range": a bug.',
    nextChecks: ['ulimit -v and overcommit first.', 'Then GOMEMLIMIT at 0.9 of the limit.'],
  },
  'rust-alloc': {
    title: 'A Rust program was refused an allocation',
    meaning: 'One allocation failed and the program aborted (status 134).',
    decisive: '"memory allocation of … bytes failed".',
    lookAlikes: '"capacity overflow" with status 101 is a bug.',
    nextChecks: ['Compare the size with the memory of the host: an absurd one is a bug, not a shortage.'],
  },
  'cpp-bad-alloc': {
    title: 'A C++ program was refused an allocation',
    meaning: 'An allocation failed, nobody caught the exception, and the program aborted.',
    decisive: '"terminate called after throwing an instance of \'std::bad_alloc\'".',
    lookAlikes: 'std::length_error and bad_array_new_length: a bug in a size.',
    nextChecks: ['Take a core dump and read the size.', 'ulimit -v, overcommit, a limit of the unit while it forked.'],
  },
  'malloc-enomem': {
    title: 'The system refused memory to a program',
    meaning: 'A program was told "Cannot allocate memory" (errno 12) and said so. Nothing was killed.',
    decisive: 'A line of the program with "Cannot allocate memory", ENOMEM, [12], or its own words for it.',
    lookAlikes:
      '"Resource temporarily unavailable" (EAGAIN): a limit on tasks. "No space left on device": a disk or a quota.',
    nextChecks: [
      'Committed_AS against CommitLimit, with vm.overcommit_memory=2.',
      'ulimit -v of the process.',
      'For Redis: vm.overcommit_memory=1, so that it can fork for a snapshot.',
    ],
  },
  'page-alloc-failure': {
    title: 'The kernel failed to allocate pages',
    meaning:
      'An allocation inside the kernel failed: fragmented memory, or a burst that could not wait. No process was killed.',
    decisive: '"… page allocation failure: order:…", a vmalloc or slab failure.',
    lookAlikes:
      'Followed by an out-of-memory report of the same process: a symptom. swapper in the first seconds after boot with a high order: harmless.',
    nextChecks: ['Order 4 and more: fragmentation.', 'GFP_ATOMIC with order 0 to 3: raise vm.min_free_kbytes.'],
  },
  'app-own-message': {
    title: 'A program speaks of memory in its own words',
    meaning: 'The program says that memory is short or that its own limit was met. No killer was seen.',
    decisive:
      "The line itself, and that no other kind fits: Redis maxmemory, Elasticsearch circuit breaker, CUDA, PM2's restart limit, a self-check.",
    lookAlikes:
      'It can be wrong by a factor: "871,566,307 KiB available" is 831 GiB. Exit status 1 is the program\'s own decision.',
    nextChecks: [
      "Find the program's setting behind the words.",
      'Compare its number with /proc/meminfo of the same moment.',
    ],
  },
} as const satisfies Partial<Record<Kind, KindText>>
