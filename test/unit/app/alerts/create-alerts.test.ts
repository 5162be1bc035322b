import assert from 'node:assert/strict'
import test from 'node:test'
import { createAlerts } from '../../../../src/app/alerts/create-alerts.ts'
import { createMeters } from '../../../../src/observe/meters/meters.ts'
import { createCapturedLog } from '../../../support/captured-log.ts'
import { partitionStatus } from '../../../support/status.ts'
import { configOf, loadYaml } from '../../config/support.ts'
import { modelClock, transfer } from '../../sink/alerts/rules.ts'

const YAML = `sinks: {slow: {type: log}, out: {type: log}}
alerts:
  - {name: hung, to: slow, headroom: 30m}
  - {name: broken, to: out, headroom: 20m}
  - {name: losing, to: out, headroom: 10m}
  - {name: each, to: out, cooldown: 1m, message: '{{id}}'}
`

test('each rule is looked at each second; one whose sink hangs or fails holds up no other', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] })
  const clock = modelClock()
  const log = createCapturedLog()
  const said: unknown[] = []
  const meters = createMeters()
  let last: unknown
  let isBroken = true
  const config = configOf(loadYaml(t, YAML))
  const alerts = createAlerts(config, {
    async emit({ handler }, sink, value) {
      if (sink === 'slow') await new Promise(() => {})
      if (handler === 'broken' && isBroken) throw new Error('down')
      last = value
      said.push([handler, Reflect.get(Object(value), 'state')])
    },
    ...{ meters, clock, log },
  })
  const partitions = [partitionStatus({ retentionHeadroom: 60_000 })]
  alerts.start(() => ({ partitions, progress: [], letters: 0, speaks: () => true }))
  async function second(): Promise<void> {
    clock.pass(1_000)
    t.mock.timers.tick(1_000)
    await new Promise(setImmediate)
  }
  await second()
  assert.deepEqual(said, [['losing', 'firing']])
  isBroken = false
  // Not at the next look: what failed is tried again after a pause.
  for (let pause = 0; pause < 3; pause++) await second()
  assert.deepEqual(said.slice(1), [['broken', 'firing']])
  assert.deepEqual(
    log.lines.map(({ fields }) => [fields.event, fields['alert']]),
    [['alert.waiting', 'broken']],
  )
  for (const id of ['1', '2']) {
    const emitted = alerts.emit({ handler: 'each', id }, 'alert:each', transfer(id), null)
    // The second one is held back.
    if (id === '1') await emitted
    else await assert.rejects(emitted, { code: 'OCC_ALERT_QUIET' })
  }
  // An operator has it handled once more.
  await assert.rejects(
    alerts.emit({ handler: 'each', id: '3', replay: true }, 'alert:each', transfer('3'), null),
    { code: 'OCC_ALERT_QUIET' },
  )
  assert.equal(meters.alert('each').old, 1)
  await alerts.close()
  assert.equal(Reflect.get(Object(last), 'held'), 1)
  assert.deepEqual(said.slice(2), [
    ['each', 'firing'],
    ['each', 'digest'],
  ])
})
