import { createReadStream } from 'node:fs'
import { pipeline, Readable } from 'node:stream'
import type { Duplex } from 'node:stream'
import { createGunzip, createZstdDecompress } from 'node:zlib'
import { UsageError } from '../domain/errors.ts'

/** A log as a person names it: a path, or `-` for standard input. */
export type TextSource = string

export const sourceName = (source: TextSource): string => (source === '-' ? 'standard input' : source)

/** A larger text is refused: nobody wants an answer about it as a whole. */
const LARGEST_TEXT_BYTES = 256 * 1024 * 1024
/** Few enough to be cheap, large enough that the pieces' overhead is none. Arbitrary. */
const PIECE_BYTES = 256 * 1024

/**
 * The text in pieces, cut anywhere. Rotated logs are unpacked; bytes that are no text become replacement characters;
 * UTF-16, as some editors paste it, is recognised by its mark. Throws UsageError.
 */
export async function* readText(source: TextSource): AsyncGenerator<string> {
  let decoder: InstanceType<typeof TextDecoder> | undefined
  let held: Buffer[] = []
  let heldBytes = 0
  let size = 0
  const decode = (isLast: boolean): string => {
    const bytes = Buffer.concat(held)
    held = []
    heldBytes = 0
    decoder ??= new TextDecoder(encodingOf(bytes))
    return decoder.decode(bytes, { stream: !isLast })
  }
  try {
    for await (const bytes of unpacked(source)) {
      size += bytes.length
      if (size > LARGEST_TEXT_BYTES) {
        throw new UsageError(`${sourceName(source)}: larger than ${LARGEST_TEXT_BYTES / 1024 / 1024} MiB`, {
          hint: `cut it first: tail -c 200M ${source === '-' ? 'FILE' : source} | medic diagnose -`,
        })
      }
      held.push(bytes)
      heldBytes += bytes.length
      if (heldBytes >= PIECE_BYTES) yield decode(false)
    }
  } catch (cause) {
    if (cause instanceof UsageError) throw cause
    throw new UsageError(`${sourceName(source)}: cannot be read: ${reasonOf(cause as NodeJS.ErrnoException)}`, {
      cause,
    })
  }
  yield decode(true)
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a folder',
  EACCES: 'permission denied',
}

const reasonOf = ({ code, message }: NodeJS.ErrnoException): string => REASONS[code ?? ''] ?? message

const encodingOf = (bytes: Buffer): string => {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le'
  return bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : 'utf-8'
}

/** What a file begins with that is no text: unpacked here, or what to do instead. */
const FORMATS: readonly (
  | { readonly begin: string; readonly unpack: () => Duplex }
  | { readonly begin: string; readonly what: string; readonly instead: (file: string) => string }
)[] = [
  { begin: '\x1f\x8b', unpack: () => createGunzip() },
  { begin: '\x28\xb5\x2f\xfd', unpack: () => createZstdDecompress() },
  { begin: '\xfd7zXZ\0', what: 'packed by xz', instead: (file) => `xz -dc ${file}` },
  { begin: 'BZh', what: 'packed by bzip2', instead: (file) => `bzip2 -dc ${file}` },
  { begin: 'PK\x03\x04', what: 'a zip archive', instead: (file) => `unzip -p ${file}` },
  {
    begin: 'LPKSHHRH',
    what: "systemd's binary journal",
    instead: (file) => `journalctl --file=${file} -o export`,
  },
]

async function* unpacked(source: TextSource): AsyncGenerator<Buffer> {
  const chunks: AsyncIterator<Buffer> = (source === '-' ? process.stdin : createReadStream(source))[
    Symbol.asyncIterator
  ]()
  const first = await chunks.next()
  if (first.done === true) return
  const begin = first.value.subarray(0, 8).toString('latin1')
  const format = FORMATS.find((one) => begin.startsWith(one.begin))
  if (format !== undefined && 'instead' in format) {
    await chunks.return?.()
    throw new UsageError(`${sourceName(source)}: this is no text but ${format.what}`, {
      hint: `${format.instead(source === '-' ? 'FILE' : source)} | medic diagnose -`,
    })
  }
  const all = startingWith(first.value, chunks)
  if (format === undefined) yield* all
  // The unpacking end is told of an error at the other one; it is thrown to whoever reads.
  else yield* pipeline(Readable.from(all), format.unpack(), () => {})
}

async function* startingWith(first: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  yield first
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value
}
