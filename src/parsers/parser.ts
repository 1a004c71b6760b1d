/**
 * One command's output made into facts. Pure, linear in time on hostile input, throws only ParseError.
 * Facts are plain JSON, all fields readonly, numbers in the unit their name ends with, null for what is not stated.
 */
export interface Parser<Facts = unknown> {
  readonly id: string
  parse(output: string): Facts
}
