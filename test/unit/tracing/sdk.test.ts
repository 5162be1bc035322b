import assert from 'node:assert/strict'
import test from 'node:test'
import { findSdk } from '../../../src/tracing/sdk.ts'
import { createTracing } from '../../../src/tracing/tracing.ts'
import { createCapturedLog } from '../../support/captured-log.ts'

const GLOBAL = Symbol.for('opentelemetry.js.api.1')
const config = { every: 1000, maxPerSecond: 100, parents: 'follow' } as const

test('without an SDK there is nothing to trace with, and no line about it', () => {
  const log = createCapturedLog()
  assert.deepEqual(findSdk(), { kind: 'none' })
  assert.equal(createTracing(config, log), null)
  assert.deepEqual(log.lines, [])
})

test('an SDK whose API is older than ours is refused in words', (t) => {
  Reflect.set(globalThis, GLOBAL, { version: '1.4.1', trace: {} })
  t.after(() => Reflect.deleteProperty(globalThis, GLOBAL))
  const log = createCapturedLog()
  assert.equal(createTracing(config, log), null)
  assert.match(JSON.stringify(log.lines), /tracing\.too-old.*1\.4\.1/)
})
