import assert from 'node:assert/strict'
import test from 'node:test'
import { createMeters } from '../../../../src/observe/meters/meters.ts'
import { addMeters, createMeterReader } from '../../../../src/workers/meter-delta.ts'

test('a topic keeps one meter for the life of the process', () => {
  const { topic, topics } = createMeters()
  topic('solana.transfers').records += 2
  topic('solana.transfers').records += 3
  assert.equal(topic('solana.transfers').records, 5)
  assert.equal(topic('tron.broadcasted.transactions').records, 0)
  assert.equal(topics.size, 2)
})

test('an unbounded number of error codes does not create an unbounded number of time series', () => {
  const meters = createMeters()
  const { countError } = meters
  for (let index = 0; index < 5000; index++) countError('broker', `CODE_${index}`)
  countError('sink', 'NEW')
  countError('broker', 'CODE_0')
  const counts = [...meters.errors]
  const count = (room: string, code: string) =>
    counts.find((each) => each.room === room && each.code === code)?.count
  assert.equal(counts.length, 502)
  assert.equal(count('broker', 'CODE_0'), 2)
  assert.equal(count('broker', 'OTHER'), 4500)
  assert.equal(count('sink', 'OTHER'), 1)
})

test('an unbounded number of reasons, also from several threads, does not either', () => {
  const { skips } = createMeters().handler('whale')
  for (let index = 0; index < 5000; index++) skips.count(`reason ${index} ${'x'.repeat(100)}`)
  skips.count('filtered')
  assert.equal(skips.size, 21)
  assert.deepEqual([skips.get('filtered'), skips.get('other')], [1, 4982])
  assert.ok([...skips.keys()].every((reason) => reason.length <= 64))
  // A worker's own, added to it.
  const here = createMeters()
  for (let worker = 0; worker < 9; worker++) {
    const meters = createMeters()
    const read = createMeterReader(meters)
    for (let index = 0; index < 30; index++)
      meters.handler('whale').skips.count(`${worker} ${index}`)
    addMeters(here, read(false) ?? assert.fail('nothing was counted'))
  }
  const added = here.handler('whale').skips
  assert.equal(added.size, 21)
  assert.equal(
    [...added.values()].reduce((sum, count) => sum + count, 0),
    270,
  )
})
