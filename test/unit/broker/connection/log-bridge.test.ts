import assert from 'node:assert/strict'
import { test } from 'node:test'
import { logLevel } from 'kafkajs'
import { createLogCreator } from '../../../../src/broker/connection/log-bridge.ts'
import { type Log, type LogFields, silentLog } from '../../../../src/kernel/log.ts'

function captured() {
  const lines: Array<{ level: string; fields: LogFields; text: string }> = []
  const at = (level: string) => (fields: LogFields, text: string) => {
    lines.push({ level, fields, text })
  }
  const log: Log = {
    ...silentLog,
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
  }
  return { lines, log }
}

const entry = (message: string, extra: Record<string, unknown> = {}) => ({
  namespace: 'Connection',
  level: logLevel.ERROR,
  label: 'ERROR',
  log: { timestamp: 'now', message, ...extra },
})

test('all kafkajs lines are logged at debug, with their own level and namespace', () => {
  const { lines, log } = captured()
  createLogCreator(log)()(entry('Connection error', { broker: 'kafka:9092' }))
  assert.deepEqual(lines, [
    {
      level: 'debug',
      fields: {
        event: 'kafkajs.logged',
        namespace: 'Connection',
        kafkajsLevel: 'ERROR',
        broker: 'kafka:9092',
      },
      text: 'Connection error',
    },
  ])
})

test('objects that contain the configuration are left out; of an error only the message is kept', () => {
  const { lines, log } = captured()
  const secret = 'not-for-the-log'
  const error = Object.assign(new Error('refused'), { sasl: { password: secret } })
  const fields = { sasl: { password: secret }, ssl: { key: secret }, config: { secret }, error }
  createLogCreator(log)()(entry('x', { ...fields, payload: secret, stack: secret }))
  assert.ok(!JSON.stringify(lines).includes(secret))
  assert.equal(lines[0]?.fields['error'], 'refused')
})

test('the reason why a coordinator was not found is passed on; other errors are not', () => {
  const { log } = captured()
  const errors: Error[] = []
  const write = createLogCreator(log, (error) => errors.push(error))()
  const error = new Error('not authorized')
  write(entry('Tried to find group coordinator', { error }))
  write(entry('another line', { error: new Error('another') }))
  assert.deepEqual(errors, [error])
})
