import assert from 'node:assert/strict'
import test from 'node:test'
import { planText, statusText } from '../../../../src/cli/offsets/text.ts'
import { NOT_MOVED } from '../../../../src/kernel/replay.ts'

test('the lag counts what is still in the log, and the name of a client cannot steer the terminal', () => {
  const partition = {
    ...{ topic: 'a', partition: 0, low: 30, end: 50, committed: 10, ...NOT_MOVED },
    owner: 'me\u001b[2J (10.0.0.7)',
  }
  const text = statusText({ members: 1, table: null, partitions: [partition] })
  assert.match(text, /^a +0 +10 +50 +20 +- +me/m)
  assert.equal(text.includes('\u001b'), false)
  assert.match(text, /\n1 member\.$/i)
})

test('the table that decides in place of Kafka is named', () => {
  const status = statusText({ members: 2, table: 'onchain_offsets', partitions: [] })
  assert.match(status, /2 members, its offsets are in the table onchain_offsets\.$/)
  const none = { group: 'g', members: 0, partitions: [], left: [] }
  const plan = planText({ ...none, table: 'onchain_offsets' })
  assert.match(plan, /^Group g: no members, its offsets are in the table onchain_offsets\. /m)
})
