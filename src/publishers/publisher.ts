import type { RegionResult } from '../domain/mergeRegions.ts'
import type { Hash } from '../domain/region.ts'

/** A place where people read and write: a wiki, a repository, a folder. Every method throws PublishError. */
export interface Publisher {
  /** As `medic.yaml` calls it. */
  readonly name: string
  readonly kind: string
  /** Name of the page that lists all others; null when the place keeps none. */
  readonly index: string | null
  /** Looks without writing whether pages can be written; returns what was found, in words. */
  check(signal: AbortSignal): Promise<string>
  /** The page of an incident as people left it, wherever they moved it; undefined when there is none. */
  findPage(incident: string, signal: AbortSignal): Promise<FoundPage | undefined>
  /**
   * Creates or updates pages and their files together. Only marked regions are ever replaced, and only those nobody
   * edited. The same content writes nothing; on a conflict everything is read again and merged anew.
   */
  publish(publication: Publication, options: PublishOptions, signal: AbortSignal): Promise<Published>
}

export interface PublishOptions {
  /** Everything but the write; the outcome says what would have happened. */
  readonly dryRun: boolean
}

export interface FoundPage {
  readonly path: string
  readonly text: string
  readonly address: string | null
}

/** What belongs together: pages and the files beside them, written at once or not at all. */
export interface Publication {
  /** First line of the record of the change; names and counts only, never text from a host. */
  readonly subject: string
  readonly pages: readonly PageDraft[]
  readonly assets: readonly Asset[]
}

export interface PageDraft {
  /** The incident whose hidden line finds the page again after a rename; null for a page found by its name. */
  readonly incident: string | null
  /** Without folder and extension: letters, digits, `. _ @ -`. */
  readonly name: string
  /**
   * The whole page as a new one would be. Called again after a conflict, with what stands there then.
   */
  readonly text: (view: PageView) => string
}

/** What a draft may know about the place it goes to. */
export interface PageView {
  /** The page as it stands there, null when it is new. */
  readonly current: string | null
  /** A link target for a file of this publication, relative to the page. */
  asset(path: string): string
  /** A link target for an incident's page, relative to this one; null when the place has none. */
  incidentPage(incident: string): string | null
}

/** A file beside the pages. It is Medic's alone and always replaced. */
export interface Asset {
  /** Below the folder of the pages: `assets/<incident>/E3-journal.txt`. */
  readonly path: string
  readonly bytes: Uint8Array
}

export interface PageResult {
  /** Where it stands within the place. */
  readonly path: string
  /** For a browser, null when none is known. */
  readonly address: string | null
  readonly outcome: 'created' | 'updated' | 'unchanged'
  readonly regions: readonly RegionResult[]
}

export interface Published {
  /** In the order of the publication. */
  readonly pages: readonly PageResult[]
  /** Paths of files that were written. */
  readonly assets: readonly string[]
  /** What the place calls the change, null when nothing was written. */
  readonly revision: string | null
  /** What changed, as a unified diff of the pages. */
  readonly diff: string
  readonly notes: readonly string[]
}

/** What a publisher is given beside its own settings. */
export interface PublisherTools {
  /** MEDIC_HOME: caches and locks live below it. */
  readonly home: string
  /** Relative paths of medic.yaml begin here. */
  readonly base: string
  readonly userHome: string
  /** Secrets that settings name, by the name of their environment variable; they never stand in settings. */
  readonly secrets: Readonly<Record<string, string>>
  /** The few variables a network program needs: path, proxies, certificates, agent. */
  readonly environment: Readonly<Record<string, string>>
  readonly hash: Hash
}
