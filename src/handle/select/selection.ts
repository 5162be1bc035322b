import type { ChainEvent, Message } from '../../decode/types.ts'
import type { Outcome } from '../../kernel/shapes/outcome.ts'
import { outcomeOf } from '../call/answers.ts'
import type { DuplicateWindow } from '../deduplicate/window.ts'
import type { LoadedHandler } from '../load/loaded-handler.ts'
import { DUPLICATE, FILTERED } from '../skips.ts'
import type { EventFilter } from './event-filter.ts'
import { withEvents } from './message-view.ts'

/** What is left of a message for its handlers. */
export interface Selected {
  /** The events that passed the global filter. */
  readonly whole: Message
  /** Of those, the events not handled before. */
  readonly fresh: Message
  /** Ids to remember once the message is handled. */
  readonly ids: string[]
}

export interface SelectionParts {
  readonly filter: EventFilter | null
  readonly window: DuplicateWindow | null
  /**
   * True: an event that comes again in another block is not a repeat, because its first block may be
   * superseded. Default: false.
   */
  readonly perBlock?: boolean
}

/** Of all messages where nothing is remembered: nobody adds to it. */
const NO_IDS: string[] = []

/**
 * Leaves out events that the global filter rejects, and those handled before. Reads no events where neither
 * is asked for: they are looked for when they are first read.
 */
export function select(message: Message, parts: SelectionParts): Selected {
  const { filter, window, perBlock = false } = parts
  if (filter === null && window === null) return { whole: message, fresh: message, ids: NO_IDS }
  const { events } = message
  const passing = filter === null ? events : events.filter(filter)
  const whole = withEvents(message, passing)
  if (window === null || passing.length === 0) return { whole, fresh: whole, ids: [] }
  const idOf = perBlock ? idInBlock : idAnywhere
  // The only one repeats no other of its message.
  const own = passing.length === 1 ? null : new Set<string>()
  const fresh = passing.filter((event) => {
    const id = idOf(event)
    if (own?.has(id) || window.has(id)) return false
    own?.add(id)
    return true
  })
  return { whole, fresh: withEvents(whole, fresh), ids: fresh.map(idOf) }
}

function idAnywhere({ id }: ChainEvent): string {
  return id
}

/** Event ids never contain a space. */
function idInBlock({ id, block }: ChainEvent): string {
  return block === undefined ? id : `${id} ${block.hash}`
}

/**
 * What one handler gets: a message, or the outcome if it is not called. The handler's own id is
 * added to `selected.ids`.
 */
export function offer(
  { name, definition, filter }: LoadedHandler,
  selected: Selected,
  window: DuplicateWindow | null,
): Message | Outcome {
  try {
    let message = selected.fresh
    const own = window === null ? undefined : definition.id?.(selected.whole)
    if (own !== undefined && own !== null) {
      // Event ids never contain this character, so the two cannot collide.
      const id = `${name}\u0000${own}`
      if (window?.has(id)) return DUPLICATE
      selected.ids.push(id)
      message = selected.whole
    }
    if (message !== selected.whole && message.events.length === 0) return DUPLICATE
    if (filter === null) return message
    const events = message.events.filter(filter)
    return events.length === 0 ? FILTERED : withEvents(message, events)
  } catch (error) {
    return outcomeOf(error, name)
  }
}

export function isOutcome<Other extends object>(offered: Other | Outcome): offered is Outcome {
  return 'kind' in offered
}
