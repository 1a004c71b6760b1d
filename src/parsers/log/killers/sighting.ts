/** How one parent words that its child ended by a signal. */
export interface Sighting {
  readonly needle: string
  readonly reporter: string
  readonly pattern: RegExp
  readonly seenAs: 'signal' | 'status'
}
