import assert from 'node:assert/strict'
import { createSynthesizer } from '../../../dev/synthetic/synthesizer.ts'
import type { ProducedRecord } from '../../../dev/synthetic/types.ts'
import { createDecoder } from '../../../src/decode/decoder.ts'
import type { ChainEvent } from '../../../src/decode/types.ts'

type Sent = Required<Omit<ProducedRecord, 'timestamp'>> & { readonly partition: number }

/** Sends so many messages of a stream to the topic. Its distinct events, by id, in their order. */
export async function sendSynthetic(
  { send }: { send(topic: string, messages: readonly Sent[]): Promise<void> },
  topic: string,
  count: number,
  options: Parameters<typeof createSynthesizer>[0],
): Promise<ReadonlyMap<string, ChainEvent>> {
  const synthesizer = createSynthesizer(options)
  const decoder = createDecoder({ topics: [], maxMessageBytes: 1e7 })
  const messages = Array.from({ length: count }, () => synthesizer.next())
  const events = new Map<string, ChainEvent>()
  for (const [offset, { key, value }] of messages.entries()) {
    const record = { topic, partition: 0, offset, timestamp: 0, headers: undefined }
    const decoded = decoder.decode({ ...record, key, value })
    // Damaged ones are part of some streams.
    if (decoded.ok) for (const event of decoded.message.events) events.set(event.id, event)
    else assert.ok(options.poisonShare, `message ${offset} cannot be decoded`)
  }
  // A request takes about a megabyte.
  for (let from = 0; from < count; from += 100) {
    const some = messages.slice(from, from + 100)
    await send(
      topic,
      some.map(({ key, value, partition = 0 }) => ({ key, value, partition, headers: {} })),
    )
  }
  return events
}
