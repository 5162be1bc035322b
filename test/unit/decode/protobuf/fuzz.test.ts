import assert from 'node:assert/strict'
import test from 'node:test'
import { fuzz } from '../../../support/random.ts'
import { encoded, knownMessages } from './messages.ts'
import { damage, decoderOf, recordOf } from './support.ts'

const decoder = decoderOf()
const values = knownMessages.map((known) => ({ topic: known.topic, value: encoded(known) }))
const MAX_BYTES = 256 * 1024 * 1024

test('whatever is cut off, flipped, repeated or put in, the answer is a message or one error', (t) => {
  const codes = new Set<string>()
  let read = 0
  const rounds = fuzz('Protocol Buffers', 3_000, (random) => {
    const { topic, value } = random.pick(values)
    const damaged = damage(value, random)
    const memory = process.memoryUsage.rss()
    const result = decoder.decode(recordOf(topic, damaged))
    if (result.ok) {
      read++
      for (const { id, addresses, amount } of result.message.events) {
        assert.ok(id.length > 0 && !addresses.includes('') && (amount === null || amount >= 0n))
      }
      try {
        JSON.stringify(result.message.document)
      } catch (error) {
        codes.add(String(Reflect.get(error as object, 'code')))
      }
    } else {
      codes.add(result.error.code)
    }
    assert.ok(process.memoryUsage.rss() - memory < MAX_BYTES, 'it takes too much memory')
  })
  t.diagnostic(`${rounds} damaged messages, of which ${read} were read`)
  assert.ok(read > rounds / 100, `${read} of ${rounds} were read`)
  assert.deepEqual([...codes], ['OCC_PROTOBUF_INVALID'])
})
