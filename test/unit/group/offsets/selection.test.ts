import assert from 'node:assert/strict'
import test from 'node:test'
import {
  isSelected,
  parsePartitions,
  selectionProblem,
} from '../../../../src/group/offsets/selection.ts'

test('numbers and ranges', () => {
  assert.deepEqual(parsePartitions('0,3-5'), [0, 3, 4, 5])
  assert.deepEqual(parsePartitions('5-5, 1,1'), [1, 5])
  assert.match(String(parsePartitions('all')), /not understood; give numbers/)
  assert.match(String(parsePartitions('')), /not understood/)
  assert.match(String(parsePartitions('5-3')), /ends before it begins; write it as 3-5/)
  assert.match(String(parsePartitions('0-999999')), /above 99999/)
})

test('a partition that does not exist is named', () => {
  const known = [0, 1, 2].map((partition) => ({ topic: 'a', partition }))
  assert.equal(selectionProblem({ topics: ['a'], partitions: [0, 2] }, known), null)
  assert.equal(selectionProblem({ topics: ['a'], partitions: null }, known), null)
  const problem = selectionProblem({ topics: ['a'], partitions: [0, 3] }, known)
  assert.equal(problem, 'the topic "a" has no partition 3: it has 3, from 0 to 2')
  assert.equal(selectionProblem({ topics: [], partitions: null }, known), 'no topic is chosen')
})

test('only what is chosen is selected', () => {
  const chosen = { topics: ['a'], partitions: [1] }
  assert.ok(isSelected(chosen, { topic: 'a', partition: 1 }))
  assert.ok(!isSelected(chosen, { topic: 'a', partition: 0 }))
  assert.ok(!isSelected(chosen, { topic: 'b', partition: 1 }))
})
