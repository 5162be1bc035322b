import type { Random } from './random.ts'

/** Writes the messages of a stream; implemented by solana.ts and tron.ts. */
export interface StreamWriter {
  /** The JSON of message `index`, about `targetBytes` long, with at least one event. */
  write(index: number, targetBytes: number, random: Random): WrittenMessage
  /** The natural ids of the first `events` events of message `index`. */
  eventIds(index: number, events: number): string[]
}

export interface WrittenMessage {
  readonly text: string
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
