import assert from 'node:assert/strict'
import test from 'node:test'
import { schemasFolder } from '../../../../dev/synthetic/protobuf.ts'
import { createSynthesizer } from '../../../../dev/synthetic/synthesizer.ts'
import { topicOf } from '../../../../dev/synthetic/types.ts'
import { createDecoder } from '../../../../src/decode/decoder.ts'

test('as Protocol Buffers the messages hold the events of the JSON, and poison stays poison', () => {
  const options = { topics: [], protobuf: { schemas: schemasFolder }, maxMessageBytes: 1e7 }
  const decoder = createDecoder(options)
  const same = { seed: 3, stream: 'solana', poisonShare: 0.2, messageBytes: 8000 } as const
  const made = {
    json: createSynthesizer(same),
    protobuf: createSynthesizer({ ...same, format: 'protobuf' }),
  }
  for (let index = 0; index < 300; index++) {
    const [inJson, inProtobuf] = (['json', 'protobuf'] as const).map((format) => {
      const { key, value, kind } = made[format].next()
      const topic = topicOf('solana', format)
      const place = { topic, partition: 0, offset: index, timestamp: 0, headers: undefined }
      const result = decoder.decode({ ...place, key, value })
      assert.equal(result.ok, kind === 'good', kind)
      return result.ok ? result.message.events : []
    })
    assert.deepEqual(
      inProtobuf?.map(({ block, ...event }) => block && event),
      inJson?.map((event) => ({ ...event })),
    )
  }
  assert.deepEqual(made.protobuf.expected.poisonByKind, made.json.expected.poisonByKind)
  assert.equal(made.protobuf.expected.events, made.json.expected.events)
})
