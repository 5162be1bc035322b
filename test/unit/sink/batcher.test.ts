import assert from 'node:assert/strict'
import test from 'node:test'
import { OccError } from '../../../src/kernel/errors.ts'
import { letterBytes } from '../../../src/kernel/shapes/dead-letter.ts'
import { createBatcher } from '../../../src/sink/batcher.ts'
import { letterOf, recordAt } from '../../support/letters.ts'

const sized = (offset: number, bytes: number) =>
  letterOf(0, { record: recordAt(offset, { key: null, value: Buffer.alloc(bytes) }) })

test('writes are bounded in letters and bytes; a larger letter is written alone', async () => {
  const batches: number[][] = []
  const batcher = createBatcher({
    async write(letters) {
      batches.push(letters.map(({ record }) => record.offset))
    },
    sizeOf: letterBytes,
    maxItems: 3,
    maxBytes: 100,
  })
  const sizes = [10, 10, 10, 10, 500, 60, 60]
  await Promise.all(sizes.map((bytes, offset) => batcher.add(sized(offset, bytes))))
  assert.deepEqual(batches, [[0, 1, 2], [3], [4], [5], [6]])
})

test('a failure caused by one letter does not affect others', async () => {
  const written: number[] = []
  const tooLarge = new OccError('OCC_RECORD_TOO_LARGE', 'too large')
  const batcher = createBatcher({
    async write(letters) {
      if (letters.some(({ record }) => record.offset === 1)) throw tooLarge
      written.push(...letters.map(({ record }) => record.offset))
    },
    sizeOf: letterBytes,
    maxItems: 10,
    maxBytes: 1e6,
    isolates: (error) => error === tooLarge,
  })
  const kept = [0, 1, 2].map((offset) => batcher.add(sized(offset, 1)))
  const results = await Promise.allSettled(kept)
  assert.deepEqual(
    results.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled'],
  )
  assert.deepEqual(written, [0, 2])
})

test('an unavailable target fails all of a batch at once, and the next write is a new one', async () => {
  let calls = 0
  const batcher = createBatcher({
    async write() {
      calls += 1
      if (calls === 1) throw new OccError('OCC_BROKER', 'away', { retriable: true })
    },
    sizeOf: letterBytes,
    maxItems: 10,
    maxBytes: 1e6,
  })
  const results = await Promise.allSettled([batcher.add(sized(0, 1)), batcher.add(sized(1, 1))])
  assert.ok(results.every(({ status }) => status === 'rejected'))
  await batcher.add(sized(0, 1))
  assert.equal(calls, 2)
})
