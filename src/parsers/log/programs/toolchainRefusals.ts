/**
 * A refused allocation in the words of compilers, linkers, allocators and numeric libraries, none of which names errno 12.
 * The shape is that of `OWN_WORDS`: group 1, where there is one, is the number of bytes that were asked for.
 */
export const TOOLCHAIN_REFUSALS: readonly (readonly [needle: string, program: string | null, words: RegExp])[] = [
  // Compilers and linkers.
  ['emory exhausted', null, /^(?:\S{0,200}\/)?[\w.+-]{1,40}: (?:.{1,200}: )?Memory exhausted\s{0,4}$/],
  [
    'out of memory allocating ',
    null,
    /^(?:\S{0,200}\/)?[\w.+-]{1,40}: (?:.{1,200}: )?out of memory allocating (\d{1,20}) bytes after a total of \d/,
  ],
  ['ompiler error: Out of memory', 'gcc', /\binternal compiler error: Out of memory\b/],
  ['error in backend: ', 'clang', /\bfatal error: error in backend: out of memory\b/i],
  ['out of heap space', 'msvc', /\bfatal error C(?:1060|1002): compiler is out of heap space\b/],
  ['LNK1102', 'msvc', /\bfatal error LNK1102: out of memory\b/],
  ['C3859', 'msvc', /\berror C3859: (?:Failed to create virtual memory|virtual memory range) for PCH\b/],
  [
    'emory allocation failure',
    'nvcc',
    /^(?:nvcc|ptxas|cicc|nvlink) (?:fatal|error) {1,4}: {1,2}Memory allocation failure\b/,
  ],
  // Allocators and run-time checkers.
  [
    'ut of memory: allocation failed',
    'tcmalloc',
    /\btcmalloc\.cc:\d{1,6}\] Out of memory: allocation failed (\d{1,20})/,
  ],
  ['mimalloc: error', 'mimalloc', /\bmimalloc: error: .{0,40}unable to allocate (?:OS )?memory\b/],
  ['mach_vm_map(size=', null, /\bmalloc: \*\*\* mach_vm_map\(size=(\d{1,20})(?:, flags: \w{1,10})?\) failed\b/],
  [
    'allocator is out of memory',
    'sanitizer',
    /\bERROR: \w{1,30}Sanitizer: allocator is out of memory trying to allocate 0x/,
  ],
  ['s memory management: out', 'valgrind', /^==\d{1,10}== {1,5}Valgrind's memory management: out of memory:/],
  ['GC Warning: ', 'boehm gc', /^GC Warning: (?:Out of Memory! Heap size: \d|Failed to expand heap by \d)/],
  ['Returning NIL!', 'boehm gc', /^Out of Memory! Returning NIL!/],
  ['heap sections: Increase', 'boehm gc', /^Too many heap sections: Increase MAXHINCR or MAX_HEAP_SECTS/],
  // Numeric libraries.
  [
    'DefaultCPUAllocator: can',
    'python',
    /\bDefaultCPUAllocator: can't allocate memory: you tried to allocate (\d{1,20}) bytes/,
  ],
  [
    'posix_memalign(',
    'python',
    /\benforce fail at CPUAllocator\.cpp:\d{1,6}\] posix_memalign\(.{1,80}\) == 0\. 12 vs 0\b/,
  ],
  ['Torch: not enough memory', 'python', /\$ Torch: not enough memory: you tried to allocate \d/],
  ['allocation still failed', 'openblas', /\bOpenBLAS error: Memory allocation still failed after \d/],
  [
    'paging file is too small',
    'windows',
    /\b(?:WinError 1455\] |os error 1455|error 1455: )?The paging file is too small for this operation to complete\b/,
  ],
  // Databases.
  [
    'allocate memory of size',
    'mysqld',
    /\[InnoDB\] Unable to allocate memory of size (\d{1,20})|\bInnoDB: Unable to allocate memory of size (\d{1,20})/,
  ],
  ['(SQLSTATE 53200)', 'postgres', /\bERROR: {1,2}out of memory \(SQLSTATE 53200\)/],
  ['_mm_heap: ', 'php', /^(?:\S{1,80}: )?zend_mm_heap: Out of memory\b/],
  // Models.
  [
    'to allocate buffer of size',
    'llama.cpp',
    /\bggml_backend_cpu_buffer_type_alloc_buffer: failed to allocate buffer of size (\d{1,20})/,
  ],
  ['unable to allocate CPU buffer', 'llama.cpp', /\berror loading model: unable to allocate CPU buffer\b/],
  // Languages. Lua inside nginx ends one request, or its whole machine.
  [
    'memory',
    'nginx',
    /\b(?:lua|luajit|\w{1,40}_by_lua)\b\*?.{0,400}(?:: |reason: )(?:not enough memory|no memory)(?:\s{0,4}$| while |,)/i,
  ],
  ['bytes of memory (of type', 'erlang', /\bCannot (?:re)?allocate (\d{1,20}) bytes of memory \(of type "/],
  [
    'annot allocate vector of size',
    'R',
    /(?:^|[:!✖✗x>*_"'`“] {0,4})cannot allocate vector of size [\d.]{1,20} [KMGT]b(?![a-z\d])/iu,
  ],
  [
    'annot allocate memory block of size',
    'R',
    /(?:^|[:!✖✗x>*_"'`“] {0,4})cannot allocate memory block of size [\d.]{1,20} [KMGT]b(?![a-z\d])/iu,
  ],
  // R's messages in the languages that it is translated to.
  ['ektor der Gr', 'R', /\bkann Vektor der Größe [\d.,]{1,20} [KMGT]b nicht allozieren\b/i],
  ['vector de tamaño', 'R', /\bno se puede (?:ubicar|asignar) un vector de tamaño [\d.,]{1,20} [KMGT]b\b/i],
  ['vecteur de taille', 'R', /\bimpossible d'allouer un vecteur de taille [\d.,]{1,20} [KMGT][bo]\b/i],
  ['vettore di dimensione', 'R', /\bnon è possibile allocare un vettore di dimensione [\d.,]{1,20} [KMGT]b\b/i],
  ['alocar vetor de tamanho', 'R', /\bnão é possível alocar vetor de tamanho [\d.,]{1,20} [KMGT]b\b/i],
  ['无法分配大小为', 'R', /无法分配大小为 ?[\d.,]{1,20} ?[KMGT]b ?的(?:矢量|向量)/i],
  ['のベクトルを割り当て', 'R', /サイズ ?[\d.,]{1,20} ?[KMGT]b ?のベクトルを割り当てることができません/i],
  ['OutOfMemoryError()', 'julia', /^(?:\s{0,12}nested task error: )?OutOfMemoryError\(\)\s{0,4}$/],
  [
    'request for ',
    'perl',
    /^(?:\S{1,80}: )?Out of memory(?: during (?:"large" )?request for (\d{1,20}) bytes| in perl:)/,
  ],
  ['could not allocate memory', 'bun', /^panic(?:\([^)]{1,40}\))?: (?:Error: )?Bun could not allocate memory\b/],
  ['ode ENOMEM', 'node', /^npm (?:ERR!|error) (?:code|errno) ENOMEM\b/],
  ['fatal error: mmap: ', 'go', /^fatal error: mmap: cannot allocate memory\b/],
  // The JVM, HotSpot and OpenJ9, where the system gave it nothing.
  [
    'allocation (mprotect) failed',
    'java',
    /\bNative memory allocation \(mprotect\) failed to protect (\d{1,20}) bytes\b/,
  ],
  [
    'ailed to instantiate heap',
    'java',
    /\b(?:JVMJ9GC0\d\dE|j9gc\d{1,3}\(\d\):) Failed to instantiate (?:compressed references )?heap[;:]/,
  ],
]
