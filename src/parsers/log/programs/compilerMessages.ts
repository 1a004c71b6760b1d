import type { OwnMessage } from './platformMessages.ts'

/** Compilers, analysers and package tools with a heap that was sized beforehand. */
export const COMPILER_MESSAGES: readonly OwnMessage[] = [
  ['PHP memory limit: ', 'phpstan', 'own-limit', /\bprocess crashed because it reached configured PHP memory limit: /],
  [
    'build process ran out of memory',
    'native-image',
    'own-limit',
    /\bThe Native Image build process ran out of memory\b/,
  ],
  ['Dynamic MMap ran out', 'apt', 'own-limit', /\bDynamic MMap ran out of room\b/],
  ['out of heap space', 'msvc', 'own-limit', /\bfatal error C10(?:02|60): compiler is out of heap space\b/],
  ['internal heap limit', 'msvc', 'own-limit', /\bfatal error C1076: compiler limit ?: internal heap limit reached\b/],
  ['LNK1102', 'msvc', 'own-limit', /\bfatal error LNK1102: out of memory\b/],
  ['virtual memory for PCH', 'msvc', 'own-limit', /\berror C3859: .{0,40}[Ff]ailed to create virtual memory for PCH\b/],
  ['virtual memory range for PCH', 'msvc', 'own-limit', /\berror C3859: virtual memory range for PCH exceeded\b/],
  [
    'rss limit exhausted',
    'sanitizer',
    'own-limit',
    /\b\w{2,10}Sanitizer: (?:hard|soft) rss limit exhausted \(\d{1,9}Mb vs \d{1,9}Mb\)/,
  ],
  ['Error (114016)', 'quartus', 'self-check', /\bError \(114016\): Out of memory in module \w{2,30}/],
  [
    'Memory allocation failure',
    'modelsim',
    'self-check',
    /\*\* Fatal: \(vsim-4\) [* ]{0,20}Memory allocation failure\b/,
  ],
  ['excessive memory consumption', 'lean', 'own-limit', /\berror: .{0,80}excessive memory consumption detected at '/],
]
