import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ResponseMemory } from '../../../../src/broker/connection/response-memory.ts'
import { takeBatches } from '../../../../src/broker/fetch/take-batches.ts'
import { lz4Codec } from '../../../../src/decode/lz4/codec.ts'
import { writeBatch } from '../../../support/records/record-batches.ts'

const READER = { checkCrcs: true, maxBatchBytes: 1e6, readUncommitted: false, lz4: lz4Codec }

function batchAt(baseOffset: number): Buffer {
  return writeBatch({ baseOffset, records: [{ value: `value ${baseOffset}` }] })
}

/** A response with these batches, as a connection has it; each is a batch of its own in the answer. */
function respond(...batches: readonly Buffer[]) {
  const bytes = Buffer.allocUnsafeSlow(batches.reduce((sum, { length }) => sum + length, 0))
  Buffer.concat(batches).copy(bytes)
  new ResponseMemory(bytes)
  const answer = {
    ...{ partition: 0, error: 0, highWatermark: 9, lastStableOffset: 9 },
    ...{ logStartOffset: 0, aborted: [], preferredReadReplica: -1, records: bytes },
  }
  const taken = takeBatches({ topic: 'topic', partition: 0, position: 0 }, answer, READER)
  return { ...taken, memory: bytes.buffer }
}

test('the memory of a response is freed when its last batch is freed or detached', () => {
  const { batches, memory } = respond(batchAt(0), batchAt(1), batchAt(2))
  const [first, second, third] = batches
  first?.free?.()
  first?.free?.()
  first?.detach()
  second?.detach()
  assert.ok(memory.byteLength > 0)
  third?.free?.()
  assert.equal(memory.byteLength, 0)
  assert.equal(String(second?.read()[0]?.value), 'value 1')
  // What is read too late is an error, and never what another response left in that place.
  assert.throws(() => third?.read(), { code: 'OCC_BATCH_CORRUPT' })
})

test('records that are in use outlive their response', () => {
  const { batches, memory } = respond(batchAt(0), batchAt(1))
  const [first, second] = batches
  const value = first?.read()[0]?.value
  second?.free?.()
  assert.equal(memory.byteLength, 0)
  assert.equal(String(value), 'value 0')
  assert.equal(String(first?.read()[0]?.value), 'value 0')
})

test('it stays while a damaged batch may become a dead letter', () => {
  const spoiled = batchAt(1)
  spoiled[spoiled.length - 1] = 0xff
  const { batches, damaged } = respond(batchAt(0), spoiled, batchAt(2))
  for (const batch of batches) batch.free?.()
  assert.ok(damaged?.damage?.raw.equals(spoiled))
})
