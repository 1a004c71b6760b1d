import type { Citation } from './evidence.ts'
import type { HostChange } from './hostChange.ts'
import type { Kind } from './kind.ts'
import type { Remedy } from './remedy.ts'

/** `certain`: the decisive line is there, whole, and nothing contradicts it. Thin evidence is `possible`. */
export type Confidence = 'certain' | 'likely' | 'possible'

export interface Victim {
  readonly pid: number | null
  readonly comm: string | null
  readonly unit: string | null
  readonly anonRssBytes: number | null
}

export interface Culprit {
  readonly comm: string | null
  readonly unit: string | null
  /** False means an innocent process died for it. */
  readonly isVictim: boolean
  readonly why: string
}

/** `memory: usage 81920kB, limit 81920kB, failcnt 74`; no limit is null. */
export interface ReportedUsage {
  readonly usageBytes: number
  readonly limitBytes: number | null
  readonly failcnt: number | null
}

/** The numbers of the kernel's report, as it states them. */
export interface KernelReport {
  /** 2^order pages were wanted in one piece; -1 is a person's request. */
  readonly order: number | null
  readonly gfpMask: string | null
  readonly gfpFlags: string | null
  /** What the control group used when its limit was met; `memorySwap` is both together (cgroup v1). */
  readonly memory: ReportedUsage | null
  readonly swap: ReportedUsage | null
  readonly memorySwap: ReportedUsage | null
  readonly kernelMemory: ReportedUsage | null
  /** The host: its pages, and their bytes where the page size is known. */
  readonly ramPages: number | null
  readonly ramBytes: number | null
  readonly swapTotalBytes: number | null
  readonly swapFreeBytes: number | null
  readonly zones: readonly {
    readonly node: number | null
    readonly name: string
    readonly freeBytes: number | null
    readonly minBytes: number | null
  }[]
}

/**
 * One statement about one event. A field the evidence does not state is null, never a guess.
 * `at` is ISO 8601 UTC and null when the text has no zone or year; `atText` is what it says.
 */
export interface Finding {
  readonly kind: Kind
  readonly role: 'root-cause' | 'symptom'
  readonly confidence: Confidence
  readonly summary: string
  readonly at: string | null
  readonly atText: string | null
  readonly unit: string | null
  readonly container: string | null
  /** Why the allocation failed, in words. */
  readonly why: string | null
  readonly victims: readonly Victim[]
  readonly constraint: string | null
  /** The cgroup whose limit was hit (limit owner). */
  readonly cgroup: string | null
  readonly limitBytes: number | null
  readonly invoker: { readonly pid: number | null; readonly comm: string } | null
  readonly largestTask: { readonly pid: number | null; readonly comm: string; readonly rssBytes: number | null } | null
  readonly culprit: Culprit | null
  /** Null where no report of the kernel stands behind it. */
  readonly report: KernelReport | null
  /** How many alike events are folded into this one; 1 means one event. */
  readonly count: number
  /** What contradicts or weakens the statement, in words; each lowered the confidence. */
  readonly doubts: readonly string[]
  readonly citations: readonly Citation[]
  readonly remedies: readonly Remedy[]
}

/** A finding as a rule states it: role and remedies are decided when all findings are known. */
export type Claim = Omit<Finding, 'role' | 'remedies'>

/** A claim with every unstated field null; a rule fills in what its evidence says. */
export const blankClaim = (kind: Kind, summary: string): Claim => ({
  kind,
  confidence: 'possible',
  summary,
  at: null,
  atText: null,
  unit: null,
  container: null,
  why: null,
  victims: [],
  constraint: null,
  cgroup: null,
  limitBytes: null,
  invoker: null,
  largestTask: null,
  culprit: null,
  report: null,
  count: 1,
  doubts: [],
  citations: [],
})

/** What was found, what was looked at and is clear, what was skipped, and what could not be seen: four things. */
export interface Diagnosis {
  readonly findings: readonly Finding[]
  /** True statements about a time before the window; they change no exit code. */
  readonly history: readonly Finding[]
  readonly clear: readonly Kind[]
  /** What changed on the host inside the window, newest first; null when nobody looked. */
  readonly changes: readonly HostChange[] | null
  readonly skipped: readonly { readonly rule: string; readonly reason: string }[]
  readonly blindSpots: readonly string[]
  /** A decisive source was blind, so that an empty list of findings proves nothing. */
  readonly decisiveBlind: boolean
}
