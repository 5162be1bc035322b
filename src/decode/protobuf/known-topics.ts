import type { MessageStream } from '../streams/message-stream.ts'

/** The message that a topic is known to hold by its name; null: the name is not known. */
export function knownMessage(topic: string, streams: readonly MessageStream[]): string | null {
  return streams.find(({ topics }) => topics.includes(topic))?.message ?? null
}
