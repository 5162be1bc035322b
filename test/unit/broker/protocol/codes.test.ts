import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import { code, errorName } from '../../../../src/broker/protocol/index.ts'

const { errorCodes }: { errorCodes: ReadonlyArray<{ type: string; code: number }> } = createRequire(
  import.meta.url,
)('kafkajs/src/protocol/error')

/** Kafka gave them other names since. */
const RENAMED: Readonly<Record<string, string>> = {
  UNKNOWN: 'UNKNOWN_SERVER_ERROR',
  NOT_LEADER_FOR_PARTITION: 'NOT_LEADER_OR_FOLLOWER',
  GROUP_LOAD_IN_PROGRESS: 'COORDINATOR_LOAD_IN_PROGRESS',
  GROUP_COORDINATOR_NOT_AVAILABLE: 'COORDINATOR_NOT_AVAILABLE',
  NOT_COORDINATOR_FOR_GROUP: 'NOT_COORDINATOR',
}

test('codes have the same names as in kafkajs, or newer ones', () => {
  assert.ok(errorCodes.length > 80)
  for (const { type, code: number } of errorCodes) {
    assert.equal(errorName(number), RENAMED[type] ?? type, String(number))
  }
})

test('any number has a name', () => {
  assert.equal(errorName(6), 'NOT_LEADER_OR_FOLLOWER')
  assert.equal(errorName(code.NONE), 'NONE')
  assert.equal(errorName(1000), 'ERROR_1000')
})
