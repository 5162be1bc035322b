import type { StoredLetter } from '../types.ts'

/**
 * A marker: append-only stores keep it beside the letters. It says what became of a letter, by its
 * id and the time of its failure. A letter with the same id that failed later is a new one.
 */
export interface Marker {
  readonly marker: 'sending' | 'returned' | 'redriven' | 'dropped'
  readonly id: string
  /** Milliseconds since the epoch: of the letter's failure, and of the marker. */
  readonly failedAt: number
  readonly at: number
}

/** An entry at one place of the store. */
export interface Entry<Place> {
  readonly id: string
  readonly failedAt: number
  readonly place: Place
  readonly topic: string
  readonly partition: number
  readonly offset: number
}

export interface OpenEntry<Place> extends Entry<Place> {
  readonly sendingSince: number | null
}

/** Takes letters and markers in any order and returns the letters that are still open. */
export class LetterIndex<Place> {
  readonly #letters = new Map<string, Entry<Place>>()
  readonly #ended = new Map<string, number>()
  readonly #sending = new Map<string, Marker>()

  /** Letters in memory; what is known of those that ended counts as a tenth of them. */
  get held(): number {
    return this.#letters.size + this.#sending.size + this.#ended.size / 10
  }

  letter({ id, failedAt, record }: StoredLetter, place: Place): void {
    if (!this.isOpen(id, failedAt)) return
    const known = this.#letters.get(id)
    if (known !== undefined && known.failedAt > failedAt) return
    const { topic, partition, offset } = record
    this.#letters.set(id, { id, failedAt, place, topic, partition, offset })
  }

  marker(marker: Marker): void {
    const { id, failedAt } = marker
    if (!this.isOpen(id, failedAt)) return
    if (marker.marker === 'sending' || marker.marker === 'returned') {
      if ((this.#sending.get(id)?.at ?? 0) <= marker.at) this.#sending.set(id, marker)
    } else {
      this.#ended.set(id, failedAt)
      if ((this.#letters.get(id)?.failedAt ?? 0) <= failedAt) this.#letters.delete(id)
      if ((this.#sending.get(id)?.failedAt ?? 0) <= failedAt) this.#sending.delete(id)
    }
  }

  isOpen(id: string, failedAt: number): boolean {
    return failedAt > (this.#ended.get(id) ?? -1)
  }

  /** Each open letter once, at the place of its newest copy. */
  *open(): Generator<OpenEntry<Place>> {
    for (const entry of this.#letters.values()) {
      const marker = this.#sending.get(entry.id)
      const sent = marker?.marker === 'sending' && marker.failedAt >= entry.failedAt
      yield { ...entry, sendingSince: sent ? marker.at : null }
    }
  }
}

/** The order of the letters' records. */
export function inOrder<Place>(a: Entry<Place>, b: Entry<Place>): number {
  if (a.topic !== b.topic) return a.topic < b.topic ? -1 : 1
  return a.partition - b.partition || a.offset - b.offset
}
