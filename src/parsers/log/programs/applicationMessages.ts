import type { OwnMessage } from './platformMessages.ts'

/** Solvers, games, editors and other programs that people run themselves. */
export const APPLICATION_MESSAGES: readonly OwnMessage[] = [
  ['PARI stack overflows', 'pari', 'own-limit', /\bthe PARI stack overflows ?!/],
  ['pre-set memory limit', 'gap', 'own-limit', /^Error, reached the pre-set memory limit\b/],
  ['out of memory - heap full', 'chicken', 'own-limit', /^\[panic\] out of memory - heap full\b/],
  ['Memory exhausted--use', 'emacs', 'self-check', /\bMemory exhausted--use M-x save-some-buffers\b/],
  ['Out of memory during ', 'comsol', 'self-check', /^(?:Error: )?Out of memory during \w{2,30} factorization\./],
  ['EOutOfMemory', 'delphi', 'self-check', /\b[Ee]xception (?:class )?'?EOutOfMemory\b/],
  ['interprocess::bad_alloc', null, 'own-limit', /\bboost::interprocess::bad_alloc\b/],
  [
    'BadAlloc (insufficient',
    'x11',
    'self-check',
    /^X Error of failed request: {1,2}BadAlloc \(insufficient resources for operation\)/,
  ],
  [
    'with alignment ',
    'unreal',
    'self-check',
    /\bRan out of memory allocating \d{1,20} (?:\([\d.]{1,12} \w{2,3}\) )?bytes with alignment \d/,
  ],
  ['DynamicHeapAllocator', 'unity', 'self-check', /\bDynamicHeapAllocator out of memory\b/],
  ['CPLEX Error', 'cplex', 'self-check', /\bCPLEX Error {1,2}1001: Out of memory\b/],
  [
    '[memory limit reached]',
    'scip',
    'own-limit',
    /^SCIP Status\s{1,12}: solving was interrupted \[memory limit reached\]/,
  ],
  [
    'Java ran out of memory.',
    'tlc',
    'own-limit',
    /^(?:Error: )?Java ran out of memory\. {1,2}Running Java VM with a larger\b/,
  ],
  [
    'Out of memory or address',
    'source engine',
    'self-check',
    /\bOut of memory or address space\. {1,2}Texture quality setting may be too high\b/,
  ],
]
