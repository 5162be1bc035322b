import assert from 'node:assert/strict'
import test from 'node:test'
import { configOf, loadYaml, problemsOf } from './support.ts'

const SINKS =
  'sinks: {out: {type: log}, db: {type: postgres, urlFile: config.yaml, events: transfers}}'

test('a rule needs a name and a sink that is there; a misspelt placeholder is said', (t) => {
  const problems = (rules: string) => problemsOf(loadYaml(t, `${SINKS}\nalerts: [${rules}]\n`))
  assert.deepEqual(problems('{name: a, to: out}, {name: b, to: out, lag: 5}'), [])
  assert.deepEqual(problems('{name: a, to: outt}'), [
    'alerts[0].to: is not one of sinks: no sink is called "outt", there are out, db. Did you mean out?',
  ])
  assert.deepEqual(problems('{name: a, to: db}'), [
    'alerts[0].to: is of type postgres, which takes rows',
  ])
  assert.deepEqual(problems('{name: a, to: out}, {name: a, to: out}'), [
    'alerts[1].name: is the name of two rules',
  ])
  assert.deepEqual(problems('{name: a, to: out, message: "{{amout}} {{from}}"}'), [
    'alerts[0].message: has {{amout}}, which does not exist. Did you mean {{amount}}?',
  ])
  assert.deepEqual(problems('{name: a, to: out, message: "{{count}}"}'), [
    'alerts[0].message: has {{count}}, which does not exist',
  ])
  assert.deepEqual(
    problems('{name: a, to: out, topics: [tron.*]}').map((text) => text.slice(0, 41)),
    ['alerts[0].topics: matches none of kafka.t'],
  )
})

test('a rule is about one thing', (t) => {
  const problems = (rule: string) =>
    problemsOf(loadYaml(t, `${SINKS}\nalerts: [{name: a, to: out, ${rule}}]\n`))
  assert.deepEqual(problems('silence: 60s, lag: 5'), ['alerts[0].lag: stands beside silence'])
  assert.deepEqual(problems('silence: 60s, filter: {success: true}'), [
    'alerts[0].filter: is for events, and silence is about the service',
  ])
  assert.deepEqual(problems('failedShare: {above: 0.5, within: 1m}, filter: {success: true}'), [
    'alerts[0].filter: has success, and failedShare counts both',
  ])
  assert.deepEqual(problems('silence: 5s'), [
    'alerts[0].silence: is below lag.interval = 10s, which is how often offsets are read',
  ])
  assert.deepEqual(problems('count: {atLeast: 1, within: 1m}'), [
    'alerts[0].count.atLeast: is out of range',
  ])
  assert.deepEqual(problems('filter: {minAmout: "5"}'), [
    'alerts[0].filter.minAmout: is not a known key. Did you mean alerts[0].filter.minAmount?',
  ])
})

test('a number that is out of range is answered with the bound that it passes', (t) => {
  const rule = '{name: a, to: out, failedShare: {above: 2, within: 1m, least: 0}}'
  const loaded = loadYaml(t, `${SINKS}\nalerts: [${rule}]\n`)
  assert.ok(!loaded.ok)
  assert.deepEqual(
    loaded.problems.map(({ key, remedy }) => [key, remedy]),
    [
      ['alerts[0].failedShare.above', 'write 1 or less'],
      ['alerts[0].failedShare.least', 'write 1 or more'],
    ],
  )
})

test('topics that only rules get are not said to have no handler; lists begin in the folder of the file', (t) => {
  const filter = 'filter: {addressesFile: config.yaml}'
  const loaded = loadYaml(
    t,
    `${SINKS}\nhandlers: [{sink: out, topics: [other.*]}]\nalerts: [{name: a, to: out, ${filter}}]\n`,
  )
  assert.deepEqual(
    problemsOf(loaded).map((text) => text.slice(0, 45)),
    ['handlers[0].topics: matches none of kafka.top'],
  )
  const { alerts } = configOf(loadYaml(t, `${SINKS}\nalerts: [{name: a, to: out, ${filter}}]\n`))
  assert.match(alerts[0]?.filter?.addressesFile ?? '', /^\/.*\/config.yaml$/)
})
