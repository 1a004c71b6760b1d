import type { OwnMessage } from './platformMessages.ts'

/** Browsers and what is built upon them; the memory of WebAssembly is one buffer with a size of its own. */
export const BROWSER_MESSAGES: readonly OwnMessage[] = [
  ['MEMORY_EXCEEDED', 'chromium', 'own-limit', /\bSBOX_FATAL_MEMORY_EXCEEDED\b/],
  ['ut of Memory', 'chromium', 'self-check', /\bError code: Out of Memory\b/],
  [
    'oom',
    'electron',
    'self-check',
    /\b(?:[Rr]enderer|GPU|[Uu]tility|[Cc]hild) process (?:gone \(reason: )?oom\b|\bterminated unexpectedly \(reason: '?oom'?,|\breason["'\\]{0,3}: ?["'\\]{0,3}oom["'\\]{0,3}, ?\\?["']?(?:exitC|c)ode\b|\(reason: '?oom'?, code: /,
  ],
  ['536870904', 'electron', 'self-check', /\b(?:exitC|c)ode\\?["']?: ?["']?-536870904\b/],
  [
    'NoMemory',
    'chromium',
    'self-check',
    /\b0x[0-9a-f]{4,16}\b.{0,300}\b(?:partition_alloc|base)::(?:internal::)?OnNoMemory\w{0,20}\(/,
  ],
  [
    'OutOfMemory',
    'chromium',
    'self-check',
    /\b0x[0-9a-f]{4,16}\b.{0,300}\b(?:partition_alloc::TerminateBecauseOutOfMemory|WTF::PartitionsOutOfMemory\w{0,30}|blink::Partitions::HandleOutOfMemory)\(/,
  ],
  ['uncaught exception: out of memory', 'firefox', 'self-check', /^(?:Error: )?uncaught exception: out of memory\b/],
  [
    'WebAssembly',
    'wasm',
    'own-limit',
    /\bWebAssembly\.(?:Memory|instantiate\w{0,12}|Instance)\(\): (?:[Oo]ut of memory|could not allocate memory)\b/,
  ],
  ['bort', 'wasm', 'own-limit', /\b[Aa]bort(?:ed)?\((?:OOM\)|Cannot enlarge memory arrays\b)/],
  [
    'Cannot enlarge memory',
    'wasm',
    'own-limit',
    /\bCannot enlarge memory(?: arrays)?(?: to size \d{1,20} bytes|, asked to go up to)/,
  ],
]
