import type { Recognizer } from './recognizer.ts'

/** Every recognizer a log is shown to, in order of id. One line each. */
export const recognizers: readonly Recognizer[] = []
