/** Finds one family of secrets in a line and puts a mask in their place. All quantifiers are bounded or of one class. */
export interface RedactionRule {
  readonly id: string
  /** Cheap test; the rule runs only if it holds. */
  readonly hint: RegExp
  readonly apply: (line: string, mask: Mask) => string
}

/** Gives the mask for a value, and counts it; a value that is masked already stays as it is. */
export type Mask = (value: string) => string
