import type { ChainEvent, Message } from '../decode/types.ts'
import type { EventFilter } from './select/event-filter.ts'

/** Which records a viewer wants to see. */
export interface TapWish {
  readonly topic?: string | undefined
  /** Only records that this handler is called with. */
  readonly handler?: string | undefined
  /** Only records with an event that passes; null: all. */
  readonly filter: EventFilter | null
}

/** A record on its way to its handlers. */
export interface Tapped {
  readonly message: Message
  /** Of the message, those that pass. */
  readonly events: readonly ChainEvent[]
  readonly handlers: readonly string[]
}

/** Where records pass by those who look. */
export interface TapPoint {
  /** Somebody waits for a record. While nobody does, this is all that is asked of each. */
  readonly isOpen: boolean
  /** Never throws. @param handlers those that are called with it */
  take(message: Message, handlers: readonly string[]): void
}

/** Nobody can look. */
export const NO_TAP: TapPoint = Object.freeze({ isOpen: false, take() {} })

interface Viewer {
  readonly wish: TapWish
  readonly show: (tapped: Tapped) => void
  /** Until it wants the next one. */
  pause?: NodeJS.Timeout
}

/** Milliseconds between two records that a viewer gets. */
const PAUSE = 1_000

/**
 * Shows people a sample of the records that are handed to handlers: each viewer one a second at most.
 * It looks at what is decoded already, and changes nothing. While a viewer pauses, no record is looked
 * at for it.
 */
export class Tap implements TapPoint {
  isOpen = false
  readonly #pause: number
  readonly #waiting = new Set<Viewer>()

  constructor(pause = PAUSE) {
    this.#pause = pause
  }

  take(message: Message, handlers: readonly string[]): void {
    for (const viewer of this.#waiting) {
      try {
        const events = passing(viewer.wish, message, handlers)
        if (events === null) continue
        this.#rest(viewer)
        viewer.show({ message, events, handlers })
      } catch {
        // Whatever is wrong with it for a viewer, the handlers get it, and the viewer a later one.
        this.#rest(viewer)
      }
    }
    this.isOpen = this.#waiting.size > 0
  }

  /** Shows records until the returned function is called. */
  join(wish: TapWish, show: Viewer['show']): () => void {
    const viewer: Viewer = { wish, show }
    this.#wait(viewer)
    return () => this.#leave(viewer)
  }

  #rest(viewer: Viewer): void {
    this.#waiting.delete(viewer)
    clearTimeout(viewer.pause)
    viewer.pause = setTimeout(() => this.#wait(viewer), this.#pause).unref()
  }

  #wait(viewer: Viewer): void {
    this.#waiting.add(viewer)
    this.isOpen = true
  }

  #leave(viewer: Viewer): void {
    clearTimeout(viewer.pause)
    this.#waiting.delete(viewer)
    this.isOpen = this.#waiting.size > 0
  }
}

/** null: the viewer does not want it. */
function passing(
  { topic, handler, filter }: TapWish,
  message: Message,
  handlers: readonly string[],
): readonly ChainEvent[] | null {
  if (topic !== undefined && topic !== message.record.topic) return null
  if (handler !== undefined && !handlers.includes(handler)) return null
  const { events } = message
  if (filter === null) return events
  const own = events.filter(filter)
  return own.length === 0 ? null : own
}
