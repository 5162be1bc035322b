/** By its ArrayBuffer; only for responses with memory of their own. */
const known = new WeakMap<ArrayBufferLike, ResponseMemory>()

/**
 * The memory of one large response, freed as soon as nothing uses it any more. V8 counts memory
 * outside its heap and collects the whole heap for it: with worker threads that was a quarter of
 * the main thread's time.
 */
export class ResponseMemory {
  readonly #memory: ArrayBuffer
  #users = 0
  #isKept = false

  /** @param bytes the whole buffer */
  constructor(bytes: Buffer<ArrayBuffer>) {
    this.#memory = bytes.buffer
    known.set(bytes.buffer, this)
  }

  /** The memory of these bytes; undefined: it is shared, and left to the garbage collector. */
  static of({ buffer }: Buffer): ResponseMemory | undefined {
    return known.get(buffer)
  }

  enter(): void {
    this.#users += 1
  }

  /** Frees the memory. All views of the response are empty afterwards. */
  leave(): void {
    this.#users -= 1
    if (this.#users === 0 && !this.#isKept) this.#memory.transfer(0)
  }

  /** Part of it remains in use: it is left to the garbage collector. */
  keep(): void {
    this.#isKept = true
  }
}
