import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import {
  formatAddress,
  fromKafkajsHost,
  parseAddress,
  toKafkajsAddress,
} from '../../../../src/broker/connection/address.ts'

const createPoolBuilder: (options: object) => {
  build(): Promise<{ readonly host: string; readonly port: number }>
} = createRequire(import.meta.url)('kafkajs/src/cluster/connectionPoolBuilder')

for (const [text, host, port] of [
  ['kafka-0.kafka:9092', 'kafka-0.kafka', 9092],
  ['127.0.0.1:1', '127.0.0.1', 1],
  ['[::1]:9092', '::1', 9092],
  ['[2001:db8::a:b]:65535', '2001:db8::a:b', 65_535],
] as const) {
  test(`${text} is parsed and formatted, and survives kafkajs`, async () => {
    assert.deepEqual(parseAddress(text), { host, port })
    assert.equal(formatAddress({ host, port }), text)
    const logger = { namespace: () => logger }
    const brokers = [toKafkajsAddress(text)]
    const pool = await createPoolBuilder({ brokers, logger }).build()
    assert.deepEqual({ host: fromKafkajsHost(pool.host), port: pool.port }, { host, port })
  })
}

test('advertised hosts reach kafkajs unchanged', () => {
  assert.equal(fromKafkajsHost('::1'), '::1')
  assert.equal(fromKafkajsHost('kafka-0.kafka'), 'kafka-0.kafka')
})

for (const text of [
  '',
  'kafka',
  'kafka:',
  'kafka:0',
  'kafka:65536',
  '::1:9092',
  '[::1]',
  ':9092',
]) {
  test(`"${text}" is not an address`, () => {
    assert.throws(() => parseAddress(text), { code: 'OCC_BROKER_ADDRESS' })
  })
}
