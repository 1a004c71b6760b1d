import { createReadStream } from 'node:fs'
import { diagnosisDocument } from '../app/diagnosisDocument.ts'
import { diagnoseText } from '../app/diagnoseText.ts'
import { UsageError } from '../domain/errors.ts'
import { clean } from '../redaction/clean.ts'

/** Past this, the middle is left out: both ends of a log are worth more than its middle. */
const LARGEST_TEXT_BYTES = 256 * 1024 * 1024

/** `medic diagnose FILE|-`. Exit 0 when nothing was found: a text that is silent hides nothing. */
export const runDiagnose = async (
  file: string,
  options: { readonly json?: boolean; readonly explain?: boolean },
): Promise<number> => {
  const text = await readText(file)
  if (text.trim() === '') {
    throw new UsageError(`${file === '-' ? 'standard input' : file}: there is nothing to read`, {
      hint: 'give a log file, or pipe one: dmesg | medic diagnose -',
    })
  }
  const { diagnosis, evidence } = diagnoseText(text, file === '-' ? 'standard input' : file, clean, Date.now())
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

/** Bytes that are no text become replacement characters; UTF-16, as some editors paste it, is recognised by its mark. */
const readText = async (file: string): Promise<string> => {
  const chunks: Buffer[] = []
  let size = 0
  try {
    for await (const chunk of file === '-' ? process.stdin : createReadStream(file)) {
      const bytes = chunk as Buffer
      size += bytes.length
      if (size > LARGEST_TEXT_BYTES) {
        throw new UsageError(`${file}: larger than ${LARGEST_TEXT_BYTES / 1024 / 1024} MiB`, {
          hint: `cut it first: tail -c 200M ${file === '-' ? 'FILE' : file} | medic diagnose -`,
        })
      }
      chunks.push(bytes)
    }
  } catch (cause) {
    if (cause instanceof UsageError) throw cause
    throw new UsageError(`${file}: cannot be read: ${(cause as Error).message}`, { cause })
  }
  const all = Buffer.concat(chunks)
  chunks.length = 0
  if (all[0] === 0xff && all[1] === 0xfe) return new TextDecoder('utf-16le').decode(all)
  if (all[0] === 0xfe && all[1] === 0xff) return new TextDecoder('utf-16be').decode(all)
  return new TextDecoder('utf-8').decode(all)
}
