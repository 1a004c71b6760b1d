import { isKernelLine, lineRecognizer, numberOf, toldBy } from '../telling.ts'

/**
 * Rust's allocation error handler (SIGABRT): `memory allocation of 4194304 bytes failed`.
 * A `capacity overflow` panic (exit 101) is a bug and no shortage.
 */
export const rustRecognizer = lineRecognizer('rust', (line) => {
  if (isKernelLine(line)) return null
  if (OLD.test(line.text)) return { type: 'rust-alloc', ...toldBy(line), requestedBytes: null }
  if (!line.text.includes('memory allocation of ') && !line.text.includes('AllocError')) return null
  const match = FAILED.exec(line.text) ?? TRIED.exec(line.text)
  return match === null ? null : { type: 'rust-alloc', ...toldBy(line), requestedBytes: numberOf(match[1]) }
})

/** Up to 1.21. */
const OLD = /^fatal runtime error: out of memory\s{0,4}$/

/** A panic about what `try_reserve` was refused; its other error is the capacity's overflow, a bug. */
const TRIED = /\bpanicked at .{0,400}\bAllocError \{ layout: Layout \{ size: (\d{1,20}), /

/** Printed without a line feed, so that a progress bar may stand before it and a shell's word behind. */
const FAILED =
  /(?:^\s{0,40}|[:>|"'`] {0,2}|\d(?:s|ms|%)?(?=m))memory allocation of (\d{1,20}) bytes failed(?=[^\w:]|:$|$|Aborted|(?:ba|z)?sh: )/
