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

const LIBCXX = /terminating (?:due to|with) uncaught exception of type std::bad_alloc\b/

const read = (line: LogLine): CppBadAllocEvent | null => {
  if (!line.text.includes('std::bad_alloc') || isKernelLine(line)) return null
  const isDeath =
    line.text.includes("terminate called after throwing an instance of 'std::bad_alloc'") || LIBCXX.test(line.text)
  return isDeath ? { type: 'cpp-bad-alloc', ...toldBy(line) } : null
}
