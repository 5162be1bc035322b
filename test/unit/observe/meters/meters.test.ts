import assert from 'node:assert/strict'
import test from 'node:test'
import { createMeters } from '../../../../src/observe/meters/meters.ts'

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
