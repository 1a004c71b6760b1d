/** A rule found its readings but not enough in them to say found or clear; the diagnosis lists it as skipped. */
export class NotEnoughEvidence extends Error {
  constructor(reason: string) {
    super(reason)
    this.name = 'NotEnoughEvidence'
  }
}
