/** When a line says it was written. A stamp without zone or year, or one that counts from boot, gives `atMs: null`. */
export interface LogTime {
  readonly atMs: number | null
  /** The stamp as printed, null when the line has none. */
  readonly atText: string | null
  /** Kernel stamp in seconds since boot, null when not printed. */
  readonly bootSeconds: number | null
}

/** The time of a line that does not say when it was written. */
export const NO_TIME: LogTime = { atMs: null, atText: null, bootSeconds: null }

/** One line of a log after its prefixes (syslog, journal, dmesg, container, mail quoting …) were taken off. */
export interface LogLine {
  /** 1-based in the text as given; for a joined (unwrapped) line the number of its first part. */
  readonly number: number
  /** The message alone. */
  readonly text: string
  /** The line as given, cut at 8 KB. */
  readonly raw: string
  /** Who wrote it: `kernel`, `systemd`, `earlyoom`, a program's name; null when the prefix does not say. */
  readonly source: string | null
  readonly sourcePid: number | null
  readonly time: LogTime
  /** printk caller (`T71`, `C1`): lines with the same one belong together. */
  readonly caller: string | null
  /** The text stood inside another program's line, a mail or a chat. */
  readonly quoted: boolean
  /** Unit the journal filed the line under (`UNIT`, `_SYSTEMD_UNIT`), when the output form prints it. */
  readonly unit?: string | null
  /** journald's MESSAGE_ID, when the output form prints it. */
  readonly messageId?: string | null
  /** How many lines a syslog daemon folded into this one; absent means one. */
  readonly repeats?: number
}

/** A line an event rests on. */
export interface CitedLine {
  readonly line: number
  readonly text: string
}

/** What every event carries: when, which lines prove it, and who wrote them. */
export interface Told {
  readonly time: LogTime
  readonly cited: readonly CitedLine[]
  readonly source: string | null
  readonly sourcePid: number | null
  /** The unit the text states: by systemd's own words, or the one the journal filed the line under. */
  readonly unit: string | null
  /** How many alike lines are folded into this event; 1 means one. */
  readonly repeats: number
}
