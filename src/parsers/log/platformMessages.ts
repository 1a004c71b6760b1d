import type { AppMessageEvent } from './runtimeEvents.ts'

/** A program's sentence: a cheap word to look for, who says it, what it means, and the sentence. */
export type OwnMessage = readonly [needle: string, app: string | null, what: AppMessageEvent['what'], pattern: RegExp]

/** Platforms and runtimes with a limit of their own: they measured and decided, not the kernel. */
export const PLATFORM_MESSAGES: readonly OwnMessage[] = [
  ['memory resource limit alarm set', 'rabbitmq', 'own-limit', /memory resource limit alarm set on node/],
  ['(Memory quota exceeded)', 'heroku', 'own-limit', /Error R14 \(Memory quota exceeded\)/],
  // R15 is the one that ends the dyno.
  ['(Memory quota vastly', 'heroku', 'restart-limit', /Error R15 \(Memory quota vastly exceeded\)/],
  [
    'physical memory limits',
    'yarn',
    'own-limit',
    /is running (?:\d{1,20}B )?beyond (?:the )?'?(?:PHYSICAL|physical)'? memory limits?/,
  ],
  [
    'virtual memory limits',
    'yarn',
    'own-limit',
    /is running (?:\d{1,20}B )?beyond (?:the )?'?(?:VIRTUAL|virtual)'? memory limits?/,
  ],
  ['for exceeding memory limits', 'spark', 'own-limit', /Container killed by YARN for exceeding memory limits/],
  [
    'xceeded job memory limit',
    'slurm',
    'own-limit',
    /^(?:slurmstepd: )?error: (?:Job \S{1,40} |Step \S{1,40} )?[Ee]xceeded job memory limit/,
  ],
  ['xceeded memory limit (', 'slurm', 'own-limit', /Step \S{1,40} exceeded memory limit \(\d{1,20} > \d{1,20}\)/],
  [
    'Memory limit of ',
    'cloud run',
    'own-limit',
    /Memory limit of \d{1,9} (?:MiB|MB|M|GiB) exceeded with \d{1,9} (?:MiB|MB|M|GiB) used/,
  ],
  ['xceeded soft memory limit', 'app engine', 'own-limit', /Exceeded soft memory limit of \d{1,9} MB with \d{1,9} MB/],
  ['Out of memory. size=', 'chromium', 'self-check', /FATAL:memory\.cc\(\d{1,6}\)\] Out of memory\. size=\d/],
  ['matches resource limit [', 'monit', 'own-limit', /mem (?:amount|usage) of .{1,60} matches resource limit \[/],
  ['memory budget. Restarting', 'dask', 'restart-limit', /exceeded \d{1,3}% memory budget\. Restarting/],
  [
    'due to memory pressure (OOM)',
    'ray',
    'restart-limit',
    /\b[1-9]\d{0,6} Workers .{0,40}killed due to memory pressure \(OOM\)/,
  ],
  ['Heap exhausted;', 'haskell', 'own-limit', /^(?:\S{1,200}: )?Heap exhausted;\s{0,4}$/],
  [
    'cache resources exhausted',
    'imagemagick',
    'own-limit',
    /: cache resources exhausted [`'].{1,400}@ error\/cache\.c\//,
  ],
  ['Exhausted heap space', 'dart', 'own-limit', /^Exhausted heap space, trying to allocate \d{1,20} bytes\./],
  ['RSS out of range', 'sidekiq', 'self-check', /\bSidekiq worker RSS out of range: current_rss: \d/],
  ['PumaWorkerKiller: Out of memory', 'puma', 'restart-limit', /PumaWorkerKiller: Out of memory\./],
  ['System.OutOfMemoryException', 'dotnet', 'self-check', /(?:^|: |\. |> )System\.OutOfMemoryException(?:: |$)/],
  // Databases and caches that budget a statement's memory, or their own.
  [
    'insufficient system memory in',
    'sql server',
    'own-limit',
    /\bThere is insufficient system memory in resource pool '\w{1,128}' to run this query/,
  ],
  [
    'would use more than the limit',
    'neo4j',
    'own-limit',
    /\bThe allocation of an extra [\d.]{1,12} [KMGT]?i?B would use more than the limit [\d.]{1,12}/,
  ],
  [
    'memory budget exceeded: ',
    'cockroach',
    'own-limit',
    /\bmemory budget exceeded: \d{1,20} bytes requested, \d{1,20} currently allocated/,
  ],
  [
    'memory limit of ',
    'trino',
    'own-limit',
    /\bQuery exceeded (?:per-node|distributed)(?: (?:user|total))? memory limit of [\d.]{1,12}[kMGT]?B/,
  ],
  [
    'Out of Memory Error: ',
    'duckdb',
    'own-limit',
    /\bOut of Memory Error: (?:failed to (?:allocate|pin|offload)|could not allocate) .{1,80}\([\d.]{1,12} [KMGT]?i?B\/[\d.]{1,12} [KMGT]?i?B used\)/,
  ],
  [
    'SERVER_ERROR out of memory',
    'memcached',
    'own-limit',
    /\bSERVER_ERROR out of memory (?:storing object|writing|reading)/,
  ],
  ['ORA-04031: ', 'oracle', 'own-limit', /\bORA-04031: unable to allocate \d{1,20} bytes of shared memory/],
  ["We're low on memory (cell", 'tor', 'own-limit', /We're low on memory \(cell queues total alloc: \d/],
  ['Runtime.OutOfMemory', 'lambda', 'own-limit', /^REPORT RequestId: .{1,400}\bError Type: Runtime\.OutOfMemory\b/],
  ['ngx_slab_alloc() failed', 'nginx', 'own-limit', /\bngx_slab_alloc\(\) failed: no memory in /],
  // Batch systems that measure a job themselves and end or hold it.
  ['TERM_MEMLIMIT', 'lsf', 'restart-limit', /^TERM_MEMLIMIT: job killed after reaching LSF memory usage limit/],
  [
    'PBS: job killed: ',
    'pbs',
    'restart-limit',
    /PBS: job killed: (?:p?v?mem|\w{1,12}) \d{1,20}[kmg]?b exceeded (?:job )?limit \d{1,20}/,
  ],
  [
    'exceeds job ',
    'grid engine',
    'restart-limit',
    /\bexceeds job (?:hard|soft) limit "(?:h|s)_(?:vmem|rss|data)" of queue /,
  ],
  ['gone over memory limit', 'htcondor', 'own-limit', /\bJob has gone over memory limit of \d{1,12} megabytes/],
  ['Out of memory (used over', 'render', 'own-limit', /Out of memory \(used over \d{1,9}[MG]i\)/],
  ['System out of memory!', 'unity', 'self-check', /Could not allocate memory: System out of memory!/],
  ['Insufficient memory) Failed', 'opencv', 'self-check', /error: \(-4:Insufficient memory\) Failed to allocate \d/],
  ['MPS backend out of memory', null, 'gpu', /MPS backend out of memory \(MPS allocated: /],
  ['RESOURCE_EXHAUSTED: ', null, 'self-check', /\bRESOURCE_EXHAUSTED: (?:Out of memory|OOM when) /],
  [
    'requires more system memory',
    'ollama',
    'self-check',
    /model requires more system memory \([\d.]{1,12} [KMGT]iB\) than is available \(/,
  ],
  [
    'memory limit of ',
    'R',
    'own-limit',
    /^Error(?: in .{1,200}?)?: {1,4}vector memory limit of [\d.]{1,12} [KMG]b reached, see mem\.max/,
  ],
  [
    'vector memory exhausted',
    'R',
    'own-limit',
    /^Error(?: in .{1,200}?)?: {1,4}vector memory exhausted \(limit reached\?\)/,
  ],
]
