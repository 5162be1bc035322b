import assert from 'node:assert/strict'
import test from 'node:test'
import { statusText } from '../../../../src/cli/offsets/text.ts'
import { NOT_MOVED } from '../../../../src/kernel/replay.ts'

test('the lag counts what is still in the log, and the name of a client cannot steer the terminal', () => {
  const partition = {
    ...{ topic: 'a', partition: 0, low: 30, end: 50, committed: 10, ...NOT_MOVED },
    owner: 'me\u001b[2J (10.0.0.7)',
  }
  const text = statusText({ members: 1, partitions: [partition] })
  assert.match(text, /^a +0 +10 +50 +20 +- +me/m)
  assert.equal(text.includes('\u001b'), false)
})
