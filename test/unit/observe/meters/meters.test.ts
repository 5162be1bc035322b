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
  const { failedRecords, fetchErrors } = meters.topic('solana.transfers')
  const all = [
    (code: string) => countError('broker', code),
    (code: string) => failedRecords.count(code),
    (code: string) => fetchErrors.count(code),
    (code: string) => meters.sink('db').errors.count(code),
    (code: string) => meters.deadLetterTarget('file').errors.count(code),
  ]
  for (const count of all) {
    for (let index = 0; index < 5000; index++) count(`CODE_${index}`)
    count('CODE_0')
  }
  countError('sink', 'NEW')
  const { errors } = meters
  assert.deepEqual([...(errors.get('sink') ?? [])], [['NEW', 1]], 'whatever other rooms count')
  const counted = [errors.get('broker'), failedRecords, fetchErrors]
  for (const codes of [
    ...counted,
    meters.sink('db').errors,
    meters.deadLetterTarget('file').errors,
  ]) {
    assert.deepEqual([codes?.size, codes?.get('CODE_0'), codes?.get('other')], [51, 2, 4950])
  }
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
