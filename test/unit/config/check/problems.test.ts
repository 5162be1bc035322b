import assert from 'node:assert/strict'
import test from 'node:test'
import {
  formatProblemLine,
  formatProblems,
  showValue,
} from '../../../../src/config/check/problems.ts'

test('values are shown as a user would write them', () => {
  assert.equal(showValue('kafka.groupId', 'a b'), '"a b"')
  assert.equal(showValue('http.port', 80), '80')
  assert.equal(showValue('kafka.topics', ['a']), '["a"]')
  assert.equal(showValue('http.port', undefined), undefined)
  assert.equal(showValue('kafka.groupId', 'x'.repeat(500))?.length, 103)
})

test('what is or may be a secret is not shown', () => {
  for (const key of ['sasl.password', 'sasl.jaas.config', 'ssl.key.pem', 'oauth.client.secret']) {
    assert.equal(showValue(key, 'hunter2'), undefined, key)
  }
  assert.equal(showValue('kafka.brokers[0]', 'user:hunter2@host:9092'), undefined)
  assert.equal(showValue('kafka.tls.keyFile', '-----BEGIN PRIVATE KEY-----'), undefined)
  assert.equal(showValue('kafka.sasl.passwordFile', 'hunter2'), undefined)
  assert.equal(showValue('kafka.sasl.passwordFile', '/etc/password'), '"/etc/password"')
  assert.equal(showValue('kafka.sasl.passwordFile', './password'), '"./password"')
})

test('a problem can be one line, for the log', () => {
  const problem = { key: 'a.b', source: 'A_B', value: '1', message: 'is small', remedy: 'write 2' }
  assert.equal(formatProblemLine(problem), 'a.b = 1 (from A_B) is small. Remedy: write 2')
  const asked = formatProblemLine({ ...problem, message: 'is unknown. Did you mean b?' })
  assert.equal(asked, 'a.b = 1 (from A_B) is unknown. Did you mean b? Remedy: write 2')
  assert.match(formatProblems([problem], 'warning'), /^1 warning in the configuration:\n\n {2}a\.b/)
})
