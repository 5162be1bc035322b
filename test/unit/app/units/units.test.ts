import assert from 'node:assert/strict'
import test, { type TestContext } from 'node:test'
import { speaks } from '../../../../src/app/units/merge-units.ts'
import { type UnitConfig, unitsOf } from '../../../../src/app/units/units.ts'
import { configOf, loadYaml } from '../../config/support.ts'

const ENV = { KAFKA_TOPICS: 'solana.transfers,tron.transfers', KAFKA_GROUP_ID: 'app' }

function units(t: TestContext, handlers: string, more = '', embedded = false) {
  const config = configOf(loadYaml(t, `handlers: [${handlers}]\n${more}`, ENV))
  return { config, units: unitsOf(config, embedded) }
}

/** `group: topics (names of the modules)` */
function words({ config: { kafka, handlers } }: UnitConfig): string {
  const paths = handlers.map(({ path }) => path?.replace(/.*\//, ''))
  return `${kafka.groupId}: ${kafka.topics.join()} (${paths.join()})`
}

test('without a group of its own, the configuration of the service is that of the only unit', (t) => {
  const { config, units: list } = units(t, '{path: a.ts}, {path: b.ts}')
  assert.equal(list.length, 1)
  assert.equal(list[0]?.config, config)
  assert.equal(list[0]?.own, null)
})

test('a handler with a group of its own gets its topics in a unit, and the others keep theirs', (t) => {
  const { units: list } = units(
    t,
    '{path: a.ts}, {path: b.ts, name: slack, group: own, topics: [solana.*]}',
  )
  assert.deepEqual(list.map(words), [
    'app: solana.transfers,tron.transfers (a.ts)',
    'app.slack: solana.transfers (b.ts)',
  ])
  assert.deepEqual(
    list.map(({ own }) => own),
    [null, 'slack'],
  )
})

test('of the groups that have a topic, the first speaks for it', (t) => {
  const own = '{path: a.ts, name: a, group: own, topics: [solana.*]}'
  const { units: both } = units(t, `${own}, {path: b.ts}`)
  const { units: alone } = units(t, `${own}, {path: b.ts, name: b, group: own}`)
  const [topic, group] = ['solana.transfers', 'app.a']
  const said = (list: readonly UnitConfig[]) =>
    [{ topic }, { topic, group }, { topic, group: 'app.b' }].map((one) => speaks(list, one))
  assert.deepEqual(
    [said(both), said(alone)],
    [
      [true, false, false],
      [false, true, false],
    ],
  )
})

test('a topic that only own groups get is not consumed twice; one without any handler still is', (t) => {
  const own = '{path: b.ts, name: slack, group: own, topics: [solana.*]}'
  const { units: list } = units(t, `{path: a.ts, topics: [tron.*]}, ${own}`)
  assert.deepEqual(list.map(words), [
    'app: tron.transfers (a.ts)',
    'app.slack: solana.transfers (b.ts)',
  ])
  const shared = units(
    t,
    '{path: a.ts, topics: [solana.*]}, {path: b.ts, name: s, group: own, topics: [solana.*]}',
  )
  assert.equal(words(shared.units[0] as UnitConfig), 'app: solana.transfers,tron.transfers (a.ts)')
})

test('where no handler is left for it, the group of the service has no member', (t) => {
  const own = '{path: b.ts, name: slack, group: own}'
  assert.deepEqual(units(t, own).units.map(words), [
    'app.slack: solana.transfers,tron.transfers (b.ts)',
  ])
  assert.deepEqual(units(t, own, '', true).units.map(words), [
    'app: solana.transfers,tron.transfers ()',
    'app.slack: solana.transfers,tron.transfers (b.ts)',
  ])
})

test('its order and limits are those of its unit, and of no other', (t) => {
  const { units: list } = units(
    t,
    '{path: a.ts}, {path: b.ts, name: slack, group: own, order: none, concurrency: 3, maxRecordsPerSecond: 7, attempts: 2}',
    'processing: {order: key, workers: 2}\nretry: {attempts: 9}\n',
  )
  const limits = list.map(({ config: { processing, retry } }) => {
    const { order, concurrency, maxRecordsPerSecond, workers } = processing
    return [order, concurrency, maxRecordsPerSecond, workers, retry.attempts]
  })
  assert.deepEqual(limits, [
    ['key', 100, 0, 2, 9],
    ['none', 3, 0, 0, 2],
  ])
  assert.equal(list[1]?.config.handlers[0]?.maxRecordsPerSecond, 7)
})

test('the groups have equal parts of the memory', (t) => {
  const { units: list } = units(
    t,
    '{path: a.ts}, {path: b.ts, name: slack, group: own}, {path: c.ts, name: audit, group: own}',
    'flow: {maxBytes: 30MiB}\n',
  )
  assert.deepEqual(
    list.map(({ config }) => config.flow.maxBytes / 2 ** 20),
    [10, 10, 10],
  )
})

test('a rule about events is a handler without code of the shared group; one about the service is none', (t) => {
  const alerts = `sinks: {out: {type: log}}
alerts:
  - {name: whale, to: out, topics: [solana.*], filter: {minAmount: '5'}}
  - {name: silent, to: out, silence: 60s}
`
  const { units: list } = units(t, '{path: b.ts, name: slack, group: own}', alerts)
  assert.deepEqual(list.map(words), [
    'app: solana.transfers ()',
    'app.slack: solana.transfers,tron.transfers (b.ts)',
  ])
  const [rule] = list[0]?.config.handlers ?? []
  assert.deepEqual([rule?.name, rule?.sink, rule?.each], ['whale', 'alert:whale', 'event'])
  // A superseded block passes every filter, and would be an alert without an amount.
  const kinds = ['transfer', 'transaction', 'trade']
  assert.deepEqual(rule?.filter, { kinds, minAmount: '5' })
})
