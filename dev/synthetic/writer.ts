import { type ChainTopic, createChainMessages } from './chain-messages.ts'
import type { Random } from './random.ts'

/** Writes the messages of a stream; implemented by solana.ts, tron.ts, and for Protocol Buffers here. */
export interface StreamWriter {
  /** Message `index`, with at least one event; JSON is about `targetBytes` long. */
  write(index: number, targetBytes: number, random: Random): WrittenMessage
  /** The natural ids of the first `events` events of message `index`. */
  eventIds(index: number, events: number): string[]
}

export interface WrittenMessage {
  /** JSON, or a Protocol Buffers message. */
  readonly content: string | Buffer
  readonly events: number
  /** Part of keys. */
  readonly slot: number
  readonly blockHash: string
  /** The first event's sender. */
  readonly account: string
}

/**
 * A JSON array with as many events as come closest to the target. If the next event would
 * overshoot, chance decides proportionally, so that the mean size of many messages is the target.
 */
export function writeArray(
  targetBytes: number,
  meanEventBytes: number,
  random: Random,
  writeEvent: (place: number) => string,
): { text: string; events: number } {
  let text = `[${writeEvent(0)}`
  let events = 1
  for (;;) {
    const missing = targetBytes - text.length
    if (missing <= 0 || !random.chance(missing / meanEventBytes)) break
    text += `,${writeEvent(events++)}`
  }
  return { text: `${text}]`, events }
}

export function createChainWriter(
  topic: ChainTopic,
  seed: number,
  startTime: number,
): StreamWriter {
  const messages = createChainMessages(topic, seed, startTime)
  return {
    write(index) {
      const { value, ids, number, hash } = messages.at(index)
      const blockHash = hash.toString('hex')
      return { content: value, events: ids.length, slot: number, blockHash, account: ids[0] ?? '' }
    },
    eventIds: (index, events) => messages.at(index).ids.slice(0, events),
  }
}
