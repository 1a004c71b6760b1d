import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { KernelOomEvent } from '../../../src/parsers/log/kernel/kernelEvents.ts'
import { eventsOf, logParser } from '../../../src/parsers/log/log.ts'

const FOLDER = join(import.meta.dirname, 'samples')

/** Real reports of kernels 5.10 to 7.2: `kernel-<version>-cgroup-<v1|v2>-<case>.txt`. */
export const kernelSamples: readonly string[] = readdirSync(FOLDER).filter((name) => name.startsWith('kernel-'))

export const sample = (name: string): string => readFileSync(join(FOLDER, name), 'utf8')

export const oomsOf = (text: string): readonly KernelOomEvent[] => eventsOf(logParser.parse(text), 'kernel-oom')

/** What an event says, without where it stood and when. */
export const substance = (event: KernelOomEvent): unknown => ({
  ...event,
  cited: null,
  time: null,
  quoted: null,
  missing: null,
})

/** The lines of a sample without their stamps. */
export const bareLines = (text: string): string[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => line.replace(/^\[ *\d+\.\d+\] /, ''))
