import assert from 'node:assert/strict'
import { join } from 'node:path'
import test from 'node:test'
import { configOf, folder, loadEnv, loadYaml, MIN, problemsOf, textOf } from './support.ts'

test('an old name is answered with its new name', (t) => {
  const yaml = 'sink: {failedRecords: {file: a.ndjson}}\n'
  assert.match(textOf(loadYaml(t, yaml)), /sink\.failedRecords\n +was renamed to deadLetters/)
  const env = { ...MIN, OCC_SINK_FAILED_RECORDS_FILE: 'a.ndjson' }
  assert.match(textOf(loadEnv(env)), /was renamed to OCC_DEAD_LETTERS_FILE_FOLDER/)
})

test('a switch can be set by the environment, and by nothing but true and false', () => {
  const name = 'OCC_DEAD_LETTERS_KAFKA_CREATE_TOPIC'
  assert.equal(configOf(loadEnv({ ...MIN, [name]: 'true' })).deadLetters.kafka.createTopic, true)
  assert.equal(loadEnv({ ...MIN, [name]: 'yes' }).ok, false)
})

test('a table needs the file of its URL, which is never in the configuration', (t) => {
  const missing = loadYaml(t, 'deadLetters: {target: postgres}\n')
  assert.match(textOf(missing), /deadLetters\.postgres\.urlFile\n +is missing/)
  const url = 'postgresql://user:hunter2@db/letters'
  const given = loadYaml(t, `deadLetters: {postgres: {url: "${url}"}}\n`)
  assert.match(textOf(given), /put it into a file.*deadLetters\.postgres\.urlFile/)
  assert.doesNotMatch(textOf(given), /hunter2/)
  const instead = loadYaml(t, `deadLetters: {target: postgres, postgres: {urlFile: "${url}"}}\n`)
  assert.equal(instead.ok, false)
  assert.doesNotMatch(textOf(instead), /hunter2/)
})

test('another cluster has its own credentials, which are checked like those of the first', (t) => {
  const path = folder(t, { password: 'hunter2' })
  const yaml = (more: string) =>
    `deadLetters: {target: kafka, kafka: {brokers: ["b:9092"], securityProtocol: SASL_PLAINTEXT${more}}}\n`
  assert.deepEqual(problemsOf(loadYaml(t, yaml(''))), [
    'deadLetters.kafka.sasl.mechanism: is missing, and deadLetters.kafka.securityProtocol is SASL_PLAINTEXT',
    'deadLetters.kafka.sasl.username: is missing, and deadLetters.kafka.securityProtocol is SASL_PLAINTEXT',
    'deadLetters.kafka.sasl.passwordFile: is missing, and deadLetters.kafka.securityProtocol is SASL_PLAINTEXT',
  ])
  const sasl = `, sasl: {mechanism: PLAIN, username: me, passwordFile: ${join(path, 'password')}}`
  const { kafka, deadLetters } = configOf(loadYaml(t, yaml(sasl)))
  assert.equal(deadLetters.kafka.sasl?.username, 'me')
  assert.equal(kafka.sasl, undefined)
  const tls = yaml(', tls: {caFile: /nowhere.pem}').replace('SASL_PLAINTEXT', 'SSL')
  assert.match(problemsOf(loadYaml(t, tls)).join(), /deadLetters\.kafka\.tls\.caFile: names a file/)
})

test('dead letters do not go into a topic that is consumed', () => {
  const env = {
    ...MIN,
    KAFKA_TOPICS: 'a,a.dlq',
    OCC_DEAD_LETTERS_TARGET: 'kafka',
  }
  assert.match(
    problemsOf(loadEnv(env)).join(),
    /puts dead letters of a into a topic that is consumed/,
  )
  assert.ok(loadEnv({ ...env, OCC_DEAD_LETTERS_KAFKA_BROKERS: 'other:9092' }).ok)
})
