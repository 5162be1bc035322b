/** By the memory itself; only of responses that have theirs alone. */
const known = new WeakMap<ArrayBufferLike, ResponseMemory>()

/**
 * The memory of one large response, which goes back as soon as nothing of it is used any more. V8 counts
 * what lies outside of its heap, and collects all of the heap for it: with worker threads, that was a
 * quarter of what the main thread did.
 */
export class ResponseMemory {
  readonly #memory: ArrayBuffer
  #users = 0
  #isKept = false

  /** @param bytes all of the memory that they are in. */
  constructor(bytes: Buffer<ArrayBuffer>) {
    this.#memory = bytes.buffer
    known.set(bytes.buffer, this)
  }

  /** Of these bytes; undefined: they share theirs with others, and it is left to the garbage collector. */
  static of({ buffer }: Buffer): ResponseMemory | undefined {
    return known.get(buffer)
  }

  enter(): void {
    this.#users += 1
  }

  /** Whatever is left of the response is void then: views of it have no bytes. */
  leave(): void {
    this.#users -= 1
    if (this.#users === 0 && !this.#isKept) this.#memory.transfer(0)
  }

  /** Somebody may go on using some of it: it is left to the garbage collector. */
  keep(): void {
    this.#isKept = true
  }
}
