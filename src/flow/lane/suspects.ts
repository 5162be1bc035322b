import type { SuspectOwner } from '../circuit/circuit-breaker.ts'
import type { CircuitOptions } from '../types.ts'
import type { PendingRecord } from './pending-record.ts'

/**
 * Records of one partition that failed while their handler had no success: either the records are
 * bad, or the handler is down. They are retried from time to time, so that a partition without
 * other records recovers from an outage too.
 */
export class Suspects {
  readonly #options: CircuitOptions
  readonly #owner: SuspectOwner
  readonly #again: () => void
  readonly #entries = new Set<PendingRecord>()
  #delay: number
  #timer: NodeJS.Timeout | undefined

  /** @param again called when it is time to retry all of them. */
  constructor(options: CircuitOptions, owner: SuspectOwner, again: () => void) {
    this.#options = options
    this.#owner = owner
    this.#again = again
    this.#delay = options.probeAfter
  }

  get size(): number {
    return this.#entries.size
  }

  get all(): PendingRecord[] {
    return [...this.#entries]
  }

  add(entry: PendingRecord): void {
    entry.state = 'suspect'
    this.#entries.add(entry)
    for (const trouble of entry.troubles) {
      const { circuit } = trouble
      // No success changes what is already known of the other circuits.
      if (!circuit.hasWorkedSince(trouble)) circuit.suspects.set(entry, this.#owner)
    }
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      this.#delay = Math.min(this.#delay * 2, this.#options.maxProbeAfter)
      this.#again()
    }, this.#delay)
  }

  delete(entry: PendingRecord): void {
    this.#entries.delete(entry)
    forget(entry)
    if (this.#entries.size === 0) this.#stop()
  }

  /** The handler works again, so the next suspect need not wait long. */
  relax(): void {
    this.#delay = this.#options.probeAfter
  }

  clear(): void {
    for (const entry of this.#entries) forget(entry)
    this.#entries.clear()
    this.#stop()
  }

  #stop(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }
}

function forget(entry: PendingRecord): void {
  for (const { circuit } of entry.troubles) circuit.suspects.delete(entry)
}
