import assert from 'node:assert/strict'
import test from 'node:test'
import { effectiveSettings } from '../../../../src/config/load/effective.ts'
import { defaultMaxBytes } from '../../../../src/config/load/memory-limit.ts'
import { configOf, loadEnv, MIN } from '../support.ts'

const MIB = 1024 ** 2

test('the default is a quarter of the memory limit of the container', () => {
  assert.equal(defaultMaxBytes(512 * MIB, 8_192 * MIB), 128 * MIB)
  assert.equal(defaultMaxBytes(256 * MIB + 1, 8_192 * MIB), 64 * MIB)
})

test('the default without a memory limit is 128 MiB', () => {
  assert.equal(defaultMaxBytes(0, 8_192 * MIB), 128 * MIB)
  // Control groups report no limit as more than the memory of the machine.
  assert.equal(defaultMaxBytes(2 ** 63, 8_192 * MIB), 128 * MIB)
  assert.equal(defaultMaxBytes(8_192 * MIB, 8_192 * MIB), 128 * MIB)
})

test('the default is resolved when the configuration is loaded, and shown; a value of the user stays', () => {
  const shown = (env: Readonly<Record<string, string>>) => {
    const result = loadEnv(env)
    const config = configOf(result)
    assert.ok(result.ok)
    const setting = effectiveSettings(config, result.origins).find(
      ({ key }) => key === 'flow.maxBytes',
    )
    return [config.flow.maxBytes, setting?.value, setting?.origin]
  }
  const [bytes, , origin] = shown(MIN)
  assert.deepEqual([bytes, origin], [defaultMaxBytes(), 'default'])
  const own = shown({ ...MIN, OCC_FLOW_MAX_BYTES: '40MiB' })
  assert.deepEqual(own, [40 * MIB, '40MiB', 'OCC_FLOW_MAX_BYTES'])
})
