import assert from 'node:assert/strict'
import test from 'node:test'
import { expectedEvents } from './expected-events.ts'
import { encoded, knownMessages } from './messages.ts'
import { decoderOf, messageOf } from './support.ts'

for (const known of knownMessages) {
  test(`the events of ${known.topic}`, () => {
    const { events } = messageOf(decoderOf(), known.topic, encoded(known))
    // Whatever is a bigint is text in the JSON.
    for (const event of JSON.parse(JSON.stringify(events))) {
      assert.equal(typeof event.block.number, 'string')
      assert.equal(typeof (event.trade?.buy.amount ?? event.amount ?? ''), 'string')
    }
    const noAccounts = { fromAccount: null, toAccount: null }
    assert.deepEqual(
      events.map((event) => ({ ...event })),
      expectedEvents[known.topic]?.map((event) => ({ ...noAccounts, ...event })),
    )
  })
}
