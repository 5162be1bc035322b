import assert from 'node:assert/strict'
import test from 'node:test'
import { BatchQueue } from '../../../src/app/batch-queue.ts'
import type { RecordBatch } from '../../../src/broker/types.ts'

const TOPIC = 'blocks'
const MIB = 1024 * 1024

function batch(partition: number, from: number, bytes: number): RecordBatch {
  const place = { topic: TOPIC, partition, from, nextOffset: from + 1, count: 1, bytes }
  return { ...place, damage: null } as unknown as RecordBatch
}

test('large batches of many partitions do not wait in memory together, and all go on once there is room', () => {
  const parts = Array.from({ length: 200 }, (_, partition) => {
    return { topic: TOPIC, partition, from: 0, to: 2 }
  })
  const queue = new BatchQueue(parts)
  const { room, batch: accept } = queue.listener
  // As brokers do: a batch comes whole, however little of it there is room for.
  let accepted = 0
  for (const { partition, topic } of parts) {
    if (room({ topic, partition }) === 0) continue
    accept(batch(partition, 0, MIB))
    accepted += 1
  }
  assert.equal(accepted, 8)
  const resumed = new Set<number>()
  for (let taken = 0; taken < 8; taken++) {
    const next = queue.take()
    assert.ok(next !== null && 'batch' in next)
    for (const { partition } of queue.resumable(next.batch)) resumed.add(partition)
  }
  assert.equal(resumed.size, 200, 'the partitions that were left out, too')
  assert.equal(room({ topic: TOPIC, partition: 199 }), 64 * 1024)
  assert.equal(queue.isOver, false)
})

test('a batch that is fetched again frees what waited behind it', () => {
  const queue = new BatchQueue([
    { topic: TOPIC, partition: 0, from: 0, to: 20 },
    { topic: TOPIC, partition: 1, from: 0, to: 20 },
  ])
  const { room, batch: accept } = queue.listener
  for (let from = 0; from < 9; from++) accept(batch(0, from, MIB))
  assert.equal(room({ topic: TOPIC, partition: 1 }), 0)
  const first = queue.take()
  assert.ok(first !== null && 'batch' in first)
  queue.again(first.batch)
  assert.equal([...queue.resumable(first.batch)].length, 2)
  assert.ok(room({ topic: TOPIC, partition: 1 }) > 0)
})
