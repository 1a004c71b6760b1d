import { setFlagsFromString } from 'node:v8'
import { diagnosisDocument } from '../app/diagnosisDocument.ts'
import { createTextReading, diagnoseTexts } from '../app/diagnoseText.ts'
import type { TextInput } from '../app/diagnoseText.ts'
import { UsageError } from '../domain/errors.ts'
import type { Evidence } from '../domain/evidence.ts'
import { createCleaning } from '../redaction/clean.ts'
import { readText, sourceName } from './readText.ts'
import type { TextSource } from './readText.ts'

/**
 * From here on the space for young objects grows no more: of 50 MB the engine otherwise lets some 80 MB more lie, on a
 * machine that may be short of memory. Measured: 210 MiB in place of 290 at the same speed.
 */
const LONG_TEXT_LENGTH = 4 * 1024 * 1024
const NO_GROWTH = '--semi-space-growth-factor=1'
/** The engine's own. */
const GROWTH = '--semi-space-growth-factor=2'

/** `medic diagnose FILE…`. Exit 0 when nothing was found: a text that is silent hides nothing. */
export const runDiagnose = async (
  sources: readonly TextSource[],
  options: { readonly json?: boolean; readonly explain?: boolean },
): Promise<number> => {
  if (sources.filter((source) => source === '-').length > 1) {
    throw new UsageError('standard input can be read once', { hint: 'name each other log as a file' })
  }
  const nowMs = Date.now()
  const texts: Text[] = []
  for (const [at, source] of sources.entries()) texts.push(await readSource(source, { number: at + 1, nowMs }))
  const empty = texts.filter(({ isEmpty }) => isEmpty).map(({ evidence: { command } }) => command)
  // Among rotated logs one may be empty.
  if (empty.length === texts.length) {
    throw new UsageError(`${empty.join(', ')}: there is nothing to read`, {
      hint: 'give a log file, or pipe one: dmesg | medic diagnose -',
    })
  }
  const { diagnosis, evidence } = diagnoseTexts(texts.map((text) => text.evidence))
  // What is imported from here on must fit the compile cache of other starts.
  setFlagsFromString(GROWTH)
  if (options.json === true) {
    process.stdout.write(`${JSON.stringify(diagnosisDocument(diagnosis, evidence))}\n`)
  } else {
    const { reportText } = await import('./reportText.ts')
    process.stdout.write(
      reportText(
        {
          host: null,
          diagnosis,
          evidence,
          incident: null,
          postmortemPath: null,
          durationMs: null,
          notes: empty.map((name) => `${name} is empty`),
        },
        options.explain === true,
      ),
    )
  }
  return diagnosis.findings.length > 0 ? 1 : 0
}

interface Text {
  readonly evidence: Evidence
  readonly isEmpty: boolean
}

const readSource = async (source: TextSource, place: Omit<TextInput, 'source'>): Promise<Text> => {
  const reading = createTextReading({ source: sourceName(source), ...place }, createCleaning())
  let isEmpty = true
  let length = 0
  for await (const text of readText(source)) {
    isEmpty &&= text.trim() === ''
    reading.push(text)
    length += text.length
    if (length > LONG_TEXT_LENGTH) setFlagsFromString(NO_GROWTH)
  }
  return { evidence: reading.finish(), isEmpty }
}
