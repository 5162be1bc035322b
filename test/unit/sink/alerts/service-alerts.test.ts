import assert from 'node:assert/strict'
import test from 'node:test'
import { createServiceAlerts } from '../../../../src/sink/alerts/service-alerts.ts'
import type { Alert } from '../../../../src/sink/alerts/types.ts'
import { modelClock } from './rules.ts'

function running(cooldown = 0) {
  const clock = modelClock()
  const said: Array<Alert & { readonly id: string }> = []
  const sink = { isDown: false }
  const meter = { sent: 0, held: 0, old: 0 }
  const rule = {
    name: 'silent',
    kind: 'silence',
    message: '{{topic}} {{value}}',
    cooldown,
  } as const
  const alerts = createServiceAlerts(
    rule,
    async (id, alert) => {
      if (sink.isDown) throw new Error('down')
      said.push({ id, ...alert })
    },
    { clock, meter },
  )
  const look = (isBad: boolean, subject = 'transfers') =>
    alerts.look([{ subject, scope: '', isBad, value: '60s', limit: '60s' }])
  return { alerts, look, clock, sink, said }
}

test('it is said once, and its end with the same incident', async () => {
  const { look, said, clock } = running()
  for (const isBad of [false, true, true, false, false]) await look(isBad)
  clock.pass(1_000)
  await look(true)
  assert.deepEqual(
    said.map(({ state, message }) => [state, message]),
    [
      ['firing', 'transfers 60s'],
      ['resolved', 'Resolved: silent (transfers)'],
      ['firing', 'transfers 60s'],
    ],
  )
  assert.deepEqual(new Set(said.map(({ incident }) => incident)), new Set(['silent/transfers']))
  assert.equal(new Set(said.map(({ id }) => id)).size, 3)
})

test('what the sink does not take is said at a later look, under the same id', async () => {
  const { look, said, sink, clock } = running()
  sink.isDown = true
  await assert.rejects(look(true), /down/)
  sink.isDown = false
  clock.pass(5_000)
  await look(true)
  assert.deepEqual(
    said.map(({ state }) => state),
    ['firing'],
  )
  sink.isDown = true
  await assert.rejects(look(false), /down/)
  sink.isDown = false
  await look(false)
  assert.deepEqual(
    said.map(({ state }) => state),
    ['firing', 'resolved'],
  )
})

test('what was over before the sink took it is said, too, with its end', async () => {
  const { look, said, sink } = running()
  sink.isDown = true
  await assert.rejects(look(true), /down/)
  await assert.rejects(look(false), /down/)
  sink.isDown = false
  await look(false)
  await look(false)
  assert.deepEqual(
    said.map(({ state }) => state),
    ['firing', 'resolved'],
  )
})

test('within the cooldown it is not said again, nor its end', async () => {
  const { look, said, clock } = running(60_000)
  for (const isBad of [true, false, true, false]) await look(isBad)
  assert.equal(said.length, 2)
  clock.pass(60_000)
  await look(true)
  assert.equal(said.length, 3)
})

test('a topic that another pod looks at now is forgotten without a word', async () => {
  const { look, alerts, said } = running()
  await look(true)
  await alerts.look([])
  await look(false)
  assert.deepEqual(
    said.map(({ state }) => state),
    ['firing'],
  )
})
