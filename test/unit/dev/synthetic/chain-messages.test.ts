import assert from 'node:assert/strict'
import test from 'node:test'
import { chainTopics, createChainMessages } from '../../../../dev/synthetic/chain-messages.ts'
import { schemasFolder } from '../../../../dev/synthetic/protobuf.ts'
import { createDecoder } from '../../../../src/decode/decoder.ts'

const decoder = createDecoder({
  topics: [],
  protobuf: { schemas: schemasFolder, reorgs: true },
  maxMessageBytes: 1e7,
})

for (const topic of chainTopics) {
  test(`${topic}: the events that are read are those that were made, and no block supersedes another`, () => {
    const messages = createChainMessages(topic, 7)
    const again = createChainMessages(topic, 7)
    const other = createChainMessages(topic, 8)
    const kinds = new Set<string>()
    for (let offset = 0; offset < 100; offset++) {
      const { value, ids } = messages.next()
      assert.deepEqual(again.next().value, value)
      assert.notDeepEqual(other.next().value, value)
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
