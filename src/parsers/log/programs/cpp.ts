import type { LogLine } from '../lines/line.ts'
import type { CppBadAllocEvent } from './runtimeEvents.ts'
import { isKernelLine, lineRecognizer, toldBy } from '../telling.ts'

/**
 * An allocation failed and nobody caught it (SIGABRT):
 *   terminate called after throwing an instance of 'std::bad_alloc'
 *     what():  std::bad_alloc
 * `std::length_error` and `std::bad_array_new_length` are bugs; a caught one is the program's own message.
 */
export const cppRecognizer = lineRecognizer('cpp', (line) => read(line))

/** Where the run-time library cannot demangle, the type's own letters stand there. */
const LIBSTDCXX = /terminate called after throwing an instance of ['‘](?:std::|St9)bad_alloc['’]/
const LIBCXX = /terminating (?:due to|with) uncaught exception of type std::bad_alloc\b/

const read = (line: LogLine): CppBadAllocEvent | null => {
  if (!line.text.includes('bad_alloc') || isKernelLine(line)) return null
  const isDeath = LIBSTDCXX.test(line.text) || LIBCXX.test(line.text)
  return isDeath ? { type: 'cpp-bad-alloc', ...toldBy(line) } : null
}
