import assert from 'node:assert/strict'
import test from 'node:test'
import { CodedError } from '../../../../src/kernel/errors.ts'
import { createLogger } from '../../../../src/observe/log/logger.ts'
import { redactFields } from '../../../../src/observe/log/redact.ts'

const SECRET = 'hunter2hunter2'

/** What a log line with these fields looks like, in both formats. */
function written(fields: Record<string, unknown>, text = ''): string {
  let all = ''
  const destination = {
    write: (line: string) => {
      all += line
    },
  }
  for (const format of ['json', 'text'] as const) {
    const log = createLogger({ level: 'trace', format, destination })
    log.info({ event: 'service.started', ...fields }, text)
    log.child(fields).info({ event: 'service.started' }, text)
  }
  return all
}

test('whatever is named like a secret is hidden, at any depth, in any case', () => {
  const names = [
    'password',
    'PASSWORD',
    'saslPassword',
    'sasl',
    'ssl_key',
    'ssl.key',
    'key',
    'clientKey',
    'passphrase',
    'private-key',
    'authorization',
    'Authorization',
    'proxyAuthorization',
    'secret',
    'clientSecret',
    'apiKey',
    'accessToken',
    'token',
    'cookie',
    'set-cookie',
    'credentials',
    'pfx',
    'KAFKA_PASSWORD',
    'connectionString',
  ]
  for (const name of names) {
    const fields = { [name]: SECRET }
    for (const line of [
      written(fields),
      written({ options: { kafka: [{ ssl: fields }] } }),
      written({ map: new Map([[name, SECRET]]) }),
      written({ whole: { [name]: { mechanism: 'plain', list: [SECRET] } } }),
    ]) {
      assert.ok(!line.includes(SECRET), `${name}: ${line}`)
      assert.ok(line.includes('[redacted]'), name)
    }
  }
})

test('secrets inside texts are hidden: URLs, private keys, messages of errors and their causes', () => {
  const url = `postgres://user:${SECRET}@db:5432/app`
  const awkward = `postgres://user:p@ss/${SECRET}@db/app`
  const pem = `-----BEGIN RSA PRIVATE KEY-----\n${SECRET}\n-----END RSA PRIVATE KEY-----`
  const cause = new Error(`cannot reach ${url}`)
  for (const line of [
    written({ url }, `connecting to ${url}`),
    written({ awkward }),
    written({ text: pem, cut: pem.slice(0, -20) }),
    written({ error: new CodedError('OCC_X', `cannot reach ${url}`, { cause }) }),
    written({ error: cause }),
  ]) {
    assert.ok(!line.includes(SECRET), line)
    assert.ok(line.includes('[redacted]'), line)
  }
})

test('what helps to find a mistake is kept: where a secret is, whether it is set, plain names', () => {
  const fields = {
    passwordFile: '/run/secrets/password',
    key_path: '/run/tls.key',
    password: '',
    token: undefined,
    keyFile: 'a',
    broker: 'rpk0:9093',
    url: 'https://host:8080/path',
    tokens: 3,
    partitionKeys: 2,
  }
  assert.deepEqual(redactFields(fields), fields)
})

test('values that JSON cannot represent do not break a line', () => {
  const circular: Record<string, unknown> = { name: 'a' }
  circular['self'] = circular
  const fields = {
    circular,
    amount: 18446744073709551557n,
    value: Buffer.from(SECRET),
    when: new Date(0),
    never: new Date(Number.NaN),
    set: new Set([1]),
  }
  assert.deepEqual(redactFields(fields), {
    circular: { name: 'a', self: '[circular]' },
    amount: '18446744073709551557',
    value: '[14 bytes]',
    when: '1970-01-01T00:00:00.000Z',
    never: null,
    set: [1],
  })
})

test('an error is logged whatever its author made of it', () => {
  const withMessage = (message: unknown) => Object.assign(new Error('x'), { message })
  const unreadable = Object.defineProperty(new Error('told'), 'cause', {
    get() {
      throw new Error('not yours')
    },
  })
  const errors = [withMessage({ code: 7 }), withMessage(undefined), unreadable]
  assert.deepEqual(redactFields({ errors }), {
    errors: [
      { code: 'Error', message: '{"code":7}' },
      { code: 'Error', message: 'Error' },
      { code: 'Error', message: 'told' },
    ],
  })
  const error = new CodedError('OCC_TOO_POOR', 'x', { cause: withMessage({ code: 7 }) })
  assert.deepEqual(redactFields({ error }), {
    error: { code: 'OCC_TOO_POOR', message: 'x', causes: ['{"code":7}'] },
  })
})
