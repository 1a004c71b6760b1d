/** systemd's own set-up failures, before the program ran (systemd.exec(5), "Process Exit Codes"): never memory. */
const SYSTEMD_STATUS: Readonly<Record<number, string>> = {
  200: 'CHDIR, the working directory could not be entered',
  201: 'NICE, the priority could not be set',
  202: 'FDS, file descriptors could not be passed on',
  203: 'EXEC, the program could not be started: missing, not executable, or its interpreter is missing',
  204: 'MEMORY, systemd itself got no memory for the start',
  205: 'LIMITS, resource limits could not be set',
  206: 'OOM_ADJUST, OOMScoreAdjust= could not be set',
  207: 'SIGNAL_MASK, the signal mask could not be set',
  208: 'STDIN, standard input could not be set up',
  209: 'STDOUT, standard output could not be set up',
  210: 'CHROOT, the root directory could not be changed',
  211: 'IOPRIO, the input and output priority could not be set',
  214: 'SETSCHEDULER, the scheduling policy could not be set',
  216: 'GROUP, the group does not exist or could not be taken',
  217: 'USER, the user does not exist or could not be taken',
  218: 'CAPABILITIES, capabilities could not be set',
  219: 'CGROUP, the control group could not be set up',
  222: 'STDERR, standard error could not be set up',
  224: 'PAM, the PAM session could not be opened',
  225: 'NETWORK, the network name space could not be set up',
  226: 'NAMESPACE, a mount name space could not be set up (a path in ReadWritePaths= or the like is missing)',
  228: 'SECCOMP, the system call filter could not be set up',
  233: 'RUNTIME_DIRECTORY, the runtime directory could not be made',
  238: 'STATE_DIRECTORY, the state directory could not be made',
  239: 'CACHE_DIRECTORY, the cache directory could not be made',
  240: 'LOGS_DIRECTORY, the log directory could not be made',
  241: 'CONFIGURATION_DIRECTORY, the configuration directory could not be made',
  242: 'NUMA_POLICY, the NUMA policy could not be set',
  243: 'CREDENTIALS, credentials could not be set up',
}

const COMMON_STATUS: Readonly<Record<number, string>> = {
  126: 'a shell could not execute the command',
  127: 'a shell did not find the command',
  134: 'a child aborted (128 + 6): look for its own message above',
  137: 'a child was killed by SIGKILL (128 + 9), or the program chose the number: by itself no proof of anything',
  139: 'a child crashed (128 + 11, segmentation fault)',
  143: 'a child was asked to stop (128 + 15)',
}

/** What an exit status means, in words that end a sentence. */
export const exitMeaning = (status: number): string => {
  const own = SYSTEMD_STATUS[status]
  if (own !== undefined) return `exit status ${status} is systemd's own ${own}; this is never about memory`
  if (status >= 200 && status <= 243)
    return `exit status ${status} is one of systemd's own set-up failures, never about memory`
  const common = COMMON_STATUS[status]
  return common === undefined ? `exit status ${status} is the program's own` : `exit status ${status}: ${common}`
}

const SIGNALS: Readonly<Record<number, string>> = {
  1: 'SIGHUP',
  2: 'SIGINT',
  3: 'SIGQUIT',
  4: 'SIGILL',
  5: 'SIGTRAP',
  6: 'SIGABRT',
  7: 'SIGBUS',
  8: 'SIGFPE',
  9: 'SIGKILL',
  11: 'SIGSEGV',
  13: 'SIGPIPE',
  14: 'SIGALRM',
  15: 'SIGTERM',
  24: 'SIGXCPU',
  25: 'SIGXFSZ',
  31: 'SIGSYS',
}

export const signalName = (signal: number): string => SIGNALS[signal] ?? `signal ${signal}`
