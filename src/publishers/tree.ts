/** The files of a place as they stood at one moment. */
export interface Tree {
  /** Pages with an incident's hidden line, by incident. */
  incidentPages(): Promise<ReadonlyMap<string, readonly string[]>>
  /** Undefined when there is no such file; throws PublishError when it is no plain file or far too large for a page. */
  read(path: string): Promise<Uint8Array | undefined>
}

export interface FileChange {
  readonly path: string
  readonly bytes: Uint8Array
  /** What stood there when the change was made up; undefined when nothing did. */
  readonly before: Uint8Array | undefined
}

/** A race with somebody else is lost this often before it is called a failure. */
export const MOST_TRIES = 5

/** A page larger than this is no page of ours, and no wiki shows it; arbitrary. */
export const LARGEST_PAGE_BYTES = 4 * 1024 * 1024
