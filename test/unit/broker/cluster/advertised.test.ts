import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AdvertisedNames } from '../../../../src/broker/cluster/advertised.ts'
import { OccError } from '../../../../src/kernel/errors.ts'

const names = new AdvertisedNames(['localhost:9092'])
const away = new OccError('OCC_BROKER_UNREACHABLE', 'no broker answers there.', { retriable: true })
const nowhere = { host: 'kafka-0.invalid', port: 9092 }
const here = { host: '127.0.0.1', port: 9093 }

async function explained(error: unknown, broker: typeof here, all = [broker]): Promise<OccError> {
  const told = await names.explain(error, broker, all)
  assert.ok(told instanceof OccError)
  return told
}

test('if no advertised name can be resolved, the error is not retriable', async () => {
  const told = await explained(away, nowhere)
  assert.deepEqual([told.code, told.retriable], ['OCC_BROKER_ADVERTISED', false])
  assert.match(told.message, /localhost:9092 answer.*kafka-0\.invalid:9092.*advertised\.listeners/)
  assert.equal(told.cause, away)
})

test('if other advertised names can be resolved, the error is retriable', async () => {
  const told = await explained(away, nowhere, [nowhere, here])
  assert.deepEqual([told.code, told.retriable], ['OCC_BROKER_ADVERTISED', true])
})

test('an unreachable advertised address is explained as such', async () => {
  const told = await explained(away, here)
  assert.deepEqual([told.code, told.retriable], ['OCC_BROKER_UNREACHABLE', true])
  assert.match(
    told.message,
    /no broker answers there.*advertise this one as 127\.0\.0\.1:9093.*advertised\.lis/,
  )
})

test('errors for configured addresses, and other errors, are not changed', async () => {
  assert.equal(await explained(away, { host: 'localhost', port: 9092 }), away)
  const slow = new OccError('OCC_BROKER_TIMEOUT', 'slow', { retriable: true })
  assert.equal(await explained(slow, nowhere), slow)
})
