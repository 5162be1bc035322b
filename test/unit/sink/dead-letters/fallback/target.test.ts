import assert from 'node:assert/strict'
import test from 'node:test'
import { CodedError } from '../../../../../src/kernel/errors.ts'
import type { DeadLetter, DeadLetterTarget } from '../../../../../src/kernel/shapes/dead-letter.ts'
import { createFallbackTarget } from '../../../../../src/sink/dead-letters/fallback/target.ts'

const where = { topic: 't', partition: 0, offset: 1, timestamp: 0 }
const letter: DeadLetter = {
  record: { ...where, key: null, value: null, headers: undefined },
  error: new CodedError('OCC_HANDLER', 'x'),
  handler: null,
  attempts: 1,
  failedAt: 0,
  redrives: 0,
  group: 'g',
}

function targetOf(fails: () => `OCC_${string}` | null) {
  const kept: DeadLetter[] = []
  const target: DeadLetterTarget = {
    async keep(one) {
      const code = fails()
      if (code !== null) throw new CodedError(code, 'refused', { retriable: true })
      kept.push(one)
    },
    async check() {},
    async close() {},
  }
  return { target, kept }
}

test('only a fault of the letter itself sends it to the fallback, and that is reported', async () => {
  let code: `OCC_${string}` | null = null
  const first = targetOf(() => code)
  const second = targetOf(() => null)
  const told: unknown[] = []
  const target = createFallbackTarget(first.target, second.target, (_, reason) => told.push(reason))
  await target.keep(letter)
  for (code of ['OCC_BROKER_UNREACHABLE', 'OCC_POSTGRES', 'OCC_POSTGRES_READ_ONLY'] as const) {
    await assert.rejects(target.keep(letter), { code })
  }
  assert.deepEqual([first.kept.length, second.kept.length, told.length], [1, 0, 0])
  for (code of ['OCC_RECORD_TOO_LARGE', 'OCC_POSTGRES_VALUE'] as const) await target.keep(letter)
  assert.deepEqual([first.kept.length, second.kept.length], [1, 2])
  assert.match(String(told[0]), /refused/)
})

test('a letter that both refuse is not kept', async () => {
  const first = targetOf(() => 'OCC_RECORD_TOO_LARGE')
  const second = targetOf(() => 'OCC_DEAD_LETTERS_FULL')
  const target = createFallbackTarget(first.target, second.target, () => assert.fail('not kept'))
  await assert.rejects(target.keep(letter), { code: 'OCC_DEAD_LETTERS_FULL' })
})

test('the second is closed also if the first cannot be', async () => {
  const closed: string[] = []
  const first: DeadLetterTarget = {
    ...targetOf(() => null).target,
    async close() {
      closed.push('first')
      throw new CodedError('OCC_BROKER', 'the connection is gone')
    },
  }
  const second: DeadLetterTarget = {
    ...targetOf(() => null).target,
    async close() {
      closed.push('second')
    },
  }
  const target = createFallbackTarget(first, second, () => {})
  await assert.rejects(target.close(), { code: 'OCC_BROKER' })
  assert.deepEqual(closed, ['first', 'second'])
})
