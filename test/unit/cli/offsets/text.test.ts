import assert from 'node:assert/strict'
import test from 'node:test'
import { planText, statusText } from '../../../../src/cli/offsets/text.ts'
import { NOT_MOVED } from '../../../../src/kernel/shapes/replay.ts'
import { fakeIo } from '../../../support/fake-io.ts'

test('the lag counts what is still in the log, and the name of a client cannot steer the terminal', () => {
  const partition = {
    ...{ topic: 'a', partition: 0, low: 30, end: 50, committed: 10, ...NOT_MOVED },
    owner: 'me\u001b[2J (10.0.0.7)',
  }
  const text = statusText({ members: 1, table: null, partitions: [partition] }, fakeIo())
  assert.match(text, /^a\n.*\n.*\n +0 +10 +50 +20 +- +me/m)
  assert.equal(text.includes('\u001b'), false)
  assert.match(text, /\n1 member\.$/i)
})

test('the table that decides in place of Kafka is named', () => {
  const status = statusText({ members: 2, table: 'onchain_offsets', partitions: [] }, fakeIo())
  assert.match(status, /2 members, its offsets are in the table onchain_offsets\.$/)
  const none = { group: 'g', members: 0, partitions: [], left: [] }
  const plan = planText({ ...none, table: 'onchain_offsets' }, fakeIo())
  assert.match(plan, /^Group g: no members, its offsets are in the table onchain_offsets\. /m)
})

test('a plan fits 120 columns, whatever the names and offsets', () => {
  const each = {
    ...{ topic: 'x'.repeat(60), partition: 12, move: null, beyond: 0, deleted: 0, seconds: 90 },
    ...{ committed: 1_234_567_890, offset: 1_234_500_000, replay: 67_890, skip: 0, time: 0 },
    owner: `${'consumer-0-'.repeat(4)} (10.0.0.7)`,
  }
  const made = { group: 'g', members: 1, table: null, partitions: [each], left: [] }
  const text = planText(made, fakeIo())
  assert.match(text, /1,234,567,890 +1,234,500,000 +67,890 +0 +1970-01-01T00:00:00Z +0 +1m 30s/)
  assert.match(text, /^Group g: 1 member\. 67,890 records are handled again, 0 are skipped/m)
  for (const line of text.split('\n').slice(1, -2)) assert.ok(line.length <= 120, line)
})
