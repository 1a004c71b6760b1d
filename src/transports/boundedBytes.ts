import type { ByteLimit } from '../domain/step.ts'

/** A cut is moved to the end of a line when one is this near: half a number is worse than no number. */
const LINE_SEARCH_BYTES = 8192
const LINE_FEED = 10

/** Keeps the named end of an endless stream in memory bounded by the limit, and counts what it let go. */
export class BoundedBytes {
  readonly #head: Ring | null
  readonly #tail: Ring | null
  #totalBytes = 0

  constructor(limit: ByteLimit) {
    const bytes = Math.max(0, limit.bytes)
    const headBytes = limit.keep === 'head' ? bytes : limit.keep === 'both' ? Math.ceil(bytes / 2) : 0
    this.#head = headBytes > 0 ? new Ring(headBytes) : null
    this.#tail = bytes - headBytes > 0 ? new Ring(bytes - headBytes) : null
  }

  get totalBytes(): number {
    return this.#totalBytes
  }

  /** Bytes that were never fetched, because only the end is wanted; called before the first push. */
  skip(bytes: number): void {
    this.#totalBytes += bytes
  }

  push(chunk: Buffer): void {
    this.#totalBytes += chunk.length
    const taken = Math.min(this.#head?.freeBytes ?? 0, chunk.length)
    if (taken > 0) this.#head?.push(chunk.subarray(0, taken))
    if (taken < chunk.length) this.#tail?.push(chunk.subarray(taken))
  }

  /** The kept text, decoded with replacement; a cut falls between two lines where a line end is near. */
  finish(): { readonly text: string; readonly droppedBytes: number } {
    let head = this.#head?.bytes() ?? Buffer.alloc(0)
    let tail = this.#tail?.bytes() ?? Buffer.alloc(0)
    if (head.length + tail.length === this.#totalBytes) {
      return { text: Buffer.concat([head, tail]).toString('utf8'), droppedBytes: 0 }
    }
    head = untilLineEnd(head)
    tail = fromLineStart(tail)
    const droppedBytes = this.#totalBytes - head.length - tail.length
    // Two ends glued together would make one false line of two half ones.
    const seam = this.#head !== null && this.#tail !== null ? `\n[… ${droppedBytes} bytes left out …]\n` : ''
    return { text: head.toString('utf8') + seam + tail.toString('utf8'), droppedBytes }
  }
}

const untilLineEnd = (bytes: Buffer): Buffer => {
  const end = bytes.lastIndexOf(LINE_FEED)
  if (end >= 0 && bytes.length - end <= LINE_SEARCH_BYTES) return bytes.subarray(0, end + 1)
  // No line end near: at least no half character. A UTF-8 sequence has at most three continuation bytes.
  let cut = bytes.length
  while (cut > 0 && bytes.length - cut < 3 && isContinuation(bytes[cut - 1])) cut -= 1
  const lead = bytes[cut - 1] ?? 0
  const wanted = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 0
  return bytes.length - cut + 1 < wanted ? bytes.subarray(0, cut - 1) : bytes
}

const fromLineStart = (bytes: Buffer): Buffer => {
  const end = bytes.indexOf(LINE_FEED)
  if (end >= 0 && end < LINE_SEARCH_BYTES && end < bytes.length - 1) return bytes.subarray(end + 1)
  let start = 0
  while (start < 3 && isContinuation(bytes[start])) start += 1
  return bytes.subarray(start)
}

const isContinuation = (byte: number | undefined): boolean => byte !== undefined && (byte & 0xc0) === 0x80

/** The last `capacity` bytes pushed; memory grows with the content, never past the capacity. */
class Ring {
  readonly #capacity: number
  #buffer: Buffer
  #start = 0
  #length = 0

  constructor(capacity: number) {
    this.#capacity = capacity
    this.#buffer = Buffer.allocUnsafe(Math.min(capacity, 4096))
  }

  get freeBytes(): number {
    return this.#capacity - this.#length
  }

  push(chunk: Buffer): void {
    const part = chunk.length > this.#capacity ? chunk.subarray(chunk.length - this.#capacity) : chunk
    this.#grow(this.#length + part.length)
    const size = this.#buffer.length
    const at = (this.#start + this.#length) % size
    const first = Math.min(part.length, size - at)
    part.copy(this.#buffer, at, 0, first)
    part.copy(this.#buffer, 0, first)
    const over = Math.max(0, this.#length + part.length - size)
    this.#start = (this.#start + over) % size
    this.#length = Math.min(size, this.#length + part.length)
  }

  bytes(): Buffer {
    const end = this.#start + this.#length
    const size = this.#buffer.length
    if (end <= size) return this.#buffer.subarray(this.#start, end)
    return Buffer.concat([this.#buffer.subarray(this.#start), this.#buffer.subarray(0, end - size)])
  }

  #grow(wantedBytes: number): void {
    if (wantedBytes <= this.#buffer.length || this.#buffer.length === this.#capacity) return
    const bigger = Buffer.allocUnsafe(Math.min(this.#capacity, Math.max(wantedBytes, this.#buffer.length * 2)))
    // Below its capacity the ring has never wrapped, so that it is one straight piece from the beginning.
    this.#buffer.copy(bigger, 0, 0, this.#length)
    this.#buffer = bigger
  }
}
