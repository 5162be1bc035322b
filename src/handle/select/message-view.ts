import type { ChainEvent, Message } from '../../decode/types.ts'
import type { KafkaRecord } from '../../kernel/shapes/record.ts'

/** A message with some of its events left out. Its document is complete. */
export class MessageView implements Message {
  readonly events: readonly ChainEvent[]
  readonly #whole: Message

  constructor(whole: Message, events: readonly ChainEvent[]) {
    this.#whole = whole
    this.events = events
  }

  get record(): KafkaRecord {
    return this.#whole.record
  }

  get encoding(): string {
    return this.#whole.encoding
  }

  get bytes(): number {
    return this.#whole.bytes
  }

  get document(): Message['document'] {
    return this.#whole.document
  }
}

/** Returns the message itself if nothing is left out. */
export function withEvents(message: Message, events: readonly ChainEvent[]): Message {
  return events.length === message.events.length ? message : new MessageView(message, events)
}
