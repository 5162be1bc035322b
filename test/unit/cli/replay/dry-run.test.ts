import assert from 'node:assert/strict'
import test from 'node:test'
import { Counts } from '../../../../src/cli/replay/dry-run.ts'

test('what a dry run could not read is a failure that is named, and no record', () => {
  const counts = new Counts()
  counts.missed({ topic: 't', partition: 1, from: 5, to: 9 }, 'retention deleted them')
  assert.deepEqual([counts.records, counts.failed], [0, 1])
  assert.match(counts.text(), /^t\/1: offsets 5 to 8 not read: retention deleted them$/m)
})
