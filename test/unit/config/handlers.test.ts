import assert from 'node:assert/strict'
import { dirname, join } from 'node:path'
import test from 'node:test'
import { configOf, loadYaml, problemsOf, warningsOf } from './support.ts'

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

test('a group of its own needs a name: the autoscaler and operators must know it', (t) => {
  const missing = loadYaml(t, 'handlers: [{path: a.ts, group: own}]\n', env)
  assert.deepEqual(problemsOf(missing), [
    'handlers[0].name: is missing: with group: own it is part of the group, group.<name>',
  ])
  const twice = 'handlers: [{path: a.ts, name: x, group: own}, {path: b.ts, name: x, group: own}]\n'
  assert.deepEqual(problemsOf(loadYaml(t, twice, env)), [
    'handlers[1].name: is the name of two handlers with group: own',
  ])
  const long = { ...env, KAFKA_GROUP_ID: 'g'.repeat(250) }
  const [problem = ''] = problemsOf(
    loadYaml(t, 'handlers: [{path: a.ts, name: slack, group: own}]\n', long),
  )
  assert.match(problem, /^handlers\[0\]\.name: makes the group g+\.slack, which is not a valid/)
})

test('handlers that share a group share its order', (t) => {
  const handlers = (extra: string) =>
    loadYaml(t, `handlers: [{path: a.ts, name: x, order: none${extra}}]\n`, env)
  assert.deepEqual(problemsOf(handlers('')), [
    'handlers[0].order: is not processing.order = partition, in which all handlers of a group get their records',
  ])
  assert.deepEqual(problemsOf(handlers(', group: own')), [])
  const same = 'handlers: [{path: a.ts, order: key}]\nprocessing: {order: key}\n'
  assert.deepEqual(problemsOf(loadYaml(t, same, env)), [])
})

test('worker threads are for the handlers of the shared group: a warning says so', (t) => {
  const yaml = 'handlers: [{path: a.ts, name: x, group: own}]\nprocessing: {workers: 2}\n'
  assert.deepEqual(warningsOf(loadYaml(t, yaml, env)), [
    'processing.workers: is for the handlers of group: a handler with group: own runs in the main thread',
  ])
})

test('a topic without a handler is not consumed if every handler has a group of its own', (t) => {
  const yaml = 'handlers: [{path: a.ts, name: x, group: own, topics: [solana.*]}]\n'
  assert.deepEqual(warningsOf(loadYaml(t, yaml, env)), [
    'kafka.topics: has no handler: it is not consumed, because every handler has a group of its own',
  ])
})

test('limits of a handler that worker threads would multiply are refused', (t) => {
  const yaml = (group: string) =>
    `handlers: [{path: a.ts, name: x, concurrency: 2, maxRecordsPerSecond: 1${group}}]\nprocessing: {workers: 3}\n`
  assert.deepEqual(problemsOf(loadYaml(t, yaml(''), env)), [
    'handlers[0].concurrency: cannot be kept by processing.workers = 3: each thread would allow as much',
    'handlers[0].maxRecordsPerSecond: cannot be kept by processing.workers = 3: each thread would allow as much',
  ])
  assert.deepEqual(problemsOf(loadYaml(t, yaml(', group: own'), env)), [])
})

test('options that end in File are paths from the folder of the configuration; others stay', (t) => {
  const options = {
    urlFile: './url',
    certFile: '/abs/x',
    topicFile: 5,
    path: './as-it-is',
    nested: { keyFile: 'k' },
  }
  const result = loadYaml(t, JSON.stringify({ handlers: [{ path: './a.ts', options }] }))
  const [handler] = configOf(result).handlers
  assert.deepEqual(handler?.options, {
    ...options,
    urlFile: join(dirname(String(handler?.path)), 'url'),
  })
})
