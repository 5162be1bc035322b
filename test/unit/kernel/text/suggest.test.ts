import assert from 'node:assert/strict'
import test from 'node:test'
import { editDistance, nearest } from '../../../../src/kernel/text/suggest.ts'

test('suggests names that differ in case, separators, or a few letters', () => {
  const names = ['groupId', 'brokers', 'topics', 'caFile', 'sessionTimeout']
  assert.equal(nearest('group_id', names), 'groupId')
  assert.equal(nearest('Broker', names), 'brokers')
  assert.equal(nearest('ca', names), 'caFile')
  assert.equal(nearest('sesionTimout', names), 'sessionTimeout')
})

test('suggests nothing rather than nonsense', () => {
  assert.equal(nearest('password', ['brokers', 'topics']), undefined)
  assert.equal(nearest('', ['brokers']), undefined)
})

test('counts insertions, deletions, changes and swapped neighbours', () => {
  assert.equal(editDistance('kitten', 'sitting'), 3)
  assert.equal(editDistance('', 'abc'), 3)
  assert.equal(editDistance('same', 'same'), 0)
  for (const typo of ['kafak', 'akfka', 'kafa', 'kafkaa', 'kafxa']) {
    assert.equal(editDistance(typo, 'kafka'), 1, typo)
  }
  assert.equal(editDistance('ab', 'ba'), 1)
  assert.equal(editDistance('a', 'b'), 1)
  assert.equal(nearest('kafak', ['log', 'file', 'kafka']), 'kafka')
})
