import { isKernelLine, lineRecognizer, numberOf, toldBy } from './telling.ts'

/**
 * Rust's allocation error handler (SIGABRT): `memory allocation of 4194304 bytes failed`.
 * A `capacity overflow` panic (exit 101) is a bug and no shortage.
 */
export const rustRecognizer = lineRecognizer('rust', (line) => {
  const text = line.text.trimStart()
  if (!text.startsWith('memory allocation of ') || isKernelLine(line)) return null
  const bytes = numberOf(/^memory allocation of (\d{1,20}) bytes failed/.exec(text)?.[1])
  return bytes === null ? null : { type: 'rust-alloc', ...toldBy(line), requestedBytes: bytes }
})
