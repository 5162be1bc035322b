import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { readSecretFile, unreadableRemedy } from '../../../src/config/secrets.ts'
import { OccError } from '../../../src/kernel/errors.ts'
import { configOf, folder, loadEnv, MIN, problemsOf, textOf, warningsOf } from './support.ts'

const SASL = {
  ...MIN,
  KAFKA_GROUP_ID: 'user-1',
  KAFKA_SECURITY_PROTOCOL: 'SASL_PLAINTEXT',
  KAFKA_SASL_MECHANISM: 'SCRAM-SHA-512',
  KAFKA_SASL_USERNAME: 'user',
}

function withPassword(t: TestContext, content = 'hunter2\n'): string {
  return join(folder(t, { password: content }), 'password')
}

test('a login is a mechanism, a user and the path of a password, never the password', (t) => {
  const path = withPassword(t)
  const result = loadEnv({ ...SASL, KAFKA_SASL_PASSWORD_FILE: path })
  const { sasl } = configOf(result).kafka
  assert.deepEqual(sasl, {
    mechanism: 'SCRAM-SHA-512',
    username: 'user',
    usernameFile: undefined,
    passwordFile: path,
  })
  assert.deepEqual(warningsOf(result), [])
  assert.doesNotMatch(JSON.stringify(configOf(result)), /hunter2/)
})

test('SASL without credentials names everything that is missing', () => {
  const result = loadEnv({ ...MIN, KAFKA_SECURITY_PROTOCOL: 'SASL_SSL' })
  assert.deepEqual(problemsOf(result), [
    'kafka.sasl.mechanism: is missing, and kafka.securityProtocol is SASL_SSL',
    'kafka.sasl.username: is missing, and kafka.securityProtocol is SASL_SSL',
    'kafka.sasl.passwordFile: is missing, and kafka.securityProtocol is SASL_SSL',
  ])
  assert.match(textOf(result), /KAFKA_SASL_PASSWORD_FILE/)
})

test('a password file that is missing or empty is a problem', (t) => {
  const missing = loadEnv({ ...SASL, KAFKA_SASL_PASSWORD_FILE: '/nowhere/password' })
  assert.match(
    textOf(missing),
    /kafka\.sasl\.passwordFile = "\/nowhere\/password" \(from KAFKA_SASL_PASSWORD_FILE\)\n\s+names a file that does not exist/,
  )
  const empty = loadEnv({ ...SASL, KAFKA_SASL_PASSWORD_FILE: withPassword(t, '\n') })
  assert.match(textOf(empty), /is empty; .*\n\s+Remedy: write the secret into the file\n/)
  const refused = Object.assign(new Error('refused'), { code: 'EACCES' })
  for (const error of [refused, new OccError('OCC_SECRET_UNREADABLE', 'no', { cause: refused })]) {
    assert.match(unreadableRemedy(error, 'else'), /let the user .* read it: .*fsGroup/)
  }
  assert.equal(unreadableRemedy(new Error('else'), 'else'), 'else')
})

test('a password instead of its path is not shown', (t) => {
  const result = loadEnv({ ...SASL, KAFKA_SASL_PASSWORD_FILE: 'hunter2' }, { cwd: folder(t) })
  assert.ok(!result.ok)
  assert.doesNotMatch(textOf(result), /hunter2/)
})

test('a group that does not begin with the user name is a warning', (t) => {
  const env = { ...SASL, KAFKA_SASL_PASSWORD_FILE: withPassword(t), KAFKA_GROUP_ID: 'other' }
  const result = loadEnv(env)
  assert.ok(result.ok)
  assert.match(textOf(result), /kafka\.groupId = "other".*\n.*SASL user name \(user\)/)
})

test('the user name can come from a file, and stays there', (t) => {
  const path = folder(t, { username: 'secret-user\n', password: 'p' })
  const { KAFKA_SASL_USERNAME: _name, ...rest } = SASL
  const env = {
    ...rest,
    KAFKA_SASL_USERNAME_FILE: join(path, 'username'),
    KAFKA_SASL_PASSWORD_FILE: join(path, 'password'),
  }
  assert.match(warningsOf(loadEnv(env)).join(), /does not begin with the SASL user name/)
  assert.doesNotMatch(textOf(loadEnv(env)), /secret-user/)
  assert.deepEqual(warningsOf(loadEnv({ ...env, KAFKA_GROUP_ID: 'secret-user-1' })), [])
  const both = loadEnv({ ...env, KAFKA_SASL_USERNAME: 'user' })
  assert.deepEqual(problemsOf(both), [
    'kafka.sasl.usernameFile: is set together with kafka.sasl.username',
  ])
})

test('credentials and certificates without effect are a warning', () => {
  const env = { ...MIN, KAFKA_SSL_CA_LOCATION: '/x', KAFKA_SASL_USERNAME: 'u' }
  const result = loadEnv(env)
  assert.equal(configOf(result).kafka.tls, undefined)
  assert.equal(configOf(result).kafka.sasl, undefined)
  assert.deepEqual(warningsOf(result), [
    'kafka.securityProtocol: is PLAINTEXT, so kafka.sasl.username has no effect',
    'kafka.securityProtocol: is PLAINTEXT, so kafka.tls.caFile has no effect',
  ])
})

test('what editors and shells add around a secret is not part of it', (t) => {
  for (const content of ['\ufeffhunter2', 'hunter2\n\n', '\r\n \nhunter2\r\n \t\n', 'hunter2\r']) {
    assert.equal(readSecretFile(withPassword(t, content)), 'hunter2', JSON.stringify(content))
  }
  assert.equal(readSecretFile(withPassword(t, '\ufeff a=b,c \n')), ' a=b,c ')
  for (const content of ['', ' \n', '\ufeff\r\n', ' \t']) {
    assert.throws(() => readSecretFile(withPassword(t, content)), { code: 'OCC_SECRET_EMPTY' })
  }
})

test('white space at the ends of a secret and several lines are a warning, and never shown', (t) => {
  const warned = (content: string) => {
    const result = loadEnv({ ...SASL, KAFKA_SASL_PASSWORD_FILE: withPassword(t, content) })
    assert.ok(result.ok)
    assert.doesNotMatch(JSON.stringify(result.warnings), /hunter2|more/)
    return warningsOf(result)
  }
  const counts = 'which is part of the secret'
  const names = 'kafka.sasl.passwordFile: names a file whose content'
  assert.deepEqual(warned('hunter2 \n'), [`${names} begins or ends with white space, ${counts}`])
  assert.deepEqual(warned('\thunter2'), [`${names} begins or ends with white space, ${counts}`])
  assert.deepEqual(warned('hunter2\nmore\n'), [`${names} has several lines, ${counts}`])
  assert.deepEqual(warned('hunter2 more\n\n'), [])
})

test('a secret that is not UTF-8 is a problem', (t) => {
  const path = withPassword(t)
  writeFileSync(path, Buffer.from('\ufeffhunter2', 'utf16le'))
  const result = loadEnv({ ...SASL, KAFKA_SASL_PASSWORD_FILE: path })
  assert.deepEqual(problemsOf(result), [
    'kafka.sasl.passwordFile: names a file that is not UTF-8 text',
  ])
  assert.doesNotMatch(textOf(result), /hunter2/)
})

test('a non-ASCII user name is a warning with SCRAM, because Apache Kafka refuses it', (t) => {
  const login = {
    ...SASL,
    KAFKA_GROUP_ID: 'b\u00fccher-1',
    KAFKA_SASL_PASSWORD_FILE: withPassword(t),
  }
  const { KAFKA_SASL_USERNAME: _, ...others } = login
  const file = { ...others, KAFKA_SASL_USERNAME_FILE: withPassword(t, 'b\u00fccher\n') }
  for (const env of [{ ...login, KAFKA_SASL_USERNAME: 'b\u00fccher' }, file]) {
    assert.match(
      warningsOf(loadEnv(env)).join(),
      /non-ASCII characters, which Apache Kafka refuses with SCRAM/,
    )
    const plain = loadEnv({ ...env, KAFKA_SASL_MECHANISM: 'PLAIN' })
    assert.deepEqual(warningsOf(plain), [])
  }
})

test('a secret is read without its final line break, and again after a rotation', (t) => {
  const path = withPassword(t, ' spaced \r\n')
  assert.equal(readSecretFile(path), ' spaced ')
  writeFileSync(path, 'new')
  assert.equal(readSecretFile(path), 'new')
  assert.throws(() => readSecretFile(join(path, 'below')), { code: 'OCC_SECRET_UNREADABLE' })
})
