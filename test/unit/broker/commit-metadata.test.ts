import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeMetadata, encodeMetadata } from '../../../src/broker/commit-metadata.ts'

test('the number of partitions comes back', () => {
  assert.deepEqual(decodeMetadata(encodeMetadata({ partitions: 12 })), { partitions: 12 })
  assert.equal(encodeMetadata({ partitions: null }), '')
})

test('what other software wrote is not ours, and no error', () => {
  const others = ['', null, undefined, 'text', '{', '[]', '7', '"x"', '{"partitions":"3"}']
  for (const text of [...others, '{"partitions":0}', '{"partitions":-2}', '{"other":1}']) {
    assert.deepEqual(decodeMetadata(text), { partitions: null }, String(text))
  }
})
