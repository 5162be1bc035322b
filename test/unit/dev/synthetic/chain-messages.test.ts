import assert from 'node:assert/strict'
import test from 'node:test'
import { chainTopics, createChainMessages } from '../../../../dev/synthetic/chain-messages.ts'
import { schemasFolder } from '../../../../dev/synthetic/protobuf.ts'
import { createSynthesizer } from '../../../../dev/synthetic/synthesizer.ts'
import { createDecoder } from '../../../../src/decode/decoder.ts'

const START = 1_760_000_000_000
const decoderOf = (reorgs: boolean) =>
  createDecoder({ topics: [], protobuf: { schemas: schemasFolder, reorgs }, maxMessageBytes: 1e7 })
const decoder = decoderOf(true)

for (const topic of chainTopics) {
  test(`${topic}: the events that are read are those that were made, and no block supersedes another`, () => {
    const messages = createChainMessages(topic, 7, START)
    const again = createChainMessages(topic, 7, START)
    const other = createChainMessages(topic, 8, START)
    const kinds = new Set<string>()
    for (let offset = 0; offset < 100; offset++) {
      const { value, ids } = messages.at(offset)
      assert.deepEqual(again.at(offset).value, value)
      assert.notDeepEqual(other.at(offset).value, value)
      const place = { topic, partition: 0, offset, timestamp: 0, headers: undefined }
      const result = decoder.decode({ ...place, key: null, value })
      assert.ok(result.ok)
      const { events } = result.message
      assert.deepEqual(
        events.map(({ id }) => id),
        ids,
      )
      for (const { kind } of events) kinds.add(kind)
    }
    assert.ok(kinds.size > 0 && !kinds.has('reorg'), [...kinds].join())
  })
}

test('their poison is refused, and all else is read; as many events as are expected', () => {
  const { decode } = decoderOf(false)
  for (const stream of chainTopics) {
    const options = { seed: 3, stream, poisonShare: 0.4, duplicateShare: 0.2 }
    const synthesizer = createSynthesizer(options)
    let events = 0
    for (let offset = 0; offset < 150; offset++) {
      const { kind, value } = synthesizer.next()
      const place = { topic: stream, partition: 1, offset, timestamp: 0, headers: undefined }
      const result = decode({ ...place, key: null, value })
      assert.equal(result.ok, kind === 'good' || kind === 'duplicate', `${stream} ${kind}`)
      if (result.ok && kind === 'good') events += result.message.events.length
    }
    assert.equal(events, synthesizer.expected.events)
  }
})
