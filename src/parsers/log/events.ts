import type { KernelEvent } from './kernel/kernelEvents.ts'
import type { ProgramEvent } from './programEvents.ts'

/** Everything a log can tell. Plain JSON. */
export type LogEvent = KernelEvent | ProgramEvent

export type EventOf<Type extends LogEvent['type']> = Extract<LogEvent, { readonly type: Type }>
