/** Every number a rule compares with, and where it comes from. "oom.md" is the out-of-memory reference. */

/** One kill, many reporters: the same pid and name within this time is one event (oom.md 1.1.7). */
export const SAME_EVENT_MS = 60_000

/** Clock skew between journal sources, when causes are ordered (oom.md 1.1.3). */
export const CLOCK_SKEW_MS = 5000

/** A cause older than this no longer explains a symptom; our choice: ten restart pauses of a minute. */
export const EXPLAINS_WITHIN_MS = 10 * 60_000

/** A restart loop goes on for long after what began it; our choice. */
export const LOOP_EXPLAINED_WITHIN_MS = 60 * 60_000

/** More alike findings than this are folded into one with a count (design.md 7). */
export const FOLD_ABOVE = 20

/** A finding keeps at most this many lines; our choice: more nobody reads. */
export const MAX_CITATIONS = 24

/** memory-pressure: share of time everybody stood still, ten seconds' average (oom.md 1.3). */
export const PRESSURE_FULL_AVG10_PERCENT = 10

/** memory-pressure: share of time somebody stood still, a minute's average (oom.md 1.3). */
export const PRESSURE_SOME_AVG60_PERCENT = 20

/** memory-pressure without PSI: MemAvailable below this share of RAM while refaults rise (oom.md 1.3). */
export const AVAILABLE_LOW_SHARE = 0.05

/** memory-high-throttle: usage at or above this share of memory.high (oom.md 1.3). */
export const HIGH_REACHED_SHARE = 0.98

/** memory-high-throttle: the cgroup's own standstill (oom.md 1.3). */
export const THROTTLE_FULL_AVG10_PERCENT = 10

/** swap-thrash: pages a second in and out (oom.md 1.3). */
export const SWAP_PAGES_PER_SECOND = 1000

/** swap-thrash: PSI memory full beside the swapping (oom.md 1.3). */
export const SWAP_FULL_PERCENT = 20

/** Two readings nearer than this give no rate worth the name; our choice. */
export const RATE_MIN_MS = 500

/** disk-full: space or inodes used (oom.md 1.3). */
export const DISK_FULL_PERCENT = 98

/** crash-loop: systemd restarted a unit at least this often between two readings (oom.md 1.3). */
export const RESTARTS_RISING = 3

/** Suspects a second phase looks at (design.md 5: a phase must end in seconds). */
export const MAX_SUSPECTS = 8

/** A cgroup is big enough to be a suspect from this share of RAM; our choice. */
export const BIG_CGROUP_SHARE = 0.2

/** memory-high-throttle: a gap below MemoryMax wider than this stalls for a minute and more without swap (oom.md 4.3). */
export const HIGH_GAP_SHARE = 0.98
