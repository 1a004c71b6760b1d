import { gunzipSync, gzipSync } from 'node:zlib'
import { z } from 'zod'
import { canonicalJson } from '../domain/canonicalJson.ts'
import { UsageError } from '../domain/errors.ts'
import type { Bundle } from '../domain/run.ts'
import { hashOf } from './hash.ts'

const LARGEST_BUNDLE_BYTES = 256 * 1024 * 1024

const text = z.string()
const count = z.number()
const result = z
  .object({
    outcome: z.enum(['exited', 'killed', 'timed-out', 'unknown', 'not-run']),
    exitCode: count.optional(),
    signal: text.optional(),
    reason: text.optional(),
    step: text,
    subject: text.nullable(),
    stdout: text,
    stderr: text,
    droppedBytes: count,
    startedAtMs: count,
    durationMs: count,
  })
  .strict()

const schema = z
  .object({
    schema: z.literal('medic.bundle/1'),
    medicVersion: text,
    evidenceHash: text.regex(/^[0-9a-f]{64}$/),
    run: z
      .object({
        id: text.regex(/^[A-Za-z0-9._-]{1,200}$/),
        runbook: text,
        runbookHash: text,
        host: text,
        parameters: z.record(text, text),
        state: z.enum(['running', 'done', 'interrupted', 'cancelled', 'failed']),
        requestedBy: text,
        startedAtMs: count,
        endedAtMs: count.nullable(),
        window: z.object({ fromMs: count.nullable(), toMs: count.nullable() }).strict(),
        bootId: text.nullable(),
        error: text.nullable(),
      })
      .strict(),
    evidence: z
      .array(
        z
          .object({
            id: text.regex(/^E[1-9]\d{0,5}$/),
            step: text,
            subject: text.nullable(),
            command: text,
            parser: text.nullable(),
            redactions: count,
            result,
          })
          .strict(),
      )
      .max(10_000),
  })
  .strict()

/** One file that holds a whole run. Canonical, so that the same run gives the same bytes. */
export const exportBundle = (bundle: Bundle, compressed: boolean): Buffer => {
  const bytes = Buffer.from(`${canonicalJson(bundle)}\n`)
  return compressed ? gzipSync(bytes) : bytes
}

/** Reads a bundle from outside: bounded, checked field by field, and its evidence must be what its hash says. */
export const importBundle = (bytes: Uint8Array, name: string): Bundle => {
  const parsed = schema.safeParse(readJson(bytes, name))
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw new UsageError(`${name}: not a bundle: ${issue?.path.map(String).join('.') ?? ''}: ${issue?.message ?? ''}`, {
      hint: '`medic incident export INCIDENT FILE` writes one',
    })
  }
  // Zod's optional members are looser than the outcome they belong to; the shape was checked above.
  const bundle = parsed.data as unknown as Bundle
  const hash = hashOf(bundle.evidence)
  if (hash !== bundle.evidenceHash) {
    throw new UsageError(`${name}: the evidence was changed: expected sha256 ${bundle.evidenceHash}, got ${hash}`, {
      hint: 'export it again where it was recorded',
    })
  }
  return bundle
}

const readJson = (bytes: Uint8Array, name: string): unknown => {
  try {
    const plain =
      bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes, { maxOutputLength: LARGEST_BUNDLE_BYTES }) : bytes
    if (plain.length > LARGEST_BUNDLE_BYTES) throw new Error(`larger than ${LARGEST_BUNDLE_BYTES / 1024 / 1024} MiB`)
    return JSON.parse(Buffer.from(plain).toString('utf8')) as unknown
  } catch (cause) {
    throw new UsageError(`${name}: not a bundle: ${(cause as Error).message}`, { cause })
  }
}
