import assert from 'node:assert/strict'
import test from 'node:test'
import { loadYaml, problemsOf, warningsOf } from './support.ts'

const env = { KAFKA_TOPICS: 'solana.transfers,tron.transfers', KAFKA_GROUP_ID: 'group' }

test('a handler that matches no topic is refused: its records would be committed unhandled', (t) => {
  const yaml = 'handlers: [{path: a.ts, topics: ["solana.*"]}, {path: b.ts, topics: [trn.*]}]\n'
  assert.deepEqual(problemsOf(loadYaml(t, yaml, env)), [
    'handlers[1].topics: matches none of kafka.topics (solana.transfers, tron.transfers): the handler would get no records',
  ])
})

test('a topic without a handler is a warning, and only where there are handlers', (t) => {
  const some = loadYaml(t, 'handlers: [{path: a.ts, topics: ["solana.*", "ton.*"]}]\n', env)
  assert.deepEqual(problemsOf(some), [])
  assert.deepEqual(warningsOf(some), [
    'kafka.topics: has no handler: its records are decoded, counted and committed',
  ])
  assert.deepEqual(warningsOf(loadYaml(t, 'handlers: [{path: a.ts}]\n', env)), [])
  assert.deepEqual(warningsOf(loadYaml(t, 'handlers: []\n', env)), [])
})
