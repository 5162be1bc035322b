import type { Chain } from '../../kernel/names.ts'
import type { Read, Wanted } from '../protobuf/wanted-fields.ts'
import type { StreamEvent } from './event.ts'
import type { Place } from './message-fields.ts'

/** The events of a message, and the block that all are in: it counts without any, too. */
export interface BlockEvents {
  readonly chain: Chain
  readonly place: Place
  readonly events: readonly StreamEvent[]
}

/** A kind of Protocol Buffers message whose events are known. */
export interface MessageStream<Fields extends Wanted = Wanted> {
  /** As in `decode.topics[].events`. */
  readonly name: string
  readonly format: 'protobuf'
  readonly chains: readonly Chain[]
  /** Names of topics that are known to hold it: they need no rule. */
  readonly topics: readonly string[]
  /** Full name of its messages. */
  readonly message: string
  /** What events need of it. */
  readonly wanted: Fields
  /** @throws OccError if this cannot be such a message */
  read(message: Read<Fields>): BlockEvents
}

/** Ties the type of `read` to the fields that are wanted. */
export function messageStream<const Fields extends Wanted>(
  stream: Omit<MessageStream<Fields>, 'format'>,
): MessageStream {
  return { ...stream, format: 'protobuf' } as unknown as MessageStream
}
