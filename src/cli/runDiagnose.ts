import { createReadStream } from 'node:fs'
import { setFlagsFromString } from 'node:v8'
import { diagnosisDocument } from '../app/diagnosisDocument.ts'
import { createTextDiagnosis } from '../app/diagnoseText.ts'
import { UsageError } from '../domain/errors.ts'
import { createCleaning } from '../redaction/clean.ts'

/** Past this, the middle is left out: both ends of a log are worth more than its middle. */
const LARGEST_TEXT_BYTES = 256 * 1024 * 1024

/**
 * From here on the engine collects garbage early: of 50 MB it otherwise lets some 200 MB lie, on a machine that may be
 * short of memory. Measured: half the memory for a fifth more time.
 */
const LONG_TEXT_LENGTH = 4 * 1024 * 1024

/** `medic diagnose FILE|-`. Exit 0 when nothing was found: a text that is silent hides nothing. */
export const runDiagnose = async (
  file: string,
  options: { readonly json?: boolean; readonly explain?: boolean },
): Promise<number> => {
  const reading = createTextDiagnosis(file === '-' ? 'standard input' : file, createCleaning(), Date.now())
  let isEmpty = true
  let length = 0
  for await (const text of readText(file)) {
    isEmpty &&= text.trim() === ''
    reading.push(text)
    length += text.length
    if (length > LONG_TEXT_LENGTH) setFlagsFromString('--optimize-for-size')
  }
  if (isEmpty) {
    throw new UsageError(`${file === '-' ? 'standard input' : file}: there is nothing to read`, {
      hint: 'give a log file, or pipe one: dmesg | medic diagnose -',
    })
  }
  const { diagnosis, evidence } = reading.finish()
  // What is imported from here on must fit the compile cache of other starts.
  setFlagsFromString('--no-optimize-for-size')
  if (options.json === true) {
    process.stdout.write(`${JSON.stringify(diagnosisDocument(diagnosis))}\n`)
  } else {
    const { reportText } = await import('./reportText.ts')
    process.stdout.write(
      reportText(
        { host: null, diagnosis, evidence, incident: null, postmortemPath: null, durationMs: null, notes: [] },
        options.explain === true,
      ),
    )
  }
  return diagnosis.findings.length > 0 ? 1 : 0
}

/** Few enough to be cheap, large enough that the pieces' overhead is none. Arbitrary. */
const PIECE_BYTES = 256 * 1024

/**
 * The text in pieces, cut anywhere. Bytes that are no text become replacement characters; UTF-16, as some editors
 * paste it, is recognised by its mark.
 */
async function* readText(file: string): AsyncGenerator<string> {
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
    for await (const chunk of file === '-' ? process.stdin : createReadStream(file)) {
      const bytes = chunk as Buffer
      size += bytes.length
      if (size > LARGEST_TEXT_BYTES) {
        throw new UsageError(`${file}: larger than ${LARGEST_TEXT_BYTES / 1024 / 1024} MiB`, {
          hint: `cut it first: tail -c 200M ${file === '-' ? 'FILE' : file} | medic diagnose -`,
        })
      }
      held.push(bytes)
      heldBytes += bytes.length
      if (heldBytes >= PIECE_BYTES) yield decode(false)
    }
  } catch (cause) {
    if (cause instanceof UsageError) throw cause
    throw new UsageError(`${file}: cannot be read: ${(cause as Error).message}`, { cause })
  }
  yield decode(true)
}

const encodingOf = (bytes: Buffer): string => {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le'
  return bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : 'utf-8'
}
