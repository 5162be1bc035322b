import assert from 'node:assert/strict'
import test from 'node:test'
import { RecordQueue, sizeOf } from '../../../../src/flow/intake/record-queue.ts'
import type { KafkaRecord } from '../../../../src/kernel/shapes/record.ts'
import { collectGarbage, isGone } from '../../../support/collect-garbage.ts'
import { recordAt } from '../harness/harness.ts'

test('records come out in the order they went in, and the bytes are those of the queued records', () => {
  const queue = new RecordQueue()
  const model: KafkaRecord[] = []
  let offset = 0
  // Waves of 1 to 5,000 records, so that the queue is trimmed, emptied and filled again.
  for (let wave = 0; wave < 40; wave++) {
    const [pushes, shifts] = [(wave * 757) % 5_000, (wave * 1_013) % 5_200]
    for (let count = 0; count < pushes; count++) {
      const value = offset % 7 === 0 ? null : Buffer.alloc(offset % 90)
      const key = offset % 3 === 0 ? Buffer.alloc(5) : null
      const record = recordAt(0, offset++, { key, value })
      queue.push(record)
      model.push(record)
    }
    if (wave % 3 === 0) queue.detachOld()
    for (let count = 0; count < shifts; count++) {
      assert.equal(queue.peek()?.offset, model[0]?.offset)
      assert.equal(queue.shift()?.offset, model.shift()?.offset)
    }
    assert.equal(queue.length, model.length)
    assert.equal(
      queue.bytes,
      model.reduce((bytes, record) => bytes + sizeOf(record), 0),
    )
  }
  queue.clear()
  assert.deepEqual([queue.length, queue.bytes, queue.shift()], [0, 0, undefined])
})

test('a record counts with its key, its value and its headers', () => {
  const bare = sizeOf(recordAt(0, 0, { value: null }))
  const full = recordAt(0, 0, {
    key: Buffer.alloc(10),
    value: Buffer.alloc(100),
    headers: { one: Buffer.alloc(1_000), many: [Buffer.alloc(2_000), 'text'] },
  })
  assert.equal(sizeOf(full) - bare, 10 + 100 + 'one'.length + 1_000 + 'many'.length + 2_000 + 4)
})

/** Values that are slices of one buffer, as in a fetch response. */
function fetchResponse(): { whole: WeakRef<ArrayBufferLike>; records: KafkaRecord[] } {
  const whole = Buffer.allocUnsafeSlow(1_000_000)
  const slice = (at: number, text: string) => {
    whole.write(text, at)
    return whole.subarray(at, at + text.length)
  }
  const records = [0, 1, 2].map((offset) =>
    recordAt(0, offset, {
      key: slice(offset * 100, `key ${offset}`),
      value: slice(offset * 100 + 20, `value ${offset}`),
      headers: {
        one: slice(offset * 100 + 40, 'one'),
        many: [slice(offset * 100 + 60, 'two'), 'three'],
      },
    }),
  )
  return { whole: new WeakRef(whole.buffer), records }
}

test('detached records are equal, and do not keep the fetch buffer alive', async () => {
  const queue = new RecordQueue()
  const { whole } = (() => {
    const { whole, records } = fetchResponse()
    for (const record of records) queue.push(record)
    return { whole }
  })()
  const bytes = queue.bytes
  await collectGarbage()
  assert.equal(isGone(whole), false, 'while they are slices, the buffer is there')
  queue.detachOld()
  queue.detachOld()
  await collectGarbage()
  assert.equal(isGone(whole), true)
  assert.equal(queue.bytes, bytes)
  for (const offset of [0, 1, 2]) {
    const record = queue.shift()
    assert.deepEqual(
      [record?.offset, String(record?.key), String(record?.value), record?.timestamp],
      [offset, `key ${offset}`, `value ${offset}`, 1_700_000_000_000 + offset],
    )
    assert.deepEqual(
      { ...record?.headers },
      {
        one: Buffer.from('one'),
        many: [Buffer.from('two'), 'three'],
      },
    )
    assert.equal(record?.headers?.['constructor'], undefined, 'nobody sent it')
  }
  assert.equal(queue.bytes, 0)
})

test('a record is copied the second time it is found in the queue, and never again', () => {
  const queue = new RecordQueue()
  const records = [0, 1, 2, 3].map((offset) => recordAt(0, offset))
  for (const record of records.slice(0, 3)) queue.push(record)
  queue.detachOld()
  assert.equal(queue.shift(), records[0], 'what is handled soon is not copied')
  for (const record of records.slice(3)) queue.push(record)
  queue.detachOld()
  const second = queue.peek()
  assert.notEqual(second, records[1])
  assert.deepEqual(second, records[1])
  queue.detachOld()
  assert.equal(queue.shift(), second, 'copied before')
  assert.notEqual(queue.shift(), records[2])
  assert.notEqual(queue.shift(), records[3])
})

test('a record added since the last call is not copied, however many were taken before', () => {
  const queue = new RecordQueue()
  queue.push(recordAt(0, 0))
  queue.detachOld()
  queue.shift()
  const added = recordAt(0, 1)
  queue.push(added)
  queue.detachOld()
  assert.equal(queue.peek(), added)
})

test('a record taken from the queue is released, even if the queue never runs empty', async () => {
  const queue = new RecordQueue()
  for (const offset of [0, 1]) {
    queue.push(recordAt(0, offset, { value: Buffer.allocUnsafeSlow(1_000_000) }))
  }
  const handedOut = (() => new WeakRef(queue.shift() ?? {}))()
  await collectGarbage()
  assert.equal(isGone(handedOut), true)
  assert.equal(queue.length, 1)
})
