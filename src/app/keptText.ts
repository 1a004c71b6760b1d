/** Bytes of one block: a cited line is decoded from its block alone. Arbitrary. */
const BLOCK_BYTES = 262_144

interface Block {
  readonly bytes: Buffer
  /** Number of the line that begins the block, 0-based. */
  readonly firstLine: number
  /** Where each line begins. */
  readonly starts: Uint32Array
  readonly encoding: 'latin1' | 'utf8'
}

/**
 * A long text kept as bytes: one character beyond Latin-1 makes every character of a string take two.
 * Lines are decoded one by one, so that a line that somebody keeps holds nothing else in memory.
 */
export class KeptText {
  readonly #blocks: Block[] = []
  #lineCount = 0

  /** Adds whole lines, each with its line feed; only the last text may end without one. */
  push(text: string): void {
    for (let start = 0; start < text.length;) {
      const found = text.indexOf('\n', start + BLOCK_BYTES)
      const end = found === -1 ? text.length : found + 1
      this.#add(text.slice(start, end))
      start = end
    }
  }

  /** Every line in order, without its line feed. */
  forEachLine(visit: (line: string) => void): void {
    for (const block of this.#blocks) {
      for (let index = 0; index < block.starts.length; index += 1) visit(lineIn(block, index))
    }
  }

  /** The 1-based line as it stands; empty for a line that the text does not have. */
  line(number: number): string {
    const wanted = number - 1
    let low = 0
    let high = this.#blocks.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#blocks[middle]?.firstLine ?? 0) <= wanted) low = middle + 1
      else high = middle
    }
    const block = this.#blocks[low - 1]
    return block === undefined ? '' : lineIn(block, wanted - block.firstLine).replace(/\r$/, '')
  }

  get byteLength(): number {
    return this.#blocks.reduce((sum, { bytes }) => sum + bytes.length, 0)
  }

  /** The text in stretches of whole lines. */
  *stretches(): Generator<string> {
    for (const { bytes, encoding } of this.#blocks) yield bytes.toString(encoding)
  }

  /** All of it as one string, for who cannot do with less. */
  whole(): string {
    return [...this.stretches()].join('')
  }

  #add(text: string): void {
    const bytes = Buffer.from(text)
    const starts = [0]
    for (let at = bytes.indexOf(10); at !== -1 && at + 1 < bytes.length; at = bytes.indexOf(10, at + 1)) {
      starts.push(at + 1)
    }
    // As many bytes as characters: all of it is ASCII, which is decoded faster as Latin-1.
    const encoding = bytes.length === text.length ? 'latin1' : 'utf8'
    this.#blocks.push({ bytes, firstLine: this.#lineCount, starts: Uint32Array.from(starts), encoding })
    this.#lineCount += starts.length
  }
}

const lineIn = ({ bytes, starts, encoding }: Block, index: number): string => {
  const start = starts[index]
  if (start === undefined) return ''
  const end = starts[index + 1] ?? bytes.length
  return bytes.toString(encoding, start, bytes[end - 1] === 10 ? end - 1 : end)
}
