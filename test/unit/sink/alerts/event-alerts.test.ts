import assert from 'node:assert/strict'
import test from 'node:test'
import { toAlertEvent } from '../../../../src/sink/alerts/event.ts'
import { createWindows } from '../../../../src/sink/alerts/windows.ts'
import { running, START, transfer } from './rules.ts'

test('a message says amounts in units of the asset, exactly, and what is unknown as a dash', async () => {
  const message = '{{amount}} {{asset}} from {{from}} to {{ to }} at {{time}}, {{topic}}/{{offset}}'
  const rule = running({ message })
  await rule.take(transfer('1', { amount: 123_456_789_012_345_678_901n }))
  await rule.take(
    transfer('2', { amount: '5', asset: { address: 'm', symbol: '', decimals: null } }),
  )
  await rule.take(transfer('3', { amount: null, asset: null, from: null, time: null }))
  const at = '2026-01-31T12:00:00.000Z'
  assert.deepEqual(rule.texts(), [
    `123456789012345.678901 USDC from a to b at ${at}, transfers/1`,
    `5 (smallest units) m from a to b at ${at}, transfers/1`,
    `- - from - to b at ${at}, transfers/1`,
  ])
})

test('an event whose time is none is said as well', async () => {
  const rule = running({ message: '{{time}}' })
  await rule.take(transfer('1', { time: 1_769_860_800_000_000_000 }))
  await rule.take(transfer('2', { time: null, timestamp: 1_769_860_800_000_000_000 }))
  assert.deepEqual(rule.texts(), ['1769860800000000000', '1769860800000000000'])
})

test('what a stream says is never taken for a placeholder', async () => {
  const rule = running({ message: '{{asset}} {{from}}' })
  const asset = { address: 'm', symbol: '{{from}} $& $1', decimals: 6 }
  await rule.take(transfer('1', { asset }))
  assert.deepEqual(rule.texts(), ['{{from}} $& $1 a'])
})

test('each event is an incident of its own; ids are the same whenever it is said', async () => {
  const rule = running()
  await rule.take(transfer('1'))
  await rule.take(transfer('2'))
  assert.deepEqual(
    rule.said.map(({ id, incident }) => [id, incident]),
    [
      ['rule/solana/1', 'rule/solana/1'],
      ['rule/solana/2', 'rule/solana/2'],
    ],
  )
})

test('after an alert, those of the same key are held back, and then told together', async () => {
  const rule = running({ cooldown: 60_000, per: 'from' })
  for (const id of ['1', '2', '3']) await rule.take(transfer(id))
  await rule.take(transfer('4', { from: 'other' }))
  await rule.tick()
  assert.deepEqual(rule.texts(), ['1', '4'])
  rule.clock.pass(60_000)
  await rule.tick()
  assert.deepEqual(rule.texts().slice(2), ['rule: 2 more of a in 60s'])
  assert.equal(rule.said.at(-1)?.held, 2)
  await rule.take(transfer('5'))
  assert.equal(rule.said.length, 3)
  assert.deepEqual(rule.meter, { sent: 3, held: 3, old: 0 })
})

test('a digest counts more than the alerts that are remembered by id', async () => {
  const rule = running({ cooldown: 60_000 })
  for (let id = 0; id <= 2_500; id++) await rule.take(transfer(String(id)))
  // The records of the first of them come again, as after a crash.
  for (let id = 0; id < 500; id++) await rule.take(transfer(String(id)))
  rule.clock.pass(60_000)
  await rule.tick()
  assert.deepEqual(rule.texts(), ['0', 'rule: 2500 more in 60s'])
  assert.equal(rule.said.at(-1)?.held, 2_500)
})

test('events that come at the same time are one alert', async () => {
  const rule = running({ cooldown: 60_000 })
  await Promise.all(['1', '2', '3'].map((id) => rule.take(transfer(id))))
  await rule.flush()
  assert.deepEqual(rule.texts(), ['1', 'rule: 2 more in 60s'])
})

test('a digest that is being said when the service ends is said once', async () => {
  const rule = running({ cooldown: 60_000 })
  for (const id of ['1', '2']) await rule.take(transfer(id))
  rule.clock.pass(60_000)
  await Promise.all([rule.tick(), rule.flush()])
  assert.deepEqual(rule.texts(), ['1', 'rule: 1 more in 60s'])
})

test('a digest that the sink does not take is said later, with what came meanwhile', async () => {
  const rule = running({ cooldown: 60_000 })
  for (const id of ['1', '2']) await rule.take(transfer(id))
  rule.clock.pass(60_000)
  rule.sink.isDown = true
  await assert.rejects(rule.tick(), /down/)
  rule.sink.isDown = false
  await rule.take(transfer('3'))
  await rule.take(transfer('4'))
  await rule.flush()
  assert.deepEqual(rule.texts(), ['1', '3', 'rule: 2 more in 60s'])
})

test('an alert that the sink does not take fails for all that wait for it, and is said later', async () => {
  const rule = running({ cooldown: 60_000 })
  rule.sink.isDown = true
  const results = await Promise.allSettled(['1', '2', '3'].map((id) => rule.take(transfer(id))))
  assert.deepEqual(
    results.map(({ status }) => status),
    ['rejected', 'rejected', 'rejected'],
  )
  rule.sink.isDown = false
  await rule.take(transfer('1'))
  // Its record comes again for another reason: it is not one more.
  await rule.take(transfer('1'))
  await rule.flush()
  assert.deepEqual(rule.texts(), ['1'])
})

test('records that are older than maxAge say nothing', async () => {
  const rule = running({ maxAge: 60_000 })
  await rule.take(transfer('1', { timestamp: START - 60_001 }))
  await rule.take(transfer('2', { timestamp: START - 60_000 }))
  assert.deepEqual(rule.texts(), ['2'])
  assert.equal(rule.meter.old, 1)
})

test('count: so many events of a key within the time, each counted once', async () => {
  const window = { within: 60_000, count: 3 }
  const rule = running({ window, cooldown: 60_000, per: 'to', message: '{{count}} to {{key}}' })
  const at = (id: string, seconds: number, to = 'b') =>
    rule.take(transfer(id, { time: START + seconds * 1000, to }))
  await at('1', 0)
  await at('2', 30)
  await at('2', 30)
  await at('x', 30, 'c')
  assert.deepEqual(rule.texts(), [])
  await at('3', 60)
  // The first is 60 seconds old: the window holds two.
  assert.deepEqual(rule.texts(), [])
  await at('4', 61)
  assert.deepEqual(rule.texts(), ['3 to b'])
})

test('a window that is full is said again if its sink did not take it', async () => {
  const rule = running({ window: { within: 60_000, count: 2 }, cooldown: 60_000 })
  await rule.take(transfer('1'))
  rule.sink.isDown = true
  await assert.rejects(rule.take(transfer('2')))
  rule.sink.isDown = false
  await rule.take(transfer('2'))
  assert.deepEqual(rule.texts(), ['2'])
})

test('a window that has moved on meanwhile is said as it was, once its sink takes it', async () => {
  const rule = running({ window: { within: 60_000, count: 2 }, message: '{{count}} until {{id}}' })
  await rule.take(transfer('1'))
  rule.sink.isDown = true
  await assert.rejects(rule.take(transfer('2')))
  // The sink is down for longer than the window; another partition goes on.
  rule.clock.pass(600_000)
  await rule.take(transfer('3', { time: START + 600_000 }))
  rule.sink.isDown = false
  await rule.take(transfer('2'))
  assert.deepEqual(rule.texts(), ['2 until 2'])
})

test('a record that is tried again says the same, so a sink can leave it out', async () => {
  const rule = running({ window: { within: 60_000, count: 2 }, cooldown: 0, message: '{{count}}' })
  for (const id of ['1', '2']) await rule.take(transfer(id))
  rule.clock.pass(1_000)
  await rule.take(transfer('3'))
  await rule.take(transfer('2'))
  const [first, , again] = rule.said
  assert.deepEqual(again, first)
})

test('an event whose time is far ahead does not empty the windows of those that follow', async () => {
  const rule = running({
    window: { within: 60_000, count: 3 },
    cooldown: 60_000,
    message: '{{id}}',
  })
  await rule.take(transfer('1', { time: Date.parse('2126-01-31') }))
  await rule.take(transfer('2', { time: START + 1_000 }))
  await rule.take(transfer('3', { time: START + 1_000 }))
  assert.deepEqual(rule.texts(), ['3'])
})

test('sum: exact, of one asset at a time, and nothing whose decimals are unknown', async () => {
  const window = { within: 60_000, sum: '2.5' }
  const rule = running({ window, cooldown: 60_000, per: 'from', message: '{{sum}} {{asset}}' })
  const other = { address: 'other', symbol: 'OTHER', decimals: 6 }
  await rule.take(transfer('1'))
  await rule.take(transfer('2', { asset: other, amount: 2_000_000n }))
  await rule.take(transfer('3', { asset: { ...other, decimals: null }, amount: 9_000_000n }))
  // A record that comes again is not counted again.
  await rule.take(transfer('4', { amount: 1_499_999n }))
  await rule.take(transfer('4', { amount: 1_499_999n }))
  assert.deepEqual(rule.texts(), [])
  await rule.take(transfer('5', { amount: 1n }))
  assert.deepEqual(rule.texts(), ['2.5 USDC'])
})

test('failedShare: more than the share of at least so many events', async () => {
  const window = { within: 60_000, share: { above: 0.5, least: 4 } }
  const rule = running({ window, cooldown: 60_000, message: '{{share}} of {{count}}' })
  const states = [false, false, false, true, false]
  for (const [index, success] of states.entries()) {
    await rule.take(transfer(String(index), { success }))
  }
  assert.deepEqual(rule.texts(), ['75 % of 4'])
})

test('a rule remembers no more than 100,000 events, and goes on counting', () => {
  const windows = createWindows({ within: 60_000, count: 10_000 })
  const event = toAlertEvent(transfer('x'))
  for (let index = 0; index < 100_500; index++) {
    assert.equal(windows.add(`wallet-${index}`, { ...event, id: String(index) }), null)
  }
  const counted = Array.from({ length: 10_000 }, (_, index) =>
    windows.add('a', { ...event, id: `a-${index}` }),
  )
  assert.deepEqual([counted.at(-2), counted.at(-1)?.count], [null, '10000'])
})
