import assert from 'node:assert/strict'
import test from 'node:test'
import { Sending } from '../../../../src/cli/produce/sending.ts'
import { OccError } from '../../../../src/kernel/errors.ts'

const record = {
  ...{ topic: 't', key: null, value: Buffer.from('v'), headers: {} },
  ...{ timestamp: null, partition: null },
}

function createSending(write: () => Promise<void>) {
  const { signal } = new AbortController()
  return new Sending({ writer: { write }, compression: 'none', rate: 0, signal, progress() {} })
}

test('a batch that was not acknowledged is sent again, and that is counted', async () => {
  let calls = 0
  const sending = createSending(async () => {
    calls += 1
    if (calls === 1)
      throw new OccError('OCC_NOT_ACKNOWLEDGED', 'a leader moves', { retriable: true })
  })
  await sending.add(record)
  await sending.add(record)
  assert.equal(sending.acknowledged, 0)
  await sending.flush()
  assert.deepEqual([calls, sending.acknowledged, sending.repeated], [2, 2, 2])
})

test('what another attempt cannot change ends it at once, and is not counted', async () => {
  let calls = 0
  const sending = createSending(async () => {
    calls += 1
    throw new OccError('OCC_RECORD_TOO_LARGE', 'too large', { retriable: true })
  })
  await sending.add(record)
  await assert.rejects(sending.flush(), /too large/)
  assert.deepEqual([calls, sending.acknowledged], [1, 0])
})
